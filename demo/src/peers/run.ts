/** A race on the visitor's own card: fetched, with the libraries that take part, when it is asked for. */
import { entries } from './entries.js';
import { makeProblem } from './problem.js';
import { Race, type RaceOptions, type Row } from './race.js';
import type { Machine } from './result.js';

/** Sizes for a card, and for a processor that plays one. */
const SIZES = {
  card: { batch: 512, particles: 1_000_000 },
  software: { batch: 128, particles: 512 },
} as const;
const TIMING = {
  card: { rounds: 9, repetition: 300 },
  software: { rounds: 3, repetition: 100 },
} as const;

export interface Outcome {
  readonly machine: Machine & { readonly software: boolean };
  readonly rows: readonly Row[];
}

/** @throws Error where there is no card, or where a library computes something else */
export async function raceHere(
  hidden: number,
  { say, signal }: Pick<RaceOptions, 'say' | 'signal'>,
): Promise<Outcome> {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter == null) throw new Error('there is no graphics card here any more');
  const { vendor, architecture, description, device, isFallbackAdapter } = adapter.info;
  const gpu = [vendor, architecture, description || device].filter((part) => part).join(' ');
  const software = isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|warp/i.test(gpu);
  const kind = software ? 'software' : 'card';
  const problem = makeProblem({ dim: 2, hidden, ...SIZES[kind] });
  const options = { ...TIMING[kind], train: true, sample: true, say, ...(signal ? { signal } : {}) };
  const rows = await new Race(entries, problem, options).run();
  const host =
    /(Firefox|Edg|Chrome|Version)\/[\d.]+/.exec(navigator.userAgent)?.[0].replace('/', ' ') ?? 'a browser';
  return { machine: { gpu, host, date: new Date().toISOString().slice(0, 10), software }, rows };
}
