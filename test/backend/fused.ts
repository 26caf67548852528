/** The independent check of the fused sampler. */
import { expect } from 'vitest';
import type { Backend } from '../../src/backend/backend.js';
import type { DeviceArray } from '../../src/backend/kernel.js';
import { contractOf } from '../../src/backend/kernels.js';
import { Trace } from '../../src/backend/trace.js';
import { alike, Model } from '../../src/model/model.js';
import { Tape } from '../../src/nn/tape.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { solverByName } from '../../src/samplers/solvers.js';
import { solverTable, uniformGrid } from '../../src/samplers/table.js';
import { runKernel, upload } from './run.js';

const PARTICLES = 7;
const STEPS = 3;
const SIZES = { hidden: 9, inner: 14, blocks: 2, pointFrequencies: 4, timeFrequencies: 2, labelWidth: 3 };
/** Where the clock stands at the start: the step, and the first particle. */
const START = { step: 100, particle: 50 };
const SEED = 77;

/** The velocity by the layers' own kernels, at one time for all points. */
async function velocityOf(backend: Backend, model: Model, label: Uint32Array) {
  const { dim } = model.network;
  const allocate = (length: number) => backend.allocate(length, 'test');
  const [points, times, out] = [PARTICLES * dim, PARTICLES, PARTICLES * dim].map(allocate);
  const tape = new Tape(new Trace());
  const [x, t] = [tape.constant(points, PARTICLES, dim), tape.constant(times, PARTICLES, 1)];
  model.net('velocity').forward(tape, model.store, x, t, upload(backend, 'labels', label), out);
  const plan = await backend.compile(tape.trace, 'velocity');
  return async (time: number, at: Float64Array): Promise<Float64Array> => {
    backend.write(points, at);
    backend.write(times, new Float64Array(PARTICLES).fill(time));
    await plan.run(1);
    return Float64Array.from(await backend.read(out));
  };
}

/** Stages' times and weights, and the step's: Butcher tableaus, written out once more. */
const TABLEAUS = {
  euler: { a: [[]], b: [1], c: [0] },
  heun: { a: [[], [1]], b: [1 / 2, 1 / 2], c: [0, 1] },
  rk4: { a: [[], [1 / 2], [0, 1 / 2], [0, 0, 1]], b: [1 / 6, 1 / 3, 1 / 3, 1 / 6], c: [0, 1 / 2, 1 / 2, 1] },
  'euler-maruyama': { a: [[]], b: [1], c: [0] },
} as const;

/** Against the network as its own layers' kernels, and the solver by its Butcher tableau. */
export async function checkFusedSampler(backend: Backend): Promise<void> {
  for (const [name, classes, dim] of [
    ['heun', 3, 2],
    ['euler', 0, 4],
    ['rk4', 2, 1],
    ['euler-maruyama', 0, 2],
  ] as const) {
    const config = { ...SIZES, dim, outputs: dim, classes, pointFrequencyScale: 0.5 };
    const model = new Model(backend, alike(['velocity'], config), 5, false);
    const random = new CounterRandom(31, STREAM.test);
    // The output layer starts at zero: other values let everything be seen.
    const values = (await backend.read(model.store.values)).map((value, i) => value + 0.3 * random.normal(i));
    backend.write(model.store.values, values);
    const label = Uint32Array.from({ length: PARTICLES }, (_, i) => i % (classes + 1));
    const x = Float64Array.from({ length: PARTICLES * dim }, (_, i) => random.normal(i));
    const solver = solverByName(name);
    const { a, b, c } = TABLEAUS[name];
    const velocity = await velocityOf(backend, model, label);

    let y = x;
    const h = 1 / STEPS;
    for (let step = 0; step < STEPS; step++) {
      const t = step * h;
      const slopes: Float64Array[] = [];
      const moved = (weights: readonly number[]) =>
        y.map((value, i) => weights.reduce((sum, weight, s) => sum + h * weight * slopes[s][i], value));
      for (let s = 0; s < b.length; s++) slopes.push(await velocity(t + c[s] * h, moved(a[s])));
      if (solver.stochastic) {
        // dX = (b + ε s)dt + √(2ε)dW with ε = 1 − t, at most a quarter of the variance (1 − t)² a step, and
        // s = (t b − x)/(1 − t).
        const epsilon = Math.min(1 - t, (0.25 * (1 - t) ** 2) / h);
        const brownian = new CounterRandom(SEED, STREAM.brownian, START.step + step);
        const noise = (i: number) => Math.sqrt(2 * epsilon * h) * brownian.normal(START.particle * dim + i);
        const score = (value: number, i: number) => (t * slopes[0][i] - value) / (1 - t);
        y = y.map((value, i) => value + h * (slopes[0][i] + epsilon * score(value, i)) + noise(i));
      } else {
        y = moved(b);
      }
    }

    const table = solverTable(solver, uniformGrid(STEPS));
    const read = async (array: DeviceArray | null) =>
      array ? Float64Array.from(await backend.read(array)) : new Float64Array(1);
    const net = model.net('velocity');
    const result = await runKernel(
      backend,
      contractOf('fused_sampler'),
      {
        ...{ seedLow: SEED, seedHigh: 0, stream: STREAM.brownian, first: 0, n: PARTICLES, steps: STEPS },
        ...{ ...SIZES, dim, classes, stages: table.stages, stride: table.stride, unlabelled: 0 },
      },
      {
        clock: Uint32Array.of(START.step, 0, START.particle, 0),
        table: table.rows,
        parameters: await read(net.flat(model.store)),
        pointFrequency: await read(net.constant('point.frequency')),
        timeFrequency: await read(net.constant('time.frequency')),
        label,
        x,
      },
    );
    expect(Math.max(...result.x.map((value, i) => Math.abs(value - x[i])))).toBeGreaterThan(0.1);
    result.x.forEach((value, i) => expect(value).toBeCloseTo(y[i], 12));
  }
}
