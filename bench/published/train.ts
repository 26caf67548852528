/** One run at the table's setting: a 3×64 SELU network, AdamW, shuffled epochs of 10 000 points, Euler samples. */
import type { Backend } from '../../src/backend/backend.js';
import { CLOCK_LENGTH } from '../../src/backend/clock.js';
import { clockAdvance, SCHEDULE_COLUMNS } from '../../src/backend/contracts/optimizer.js';
import { Trace } from '../../src/backend/trace.js';
import { recordCoupling } from '../../src/interpolant/minibatch_coupling.js';
import { alike, Model } from '../../src/model/model.js';
import { squaredError } from '../../src/nn/ops/loss.js';
import { AdamW } from '../../src/nn/optimizer.js';
import { scheduleRows } from '../../src/nn/schedule.js';
import { Tape } from '../../src/nn/tape.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { Sampler } from '../../src/samplers/sampler.js';
import { solverByName } from '../../src/samplers/solvers.js';
import { solverTable, uniformGrid } from '../../src/samplers/table.js';
import type { Method } from './table.js';

export const POINTS = 10_000;
export const EULER_STEPS = 100;
const BATCH = 512;
const DIM = 2;
/** Full batches of an epoch: the rest is dropped, as theirs is. */
const BATCHES_AN_EPOCH = Math.floor(POINTS / BATCH);
/** σ of every method, theirs by default. */
const SIGMA = 0.1;
/** Pairs of a reflow, drawn once: as many as five epochs see. */
const REFLOW_PAIRS = 50_000;

const NETWORK = {
  activation: 'selu',
  dim: DIM,
  outputs: DIM,
  hidden: 64,
  inner: 64,
  blocks: 3,
  pointFrequencies: 0,
  pointFrequencyScale: 0,
  timeFrequencies: 0,
  classes: 0,
  labelWidth: 0,
} as const;

const OPTIMIZER = {
  learningRate: 1e-3,
  warmup: 0,
  decay: 'constant',
  beta1: 0.9,
  beta2: 0.999,
  eps: 1e-8,
  weightDecay: 1e-5,
  clip: 0,
  ema: 0,
} as const;

/** x_t and what the velocity is to predict there, from (x0, x1, z) at t. */
type Interpolant = (x0: number, x1: number, z: number, t: number) => readonly [x: number, target: number];

/** I-CFM and OT-CFM: Tong et al., arXiv 2302.00482, eqs. 14 and 15. */
const straight: Interpolant = (x0, x1, z, t) => [(1 - t) * x0 + t * x1 + SIGMA * z, x1 - x0];

const INTERPOLANTS: { readonly [M in Method]: Interpolant } = {
  'ot-cfm': straight,
  'i-cfm': straight,
  rf: straight,
  // Lipman et al., arXiv 2210.02747, eqs. 20 to 23.
  fm: (x0, x1, _, t) => [t * x1 + (1 - (1 - SIGMA) * t) * x0, x1 - (1 - SIGMA) * x0],
  // arXiv 2307.03672, eq. 8: the probability flow of the Brownian bridge.
  sf2m: (x0, x1, z, t) => {
    const root = Math.sqrt(t * (1 - t));
    return [(1 - t) * x0 + t * x1 + SIGMA * root * z, x1 - x0 + ((1 - 2 * t) / (2 * root)) * SIGMA * z];
  },
};

/** Moves points by the model's field, Euler's way, and keeps where they have been. */
async function integrate(engine: Backend, model: Model, start: Float64Array, frames: readonly number[]) {
  const table = solverTable(solverByName('euler'), uniformGrid(EULER_STEPS));
  const sampler = await Sampler.create(engine, model, model.store, table, 0);
  const samples = await sampler.sample({ n: start.length / DIM, start, frames });
  sampler.destroy();
  return samples;
}

/** A permutation of 0 … n − 1: Fisher and Yates, on counted random numbers. */
function shuffle(n: number, random: CounterRandom): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = random.integer(i, i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

const normals = (n: number, seed: number, stream: number, step: number) => {
  const random = new CounterRandom(seed, stream, step);
  return Float64Array.from({ length: n }, (_, i) => random.normal(i));
};

export interface Trained {
  /** [POINTS, 2] samples. */
  readonly points: Float64Array;
  /** E∫|v|²dt along their paths. */
  readonly pathEnergy: number;
  readonly seconds: number;
}

/**
 * @param data [POINTS, 2]
 * @param epochs 1000 in the table; a rectified flow spends the second half of them on its reflow
 */
export async function trainAndSample(
  engine: Backend,
  method: Method,
  data: Float64Array,
  seed: number,
  epochs: number,
): Promise<Trained> {
  const begin = performance.now();
  const model = new Model(engine, alike(['velocity'], NETWORK), seed, true);
  const optimizer = new AdamW(engine, model.store);
  const array = (length: number, label: string, dtype: 'float' | 'u32' = 'float') =>
    engine.allocate(length, label, dtype);
  const clock = array(CLOCK_LENGTH, 'clock', 'u32');
  const schedule = array(BATCHES_AN_EPOCH * SCHEDULE_COLUMNS, 'schedule');
  const [x, t, target] = [array(BATCH * DIM, 'x'), array(BATCH, 't'), array(BATCH * DIM, 'target')];
  const tape = new Tape(new Trace());
  const point = tape.constant(x, BATCH, DIM);
  const output = model.net('velocity').forward(tape, model.store, point, tape.constant(t, BATCH, 1), null);
  squaredError(tape, output, target, 1 / (BATCH * DIM));
  tape.backward();
  optimizer.record(tape.trace, clock, schedule, OPTIMIZER);
  tape.trace.call(clockAdvance, { clock }, { by: 1 });
  const step = await engine.compile(tape.trace, 'training step');

  // The exact coupling of a batch, where the method has one.
  const coupled = method === 'ot-cfm' || method === 'sf2m';
  const [draw, label] = [array(3 * BATCH, 'draws', 'u32'), array(POINTS, 'labels', 'u32')];
  const [points, pair] = [array(POINTS * DIM, 'points'), array(BATCH, 'pairs', 'u32')];
  engine.write(points, data);
  const coupling = new Trace();
  recordCoupling(
    coupling,
    { kind: 'ot', withinClass: false },
    { seed, draws: BATCH, dim: DIM, rows: POINTS, sourceRows: 0, antithetic: false },
    { clock, data: points, label, draw },
    pair,
  );
  const couple = await engine.compile(coupling, 'coupling');

  const interpolant = INTERPOLANTS[method];
  const total = epochs * BATCHES_AN_EPOCH;
  let reflow: { readonly from: Float64Array; readonly to: Float64Array } | null = null;
  const [xs, times, targets] = [BATCH * DIM, BATCH, BATCH * DIM].map((n) => new Float64Array(n));
  for (let epoch = 0; epoch < epochs; epoch++) {
    if (method === 'rf' && epoch === Math.ceil(epochs / 2)) {
      const from = normals(REFLOW_PAIRS * DIM, seed, STREAM.start, 1);
      reflow = { from, to: (await integrate(engine, model, from, [])).points };
    }
    const order = shuffle(POINTS, new CounterRandom(seed, STREAM.batchIndex, epoch));
    const first = epoch * BATCHES_AN_EPOCH;
    engine.write(schedule, scheduleRows(OPTIMIZER, first, BATCHES_AN_EPOCH, total));
    for (let batch = 0; batch < BATCHES_AN_EPOCH; batch++) {
      const at = first + batch;
      engine.write(clock, [at, batch, 0, 0]);
      const rows = order.subarray(batch * BATCH, (batch + 1) * BATCH);
      let pairs: ArrayLike<number> | null = null;
      if (coupled) {
        engine.write(
          draw,
          Uint32Array.from(
            { length: 3 * BATCH },
            (_, i) => [rows[Math.floor(i / 3)], Math.floor(i / 3), 0][i % 3],
          ),
        );
        await couple.run(1);
        pairs = await engine.read(pair);
      }
      const bases = new CounterRandom(seed, STREAM.base, at);
      const latents = new CounterRandom(seed, STREAM.latent, at);
      const uniforms = new CounterRandom(seed, STREAM.time, at);
      for (let b = 0; b < BATCH; b++) {
        times[b] = uniforms.uniform(b);
        const which = reflow ? bases.integer(b, REFLOW_PAIRS) : 0;
        for (let j = 0; j < DIM; j++) {
          const x0 = reflow ? reflow.from[which * DIM + j] : bases.normal((pairs?.[b] ?? b) * DIM + j);
          const x1 = reflow ? reflow.to[which * DIM + j] : data[rows[b] * DIM + j];
          const i = b * DIM + j;
          [xs[i], targets[i]] = interpolant(x0, x1, latents.normal(i), times[b]);
        }
      }
      engine.write(x, xs);
      engine.write(t, times);
      engine.write(target, targets);
      await step.run(1);
    }
  }
  const start = normals(POINTS * DIM, seed, STREAM.start, 0);
  const frames = Array.from({ length: EULER_STEPS + 1 }, (_, k) => k);
  const samples = await integrate(engine, model, start, frames);
  let energy = 0;
  for (let k = 0; k < EULER_STEPS; k++) {
    const [before, after] = [samples.frames[k], samples.frames[k + 1]];
    for (let i = 0; i < before.length; i++) energy += (after[i] - before[i]) ** 2 * EULER_STEPS;
  }
  for (const plan of [step, couple]) plan.destroy();
  for (const one of [clock, schedule, x, t, target, draw, label, points, pair]) engine.free(one);
  optimizer.destroy();
  model.destroy();
  return {
    points: samples.points,
    pathEnergy: energy / POINTS,
    seconds: (performance.now() - begin) / 1000,
  };
}
