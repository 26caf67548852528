/** Whole runs on a backend against the same runs in the float64 reference: errors that add up show here. */
import type { Backend } from '../backend/backend.js';
import { CpuBackend } from '../cpu/backend.js';
import { type Dataset, trainingSet } from '../data/dataset.js';
import { distributionByName } from '../data/registry.js';
import type { InterpolantRun } from '../families/interpolant/settings.js';
import { buildModel } from '../families/shape.js';
import { createTrainer } from '../run/create_trainer.js';
import { runConfig } from '../run/defaults.js';
import { type SamplingOptions, samplingTable } from '../samplers/plan.js';
import { Sampler } from '../samplers/sampler.js';
import type { StepRecord } from '../train/learner.js';
import type { VerifyRow } from './kernels.js';

/** Losses of training, step by step, relative. */
export const LOSS_BOUND = 1e-3;
/** End points of samplers, in units of the samples' root mean square. */
export const SAMPLE_BOUND = 1e-3;

export const TRAINING_STEPS = 200;
const SAMPLER_STEPS = 100;
const PARTICLES = 128;

/** Families that are trained, and whose networks are sampled. */
type Trained = 'stochastic-interpolant' | 'edm' | 'ot-cfm';

/** Trainings by their names in the report. */
const TRAININGS: readonly [string, Trained][] = [
  ['training', 'stochastic-interpolant'],
  ['training, ot coupling', 'ot-cfm'],
  ['training, edm', 'edm'],
];

/** A sampler's name in the report, whose network it takes, and how. Two networks have no fused kernel. */
const SAMPLERS: readonly [string, Trained, SamplingOptions][] = [
  ['sampler heun', 'stochastic-interpolant', { solver: 'heun' }],
  ['sampler euler-maruyama', 'stochastic-interpolant', { solver: 'euler-maruyama' }],
  ['fused sampler heun', 'ot-cfm', { solver: 'heun' }],
  ['sampler heun, guidance 2', 'stochastic-interpolant', { solver: 'heun', guidance: 2 }],
  ['fused sampler heun, guidance 2', 'ot-cfm', { solver: 'heun', guidance: 2 }],
  ['sampler edm-churn', 'edm', { solver: 'edm-churn', grid: 'karras' }],
  ['fused sampler edm-churn', 'edm', { solver: 'edm-churn', grid: 'karras' }],
  ['sampler dpm-solver++', 'edm', { solver: 'dpm-solver++', grid: 'karras' }],
];

/**
 * A training run of small size. The family `stochastic-interpolant` has both heads, labels, Fourier features and
 * antithetic pairs: every kernel of a training step but those of couplings, which `ot-cfm` has.
 */
export function smallRun(
  seed: number,
  family: Trained = 'stochastic-interpolant',
): { config: InterpolantRun; dataset: Dataset } {
  const dataset = trainingSet(distributionByName('moons'), 500, seed);
  const { name, dim, rows, classes } = dataset;
  const config = runConfig({
    family,
    data: { name, rows, dim, ambient: 0, classes, digest: '' },
    transform: { offset: [0, 0], scale: 1 },
    network: { hidden: 12, inner: 16, blocks: 1, pointFrequencies: 3, timeFrequencies: 2, labelWidth: 3 },
    optimizer: { warmup: 20 },
    // A step's exact assignment is one workgroup's work, slow where that is a processor's: few steps, and small ones.
    ...(family === 'ot-cfm' ? { steps: 50, batch: 16 } : { steps: TRAINING_STEPS, batch: 48 }),
    seed,
  });
  return { config, dataset };
}

type Parameters = ReadonlyMap<string, ArrayLike<number>>;

/** Trains a small run: the records of every step, and the parameters with the network's constants. */
async function trained(
  engine: Backend,
  seed: number,
  family: Trained,
): Promise<{ records: StepRecord[]; values: Parameters }> {
  const { config, dataset } = smallRun(seed, family);
  const trainer = await createTrainer(engine, config, dataset);
  try {
    const records = [...(await trainer.train(config.steps)), ...(await trainer.flush())];
    const { parameters } = await trainer.state();
    const constants = [...trainer.model.constants].map(([name, { values }]) => [name, values] as const);
    return { records, values: new Map<string, ArrayLike<number>>([...parameters, ...constants]) };
  } finally {
    trainer.destroy();
  }
}

async function sampled(
  engine: Backend,
  { config }: ReturnType<typeof smallRun>,
  options: SamplingOptions,
  values: Parameters,
  fused: boolean,
): Promise<Float64Array> {
  const table = samplingTable(config.settings, { steps: SAMPLER_STEPS, ...options });
  const model = buildModel(engine, config);
  let sampler: Sampler | undefined;
  try {
    model.load(values);
    sampler = await Sampler.create(engine, model, model.store, table, config.seed, PARTICLES, { fused });
    const labels = Uint32Array.from({ length: PARTICLES }, (_, i) => i % config.data.classes);
    return (await sampler.sample({ n: PARTICLES, labels })).points;
  } finally {
    sampler?.destroy();
    model.destroy();
  }
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
      const difference = Math.abs((a[i]?.losses[head] ?? Number.NaN) - loss);
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

/** Training in the same steps on both: how far the losses part, and the reference's parameters. */
async function trainingRow(
  backend: Backend,
  reference: Backend,
  seed: number,
  [name, family]: (typeof TRAININGS)[number],
): Promise<{ row: VerifyRow; values: Parameters }> {
  const expected = await trained(reference, seed, family);
  const start = performance.now();
  const got = await trained(backend, seed, family);
  const ms = performance.now() - start;
  const { relative, absolute } = lossDifference(got.records, expected.records);
  const shape = `${expected.records.length} steps, every loss`;
  return {
    row: row(name, shape, relative, LOSS_BOUND, absolute, ms),
    values: expected.values,
  };
}

/** The largest distance of a coordinate from the reference's, in units of the samples' root mean square. */
async function samplingRow(
  backend: Backend,
  reference: Backend,
  seed: number,
  [name, family, options]: (typeof SAMPLERS)[number],
  values: Parameters,
): Promise<VerifyRow> {
  const run = smallRun(seed, family);
  const truth = await sampled(reference, run, options, values, false);
  const start = performance.now();
  const points = await sampled(backend, run, options, values, name.startsWith('fused'));
  const ms = performance.now() - start;
  const { relative, absolute } = sampleDifference(points, truth);
  const size = `${SAMPLER_STEPS} steps, ${PARTICLES} particles`;
  return row(name, size, relative, SAMPLE_BOUND, absolute, ms);
}

/**
 * Training of three families from one seed, then 100 steps of ODE and SDE samplers from the reference's parameters.
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
  try {
    for (const one of TRAININGS) {
      const training = await trainingRow(backend, reference, seed, one);
      add(training.row);
      for (const sampler of SAMPLERS)
        if (sampler[1] === one[1]) add(await samplingRow(backend, reference, seed, sampler, training.values));
    }
    return rows;
  } finally {
    reference.destroy();
  }
}
