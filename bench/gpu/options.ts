/** What `npm run bench:gpu -- …` may be told. */
import { parseArgs } from 'node:util';
import type { Sizes } from '../../demo/src/peers/problem.js';
import { KERNELS } from '../../src/backend/kernels.js';
import { badInput } from '../../src/errors.js';

export interface Options {
  readonly kernels: boolean;
  readonly dawn: boolean;
  readonly json: boolean;
  readonly rounds: number;
  readonly only: string | undefined;
  readonly hidden: readonly number[] | null;
  readonly particles: readonly number[] | null;
  readonly dim: readonly number[] | null;
}

const OPTIONS =
  'the options are --hidden, --particles, --dim, --only, --rounds, --json, --dawn and --kernels';

const WORKS = ['training', 'sampling'];

function whole(name: string, text: string, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > most)
    badInput(`--${name} is "${text}"; it must be a whole number from 1 to ${most}`);
  return value;
}

const list = (name: string, text: string | undefined, most: number): number[] | null =>
  text === undefined ? null : text.split(',').map((part) => whole(name, part.trim(), most));

/** @throws TributaryError('bad-input') with one line that says what is wrong and what would be right */
export function readOptions(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  let values: ReturnType<typeof parse>['values'];
  const parse = () =>
    parseArgs({
      args: [...args],
      options: {
        ...{ hidden: text, particles: text, dim: text, only: text, rounds: text },
        ...{ json: flag, dawn: flag, kernels: flag },
      },
    });
  try {
    ({ values } = parse());
  } catch (error) {
    return badInput(`${(error as Error).message.split('\n')[0]}: ${OPTIONS}`);
  }
  const { kernels, dawn, json, only } = values;
  if (only !== undefined && !kernels && !WORKS.includes(only))
    badInput(`--only is "${only}"; it must be training or sampling, or with --kernels a part of a name`);
  if (kernels && only !== undefined && !Object.keys(KERNELS).some((name) => name.includes(only)))
    badInput(
      `--only is "${only}", which is in no kernel's name; they are ${Object.keys(KERNELS).join(', ')}`,
    );
  const sizes = {
    hidden: list('hidden', values.hidden, 4096),
    particles: list('particles', values.particles, 1e9),
    dim: list('dim', values.dim, 65_536),
  };
  if (kernels && Object.values(sizes).some((size) => size !== null))
    badInput('--kernels has sizes of its own: leave --hidden, --particles and --dim out');
  const rounds = whole('rounds', values.rounds ?? '5', 1000);
  return { kernels, dawn, json, only, rounds, ...sizes };
}

export interface Task {
  readonly sizes: Sizes;
  readonly train: boolean;
  readonly sample: boolean;
}

const BATCH = 512;

/** The wide problem of the CPU benchmark, besides the plane's; without being asked, of one width. */
const WIDE = { dim: 9408, hidden: 512 };

/** @param software whether the adapter is a processor, which takes minutes for what a card does in moments */
export function tasksOf(options: Options, software: boolean): Task[] {
  const hidden = options.hidden ?? (software ? [64, 128] : [64, 128, 256, 512, 1024]);
  const particles = options.particles ?? (software ? [4000] : [1e4, 1e5, 1e6, 1e7]);
  const pairs = (options.dim ?? [2]).flatMap((dim) => hidden.map((width) => ({ dim, hidden: width })));
  if (!software && options.dim === null && options.hidden === null) pairs.push(WIDE);
  return pairs.flatMap((pair) =>
    particles
      .map((count, i) => ({
        sizes: { ...pair, batch: BATCH, particles: count },
        train: i === 0 && options.only !== 'sampling',
        sample: options.only !== 'training' && (pair !== WIDE || count <= 1e4),
      }))
      .filter(({ train, sample }) => train || sample),
  );
}
