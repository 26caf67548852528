import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { familyByName, interpolantNames } from '../../src/families/registry.js';
import { decodeNpy } from '../../src/formats/npy.js';
import { decodeSafetensors } from '../../src/formats/safetensors.js';

/** What a run's numbers are, to the bit: SHA-256 of each tensor, of its samples and of their log density. */
export type Digests = Readonly<Record<string, string>>;

export const KINDS = {
  plain: { train: [], sample: [] },
  conditional: { train: ['--conditional'], sample: ['--guidance', '1.5'] },
} as const;

const DATA = ['--data', '8gaussians', '--rows', '200', '--seed', '7'];
const NETWORK = ['--steps', '200', '--batch', '32', '--hidden', '8', '--inner', '12', '--blocks', '1'];

/** What is fitted at once takes no steps of a network. */
const trainingOf = (family: string): string[] =>
  familyByName(family).group === 'baseline' ? DATA : [...DATA, ...NETWORK];

const digest = (shape: readonly number[], values: ArrayBufferView): string =>
  createHash('sha256')
    .update(`[${shape.join(', ')}] `)
    .update(Buffer.from(values.buffer, values.byteOffset, values.byteLength))
    .digest('hex')
    .slice(0, 16);

function tensorsOf(file: string): Record<string, string> {
  const { tensors } = decodeSafetensors(readFileSync(file), file);
  const named = [...tensors].map(([name, { shape, data }]) => [name, digest(shape, data)] as const);
  return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function pointsOf(file: string): string {
  const { shape, data } = decodeNpy(readFileSync(file), file);
  return digest(shape, data as ArrayBufferView);
}

/**
 * Samples of a run, and log p of points, by the command line alone: no name of the inside is in the way of a rebuild.
 * @param run executes a command and throws where it fails
 */
export async function digestsOfSamples(
  run: (words: readonly string[]) => Promise<void>,
  folder: string,
  into: string,
  guidance: readonly string[],
): Promise<Digests> {
  const [samples, density] = [join(into, 'samples.npy'), join(into, 'density.npy')];
  await run(['sample', folder, '--n', '48', '--seed', '3', '--out', samples, ...guidance]);
  const { family } = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
  const { group, likelihood } = familyByName(family);
  if (Object.keys(likelihood).length === 0) return { samples: pointsOf(samples) };
  const steps = group === 'baseline' ? [] : ['--steps', '4'];
  await run(['likelihood', folder, '--n', '12', ...steps, '--out', density]);
  return { samples: pointsOf(samples), 'log p': pointsOf(density) };
}

/** Trains a family as every golden run is, and says what came of it. */
export async function digestsOfTraining(
  run: (words: readonly string[]) => Promise<void>,
  family: string,
  kind: keyof typeof KINDS,
  backend: readonly string[] = [],
): Promise<Digests> {
  const folder = await mkdtemp(join(tmpdir(), 'golden-'));
  try {
    const out = join(folder, 'run');
    const { train, sample } = KINDS[kind];
    await run(['train', '--family', family, ...trainingOf(family), ...train, ...backend, '--out', out]);
    return {
      // Guidance is the networks' along a path.
      ...(await digestsOfSamples(
        (words) => run([...words, ...backend]),
        out,
        folder,
        interpolantNames.includes(family) ? sample : [],
      )),
      ...tensorsOf(join(out, 'model.safetensors')),
      ...tensorsOf(join(out, 'optimizer.safetensors')),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}
