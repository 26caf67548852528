/** Couplings as a training step records them: a permutation of least cost, or draws from the entropic plan. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backend/backend.js';
import { CLOCK_LENGTH } from '../../src/backend/clock.js';
import { FORBIDDEN_COST } from '../../src/backend/contracts/coupling.js';
import { reduceSum } from '../../src/backend/contracts/loss.js';
import { Holdings } from '../../src/backend/holdings.js';
import type { DeviceArray } from '../../src/backend/kernel.js';
import { Trace } from '../../src/backend/trace.js';
import { CpuBackend } from '../../src/cpu/backend.js';
import { SimdBackend } from '../../src/cpu/simd/backend.js';
import { distributionByName } from '../../src/data/registry.js';
import { DEFAULT_INTERPOLANT } from '../../src/interpolant/config.js';
import {
  type CouplingConfig,
  checkCoupling,
  MARGINAL_TOLERANCE,
  recordCoupling,
  recordSinkhorn,
  scalingStages,
} from '../../src/interpolant/minibatch_coupling.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { assignWhole } from '../../src/transport/quantise.js';
import { expectPermutation } from '../backend/coupling.js';

const ROWS = 400;
const SOURCE_ROWS = 300;
const SEED = 21;
const OT: CouplingConfig = { kind: 'ot', withinClass: false };

let simd: SimdBackend;
const reference = new CpuBackend('f64');
/** The reference's operations on float32. */
const single = new CpuBackend('f32');
beforeAll(async () => {
  simd = await SimdBackend.create({ threads: 2 });
});
afterAll(() => {
  simd.destroy();
  reference.destroy();
  single.destroy();
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
  const sizes = { seed: SEED, draws, dim: 2, rows: ROWS, sourceRows, antithetic, costScale: 29 };
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

/** Squared distances [draws, draws] of points of a distribution and standard normals, and their mean. */
function costsOf(name: string, draws: number): { cost: Float64Array; mean: number } {
  const { points } = distributionByName(name).sample(draws, 3);
  const normals = new CounterRandom(SEED, STREAM.test, 77);
  const cost = Float64Array.from({ length: draws * draws }, (_, at) => {
    const [j, i] = [Math.floor(at / draws), at % draws];
    return Math.fround(
      (points[2 * j] - normals.normal(2 * i)) ** 2 + (points[2 * j + 1] - normals.normal(2 * i + 1)) ** 2,
    );
  });
  return { cost, mean: cost.reduce((sum, value) => sum + value, 0) / cost.length };
}

/** The potentials of a plan as recorded for a step, and the error that is reported with them. */
async function entropic(
  backend: Backend,
  cost: Float64Array,
  draws: number,
  regularisation: number,
  costScale: number,
  iterations = DEFAULT_INTERPOLANT.couplingIterations,
): Promise<{ potential: ArrayLike<number>; error: number }> {
  const held = new Holdings(backend);
  try {
    const costs = held.allocate(cost.length, 'costs');
    backend.write(costs, cost);
    const trace = new Trace();
    const config = { kind: 'sinkhorn', regularisation, iterations, withinClass: false } as const;
    const recorded = recordSinkhorn(trace, config, { draws, costScale }, { cost: costs, unread: costs });
    const [potential, error] = [held.allocate(draws, 'potential'), held.allocate(1, 'error')];
    // Both are temporary: kept by sums over single numbers.
    const clock = held.allocate(CLOCK_LENGTH, 'clock', 'u32');
    const keep = (x: DeviceArray, out: DeviceArray) =>
      trace.call(reduceSum, { clock, x, out }, { n: x.length, chunk: 1, power: 1, history: 0 });
    keep(recorded.potential, potential);
    keep(recorded.marginalError, error);
    const plan = await held.compile(trace, 'entropic plan');
    await plan.run(1);
    const values = Float64Array.from(await backend.read(potential));
    return { potential: values, error: (await backend.read(error))[0] };
  } finally {
    held.release();
  }
}

/** The plan [draws, draws] of the bases' potentials, its rows made right, and how far its columns are off. */
function planOf(potential: ArrayLike<number>, cost: Float64Array, draws: number, epsilon: number) {
  const plan = new Float64Array(draws * draws);
  const columns = new Float64Array(draws);
  for (let j = 0; j < draws; j++) {
    const exponents = Array.from({ length: draws }, (_, i) => (potential[i] - cost[j * draws + i]) / epsilon);
    const largest = exponents.reduce((a, b) => Math.max(a, b));
    const total = exponents.reduce((sum, value) => sum + Math.exp(value - largest), 0);
    exponents.forEach((value, i) => {
      plan[j * draws + i] = Math.exp(value - largest) / total / draws;
      columns[i] += plan[j * draws + i];
    });
  }
  return { plan, marginal: columns.reduce((sum, column) => sum + Math.abs(column - 1 / draws) / 2, 0) };
}

/**
 * The bases' potentials of the entropic plan in float64 by another method: Newton's on the dual, which is concave, with
 * the plan's own conditional covariance as its Hessian and a step that is halved until the dual rises.
 */
function solved(cost: Float64Array, n: number, last: number, tolerance: number): Float64Array {
  const g = new Float64Array(n);
  let epsilon = 64;
  for (;;) {
    epsilon = Math.max(last, epsilon / 2);
    const dual = (potential: Float64Array) => {
      let sum = 0;
      for (let j = 0; j < n; j++) {
        let largest = Number.NEGATIVE_INFINITY;
        for (let i = 0; i < n; i++) largest = Math.max(largest, potential[i] - cost[j * n + i]);
        let total = 0;
        for (let i = 0; i < n; i++) total += Math.exp((potential[i] - cost[j * n + i] - largest) / epsilon);
        sum += potential[j] - largest - epsilon * Math.log(total);
      }
      return sum / n;
    };
    for (let k = 0; k < 200; k++) {
      const { plan, marginal } = planOf(g, cost, n, epsilon);
      if (marginal < (epsilon === last ? tolerance : 1e-3)) break;
      const gradient = Float64Array.from({ length: n }, (_, i) => {
        let column = 0;
        for (let j = 0; j < n; j++) column += plan[j * n + i];
        return 1 / n - column;
      });
      // (diag(columns) − n·PᵀP)/ε, whose null space of constants is filled in.
      const hessian = new Float64Array(n * n);
      for (let a = 0; a < n; a++)
        for (let b = 0; b < n; b++) {
          let sum = 1 / n / n + (a === b ? 1e-12 : 0);
          if (a === b) sum += 1 / n - gradient[a];
          for (let j = 0; j < n; j++) sum -= n * plan[j * n + a] * plan[j * n + b];
          hessian[a * n + b] = sum / epsilon;
        }
      const step = eliminate(hessian, gradient);
      const before = dual(g);
      let length = 1;
      const trial = () => g.map((value, i) => value + length * step[i]);
      while (length > 1e-6 && !(dual(trial()) > before)) length /= 2;
      g.set(trial());
    }
    if (epsilon === last) return g;
  }
}

/** x of A x = b by Gaussian elimination with pivots. */
function eliminate(matrix: Float64Array, right: Float64Array): Float64Array {
  const n = right.length;
  const [a, x] = [Float64Array.from(matrix), Float64Array.from(right)];
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(a[i * n + k]) > Math.abs(a[pivot * n + k])) pivot = i;
    for (let j = 0; j < n; j++) [a[k * n + j], a[pivot * n + j]] = [a[pivot * n + j], a[k * n + j]];
    [x[k], x[pivot]] = [x[pivot], x[k]];
    for (let i = k + 1; i < n; i++) {
      const factor = a[i * n + k] / a[k * n + k];
      if (factor === 0) continue;
      for (let j = k; j < n; j++) a[i * n + j] -= factor * a[k * n + j];
      x[i] -= factor * x[k];
    }
  }
  for (let k = n - 1; k >= 0; k--) {
    for (let j = k + 1; j < n; j++) x[k] -= a[k * n + j] * x[j];
    x[k] /= a[k * n + k];
  }
  return x;
}

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
      const { pair } = await couple(simd, sinkhorn(0.5, 20), { draws, step });
      for (const i of Array.from(pair)) counts[i]++;
    }
    for (const count of counts) {
      expect(Math.abs(count / (steps * draws) - 1 / draws)).toBeLessThan(
        4 * Math.sqrt(1 / draws / (steps * draws)),
      );
    }
  });

  it('goes down to ε by halves from the costs', () => {
    expect(scalingStages(0.5, 3)).toEqual([4, 2, 1]);
    expect(scalingStages(2, 2)).toEqual([]);
    expect(scalingStages(2, 0)).toEqual([]);
  });

  it.each(['8gaussians', 'moons', 'corridor'])(
    'keeps the marginals on %s for every ε from 0.005 to 2, as an independent solver does',
    async (name) => {
      const draws = 96;
      const { cost, mean } = costsOf(name, draws);
      for (const backend of [simd, single]) {
        for (const epsilon of [0.005, 0.02, 0.1, 0.5, 2]) {
          const { potential, error } = await entropic(backend, cost, draws, epsilon, mean);
          const { plan, marginal } = planOf(potential, cost, draws, epsilon);
          const words = `${backend.name}, ε ${epsilon}`;
          expect(marginal, words).toBeLessThan(MARGINAL_TOLERANCE);
          expect(error, words).toBeLessThan(MARGINAL_TOLERANCE);
          // The plan that is drawn from is no further off than reported, but for float32: 29·2⁻²⁴/ε is 3e-4 at 0.005.
          expect(marginal, words).toBeLessThan(error + 3e-3);
          const exact = planOf(solved(cost, draws, epsilon, 1e-7), cost, draws, epsilon);
          expect(exact.marginal).toBeLessThan(1e-6);
          let [distance, total, least] = [0, 0, 0];
          plan.forEach((value, at) => {
            distance += Math.abs(value - exact.plan[at]) / 2;
            total += value * cost[at];
            least += exact.plan[at] * cost[at];
          });
          // Near ε = 0 many plans have almost the same cost, so that the pairs themselves settle last.
          expect(distance, words).toBeLessThan(epsilon < 0.1 ? 0.1 : 2 * MARGINAL_TOLERANCE);
          expect(Math.abs(total / least - 1), words).toBeLessThan(epsilon < 0.1 ? 1e-2 : 1e-3);
        }
      }
    },
  );

  it('keeps them for a few draws as well as for hundreds', async () => {
    for (const draws of [1, 2, 3, 5, 8, 17, 400]) {
      const { cost, mean } = costsOf('8gaussians', draws);
      for (const epsilon of [0.005, 0.1, 2]) {
        const { potential, error } = await entropic(simd, cost, draws, epsilon, mean);
        expect(error, `${draws} draws, ε ${epsilon}`).toBeLessThan(MARGINAL_TOLERANCE);
        expect(planOf(potential, cost, draws, epsilon).marginal).toBeLessThan(MARGINAL_TOLERANCE);
      }
    }
  });

  it('reports a marginal that is off: one iteration at a small ε, from nothing', async () => {
    const draws = 96;
    const { cost } = costsOf('8gaussians', draws);
    const { potential, error } = await entropic(simd, cost, draws, 0.02, 0, 1);
    expect(error).toBeGreaterThan(0.3);
    expect(planOf(potential, cost, draws, 0.02).marginal).toBeLessThan(error + 1e-3);
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
  expect(() =>
    checkCoupling({ kind: 'sinkhorn', regularisation: 1e-4, iterations: 5, withinClass: false }, 10, 29),
  ).toThrow(
    'regularisation is 0.0001, too small for base and data a mean squared distance of 29 apart; ' +
      'take at least 0.00029, or the coupling "ot"',
  );
});
