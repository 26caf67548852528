/** Couplings as a training step records them: a permutation of least cost, or draws from the entropic plan. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backend/backend.js';
import { CLOCK_LENGTH } from '../../src/backend/clock.js';
import { FORBIDDEN_COST } from '../../src/backend/contracts/coupling.js';
import { Trace } from '../../src/backend/trace.js';
import { CpuBackend } from '../../src/cpu/backend.js';
import { SimdBackend } from '../../src/cpu/simd/backend.js';
import { distributionByName } from '../../src/data/registry.js';
import { type CouplingConfig, checkCoupling, recordCoupling } from '../../src/nn/coupling.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { assignWhole } from '../../src/transport/quantise.js';
import { expectPermutation } from '../backend/coupling.js';

const ROWS = 400;
const SOURCE_ROWS = 300;
const SEED = 21;
const OT: CouplingConfig = { kind: 'ot', withinClass: false };

let simd: SimdBackend;
const reference = new CpuBackend('f64');
beforeAll(async () => {
  simd = await SimdBackend.create({ threads: 2 });
});
afterAll(() => {
  simd.destroy();
  reference.destroy();
});

/** Points of ρ1 with labels, then points of ρ0. */
const target = distributionByName('8gaussians').sample(ROWS, 5);
const source = distributionByName('moons').sample(SOURCE_ROWS, 6).points;

interface Batch {
  readonly pair: ArrayLike<number>;
  readonly x0: Float64Array;
  readonly x1: Float64Array;
  readonly labels: number[];
}

/** The coupling of one batch, and its ends computed here. */
async function couple(
  backend: Backend,
  config: CouplingConfig,
  { draws = 60, step = 0, sourceRows = 0, antithetic = false } = {},
): Promise<Batch> {
  const random = new CounterRandom(SEED, STREAM.test, step);
  const rows = Array.from({ length: draws }, (_, k) => random.integer(2 * k, ROWS));
  const bases = Array.from({ length: draws }, (_, k) =>
    sourceRows ? ROWS + random.integer(2 * k + 1, SOURCE_ROWS) : 1000 * step + k,
  );
  const table = rows.flatMap((row, k) => new Array(antithetic ? 2 : 1).fill([row, bases[k], 0]).flat());
  const points = [...target.points, ...source];
  const allocate = (values: ArrayLike<number>, dtype: 'float' | 'u32') => {
    const array = backend.allocate(values.length, 'test', dtype);
    backend.write(array, values);
    return array;
  };
  const trace = new Trace();
  const clock = new Array(CLOCK_LENGTH).fill(0).map((_, i) => (i === 0 ? step : 0));
  const arrays = {
    clock: allocate(clock, 'u32'),
    data: allocate(points, 'float'),
    label: allocate(target.labels, 'u32'),
    draw: allocate(table, 'u32'),
  };
  const sizes = { seed: SEED, draws, dim: 2, rows: ROWS, sourceRows, antithetic };
  const pair = backend.allocate(draws, 'pairs', 'u32');
  recordCoupling(trace, config, sizes, arrays, pair);
  const plan = await backend.compile(trace, 'coupling');
  await plan.run(1);
  const normals = new CounterRandom(SEED, STREAM.base, step);
  const x0 = Float64Array.from({ length: 2 * draws }, (_, at) => {
    const base = bases[at >> 1];
    return sourceRows ? points[2 * base + (at % 2)] : normals.normal(2 * base + (at % 2));
  });
  const x1 = Float64Array.from({ length: 2 * draws }, (_, at) => points[2 * rows[at >> 1] + (at % 2)]);
  const result = { pair: await backend.read(pair), x0, x1, labels: rows.map((row) => target.labels[row]) };
  plan.destroy();
  for (const array of [...Object.values(arrays), pair]) backend.free(array);
  return result;
}

const square = ({ x0, x1 }: Batch, j: number, i: number) =>
  (x1[2 * j] - x0[2 * i]) ** 2 + (x1[2 * j + 1] - x0[2 * i + 1]) ** 2;

const meanCost = (batch: Batch) => {
  let sum = 0;
  for (let j = 0; j < batch.pair.length; j++) sum += square(batch, j, batch.pair[j]);
  return sum / batch.pair.length;
};

/**
 * The lower bound on the mean cost that prices of the bases prove: Σ_i v_i + Σ_j min_i(c_ji − v_i) is below the cost
 * of every permutation (linear programming duality).
 */
function dualBound(batch: Batch, price: ArrayLike<number>): number {
  const n = batch.pair.length;
  let bound = 0;
  for (let j = 0; j < n; j++) {
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < n; i++) least = Math.min(least, square(batch, j, i) - price[i]);
    bound += least + price[j];
  }
  return bound / n;
}

describe('optimal transport of a batch', () => {
  it.each([
    [{}],
    [{ sourceRows: SOURCE_ROWS }],
    [{ draws: 301, step: 3 }],
    [{ draws: 130, antithetic: true, sourceRows: SOURCE_ROWS }],
  ])('%j is a permutation that its dual proves to be best, on both CPU backends', async (options) => {
    const batch = await couple(simd, OT, options);
    expectPermutation(batch.pair);
    // A point that was drawn twice may change places with itself, so that only costs can be compared.
    const other = await couple(reference, OT, options);
    expectPermutation(other.pair);
    expect(meanCost(other)).toBeCloseTo(meanCost(batch), 5);
    const n = batch.pair.length;
    const costs = Float64Array.from({ length: n * n }, (_, at) => square(batch, Math.floor(at / n), at % n));
    const bound = dualBound(batch, assignWhole(costs, n, FORBIDDEN_COST).price);
    expect(meanCost(batch)).toBeLessThan(bound + 1e-5);
    // A dual that proves nothing would show: the independent coupling is far above the bound.
    expect(meanCost({ ...batch, pair: Array.from({ length: n }, (_, k) => k) })).toBeGreaterThan(
      1.05 * bound,
    );
  });

  it('keeps labels together, at the least cost of each class on its own', async () => {
    const batch = await couple(simd, { kind: 'ot', withinClass: true }, { draws: 200 });
    expectPermutation(batch.pair);
    Array.from(batch.pair).forEach((i, j) => expect(batch.labels[i]).toBe(batch.labels[j]));
    for (let label = 0; label < 8; label++) {
      const own = batch.labels.flatMap((other, k) => (other === label ? [k] : []));
      const costs = own.flatMap((j) => own.map((i) => square(batch, j, i)));
      const { columnOf } = assignWhole(costs, own.length, FORBIDDEN_COST);
      const best = own.reduce((sum, j, at) => sum + square(batch, j, own[columnOf[at]]), 0);
      const got = own.reduce((sum, j) => sum + square(batch, j, batch.pair[j]), 0);
      expect(got).toBeCloseTo(best, 3);
    }
    expect(meanCost(batch)).toBeGreaterThan(meanCost(await couple(simd, OT, { draws: 200 })));
  });
});

describe('entropic transport of a batch', () => {
  const sinkhorn = (regularisation: number, iterations: number): CouplingConfig => ({
    kind: 'sinkhorn',
    regularisation,
    iterations,
    withinClass: false,
  });

  it('approaches the exact cost as ε falls and the independent one as it grows', async () => {
    const exact = meanCost(await couple(simd, OT));
    const costs: number[] = [];
    for (const epsilon of [0.02, 0.5, 5, 1e4])
      costs.push(meanCost(await couple(simd, sinkhorn(epsilon, 400))));
    // Not quite a permutation, so that it may cost a little less.
    expect(Math.abs(costs[0] / exact - 1)).toBeLessThan(0.05);
    expect(costs[1]).toBeLessThan(costs[2]);
    expect(costs[2]).toBeLessThan(costs[3]);
    const batch = await couple(simd, OT);
    let all = 0;
    for (let j = 0; j < 60; j++) for (let i = 0; i < 60; i++) all += square(batch, j, i) / 3600;
    expect(Math.abs(costs[3] / all - 1)).toBeLessThan(0.2);
  });

  it('draws every base equally often', async () => {
    const draws = 16;
    const counts = new Array(draws).fill(0);
    // One batch, drawn from with many random numbers: the bases’ marginal is 1/n.
    const steps = 150;
    for (let step = 0; step < steps; step++) {
      const { pair } = await couple(simd, sinkhorn(0.5, 100), { draws, step });
      for (const i of Array.from(pair)) counts[i]++;
    }
    for (const count of counts) {
      expect(Math.abs(count / (steps * draws) - 1 / draws)).toBeLessThan(
        4 * Math.sqrt(1 / draws / (steps * draws)),
      );
    }
  });

  it('pairs within a class too', async () => {
    const batch = await couple(simd, { ...sinkhorn(2, 50), withinClass: true }, { draws: 200 });
    Array.from(batch.pair).forEach((i, j) => expect(batch.labels[i]).toBe(batch.labels[j]));
  });
});

it('says what is wrong with a coupling', () => {
  const check =
    (config: object, draws = 10) =>
    () =>
      checkCoupling({ ...OT, ...config } as CouplingConfig, draws);
  expect(check({ kind: 'exact' })).toThrow('coupling kind is "exact"; it must be "ot" or "sinkhorn"');
  expect(check({ withinClass: 1 })).toThrow('withinClass is 1; it must be true or false');
  expect(check({}, 40_000)).toThrow('40000 draws is too large to couple; 32768 is the most');
  expect(check({ kind: 'sinkhorn' })).toThrow('regularisation is undefined; it must be above 0');
  expect(check({ kind: 'sinkhorn', regularisation: 1, iterations: 0.5 })).toThrow('from 1 to 10000');
  expect(check({ kind: 'sinkhorn', regularisation: 1, iterations: 5 })).not.toThrow();
});
