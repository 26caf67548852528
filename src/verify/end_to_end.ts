/** Whole runs on a backend against the same runs in the float64 reference: errors that add up show here. */
import type { Backend } from '../backend/backend.js';
import { CpuBackend } from '../cpu/backend.js';
import { type Dataset, trainingSet } from '../data/dataset.js';
import { distributionByName } from '../data/registry.js';
import { Model } from '../families/model.js';
import { samplingTable } from '../samplers/plan.js';
import { Sampler } from '../samplers/sampler.js';
import type { RunConfig } from '../train/config.js';
import { runConfig } from '../train/defaults.js';
import { type StepRecord, Trainer } from '../train/trainer.js';
import type { VerifyRow } from './kernels.js';

/** Losses of training, step by step, relative. */
export const LOSS_BOUND = 1e-3;
/** End points of samplers, in units of the samples' root mean square. */
export const SAMPLE_BOUND = 1e-3;

export const TRAINING_STEPS = 200;
const SAMPLER_STEPS = 100;
const PARTICLES = 128;

/** A sampler's name in the report, and its solver. The SDE of two networks has no fused kernel. */
const SAMPLERS = [
  ['sampler heun', 'heun'],
  ['sampler euler-maruyama', 'euler-maruyama'],
  ['fused sampler heun', 'heun'],
] as const;

/** Both heads, labels, Fourier features, antithetic pairs: every kernel of a training step, at a small size. */
export function smallRun(seed: number): { config: RunConfig; dataset: Dataset } {
  const dataset = trainingSet(distributionByName('moons'), 500, seed);
  const { name, dim, rows, classes } = dataset;
  const config = runConfig({
    family: 'stochastic-interpolant',
    data: { name, rows, dim, ambient: 0, classes, digest: '' },
    transform: { offset: [0, 0], scale: 1 },
    network: { hidden: 12, inner: 16, blocks: 1, pointFrequencies: 3, timeFrequencies: 2, labelWidth: 3 },
    optimizer: { warmup: 20 },
    steps: TRAINING_STEPS,
    batch: 48,
    seed,
  });
  return { config, dataset };
}

type Parameters = ReadonlyMap<string, ArrayLike<number>>;

/** Trains the small run: the records of every step, and the parameters with the network's constants. */
async function trained(
  engine: Backend,
  seed: number,
): Promise<{ records: StepRecord[]; values: Parameters }> {
  const { config, dataset } = smallRun(seed);
  const trainer = await Trainer.create(engine, config, dataset);
  const records = [...(await trainer.train(config.steps)), ...(await trainer.flush())];
  const { parameters } = await trainer.state();
  const constants = [...trainer.model.constants].map(([name, { values }]) => [name, values] as const);
  trainer.destroy();
  return { records, values: new Map<string, ArrayLike<number>>([...parameters, ...constants]) };
}

async function sampled(
  engine: Backend,
  seed: number,
  solver: string,
  values: Parameters,
  fused: boolean,
): Promise<Float64Array> {
  const { config } = smallRun(seed);
  const table = samplingTable(config.interpolant, { solver, steps: SAMPLER_STEPS });
  const model = new Model(engine, config.interpolant.heads, config.network, seed, false);
  model.load(values);
  const sampler = await Sampler.create(engine, model, model.store, table, seed, PARTICLES, { fused });
  const labels = Uint32Array.from({ length: PARTICLES }, (_, i) => i % config.data.classes);
  const { points } = await sampler.sample({ n: PARTICLES, labels });
  sampler.destroy();
  model.destroy();
  return points;
}

export function row(
  kernel: string,
  shape: string,
  error: number,
  bound: number,
  maxAbsolute: number,
  ms: number,
) {
  return { kernel, shape, error, bound, maxAbsolute, ms, ok: error <= bound };
}

/** The largest difference of two runs' losses: relative to the second's, and absolute. */
export function lossDifference(a: readonly StepRecord[], b: readonly StepRecord[]) {
  let relative = a.length === b.length ? 0 : Number.POSITIVE_INFINITY;
  let absolute = relative;
  b.forEach(({ losses }, i) => {
    for (const [head, loss] of Object.entries(losses)) {
      const difference = Math.abs((a[i]?.losses[head as keyof typeof losses] ?? Number.NaN) - loss);
      const error = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
      relative = Math.max(relative, error / Math.abs(loss));
      absolute = Math.max(absolute, error);
    }
  });
  return { relative, absolute };
}

/** The largest distance of two samplers' end points: in units of the second's root mean square, and absolute. */
export function sampleDifference(points: Float64Array, truth: Float64Array) {
  const scale = Math.sqrt(truth.reduce((sum, value) => sum + value * value, 0) / truth.length);
  const absolute = truth.reduce((most, value, i) => {
    const distance = Math.abs(points[i] - value);
    return Number.isNaN(distance) ? Number.POSITIVE_INFINITY : Math.max(most, distance);
  }, 0);
  return { relative: absolute / scale, absolute };
}

/**
 * 200 training steps from one seed, then 100 steps of an ODE and of an SDE sampler from the reference's
 * parameters.
 */
export async function verifyRuns(options: {
  backend: Backend;
  seed: number;
  onRow?(row: VerifyRow): void;
}): Promise<VerifyRow[]> {
  const { backend, seed, onRow } = options;
  const rows: VerifyRow[] = [];
  const add = (one: VerifyRow) => {
    rows.push(one);
    onRow?.(one);
  };
  const reference = new CpuBackend('f64');
  const expected = await trained(reference, seed);
  let start = performance.now();
  const got = await trained(backend, seed);
  const { relative, absolute } = lossDifference(got.records, expected.records);
  const shape = `${TRAINING_STEPS} steps, every loss`;
  add(row('training', shape, relative, LOSS_BOUND, absolute, performance.now() - start));
  for (const [name, solver] of SAMPLERS) {
    const fused = name.startsWith('fused');
    const truth = await sampled(reference, seed, solver, expected.values, false);
    start = performance.now();
    const points = await sampled(backend, seed, solver, expected.values, fused);
    const ms = performance.now() - start;
    const { relative, absolute } = sampleDifference(points, truth);
    const size = `${SAMPLER_STEPS} steps, ${PARTICLES} particles`;
    add(row(name, size, relative, SAMPLE_BOUND, absolute, ms));
  }
  reference.destroy();
  return rows;
}
