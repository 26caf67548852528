/** What every system of the CPU benchmark solves: one network, one batch, one start, written to files. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KernelProfile } from '../../src/backend/backend.js';
import type { MlpConfig } from '../../src/nn/mlp.js';
import { mlpParameters } from '../../src/nn/mlp_parameters.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';

export interface Problem {
  readonly name: string;
  readonly dim: number;
  readonly hidden: number;
  readonly inner: number;
  readonly batch: number;
  /** Particles of a sampling step, 0 for none. */
  readonly particles: number;
  readonly learningRate: number;
  readonly parameters: readonly { readonly name: string; readonly shape: readonly number[] }[];
}

/** A problem with its numbers: parameters in order, then the inputs (x, t) [batch, dim + 1], then the targets. */
export interface LoadedProblem extends Problem {
  readonly values: ReadonlyMap<string, Float32Array>;
  readonly input: Float32Array;
  readonly target: Float32Array;
}

export function networkOf({ dim, hidden, inner }: Problem): MlpConfig {
  return {
    dim,
    outputs: dim,
    hidden,
    inner,
    blocks: 2,
    pointFrequencies: 0,
    pointFrequencyScale: 0,
    timeFrequencies: 0,
    classes: 0,
    labelWidth: 0,
  };
}

/** Multiply-adds count as two; the first layer has no gradient to its input, which is left out of the sum. */
export function flopsPerRow({ dim, hidden, inner }: Problem): number {
  return 2 * ((dim + 1) * hidden + 2 * 3 * hidden * inner + hidden * dim);
}

export const PROBLEMS = {
  standard: { dim: 2, hidden: 128, inner: 256, batch: 1000, particles: 100_000 },
  wide: { dim: 9408, hidden: 512, inner: 1024, batch: 384, particles: 0 },
} as const;

/** Writes a problem to `dir`: problem.json and problem.bin (float32). */
export function writeProblem(dir: string, name: keyof typeof PROBLEMS): Problem {
  const sizes = { name, ...PROBLEMS[name], learningRate: 1e-3 };
  const specs = mlpParameters(networkOf({ ...sizes, parameters: [] }), 1, 0);
  const problem: Problem = { ...sizes, parameters: specs.map(({ name, shape }) => ({ name, shape })) };
  const random = new CounterRandom(5, STREAM.test);
  const { batch, dim } = problem;
  const input = Float32Array.from({ length: batch * (dim + 1) }, (_, i) =>
    i % (dim + 1) === dim ? random.uniform(4 * i) : random.normal(i),
  );
  const target = Float32Array.from({ length: batch * dim }, (_, i) => {
    const b = Math.floor(i / dim);
    return Math.sin(2 * input[b * (dim + 1) + (i % dim)]) + input[b * (dim + 1) + dim];
  });
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'problem.json'), JSON.stringify(problem));
  const parts = [...specs.map(({ initial }) => Float32Array.from(initial)), input, target];
  writeFileSync(join(dir, 'problem.bin'), Buffer.concat(parts.map((part) => Buffer.from(part.buffer))));
  return problem;
}

export function readProblem(dir: string): LoadedProblem {
  const problem = JSON.parse(readFileSync(join(dir, 'problem.json'), 'utf8')) as Problem;
  const bytes = readFileSync(join(dir, 'problem.bin'));
  const all = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  let at = 0;
  const take = (count: number) => {
    at += count;
    return all.slice(at - count, at);
  };
  const values = new Map(
    problem.parameters.map(({ name, shape }) => [name, take(shape.reduce((a, b) => a * b, 1))]),
  );
  const { batch, dim } = problem;
  return { ...problem, values, input: take(batch * (dim + 1)), target: take(batch * dim) };
}

/** One system on one problem. Times are in milliseconds, without setting up, compiling and reading back. */
export interface System {
  readonly version: string;
  /** Takes training steps on the fixed batch. */
  train(steps: number): Promise<number>;
  /** The loss that the last training step started from. */
  loss(): Promise<number>;
  /** Time by kernel, where it is measured. */
  profile?(): readonly KernelProfile[];
  /** One Euler step of all particles. */
  sample(): Promise<number>;
}
