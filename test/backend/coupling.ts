/** The independent checks of the kernels for couplings. */
import { expect } from 'vitest';
import type { Backend } from '../../src/backend/backend.js';
import { caseInputs } from '../../src/backend/cases.js';
import { FORBIDDEN_COST } from '../../src/backend/contracts/coupling.js';
import { contractOf } from '../../src/backend/kernels.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { runKernel } from './run.js';

/** All orders of 0 … n − 1. */
export function permutations(n: number): number[][] {
  if (n === 0) return [[]];
  return permutations(n - 1).flatMap((rest) =>
    Array.from({ length: n }, (_, at) => [...rest.slice(0, at), n - 1, ...rest.slice(at)]),
  );
}

/** Uniform costs [n, n]; with `ties`, whole numbers below 4. */
export function someCosts(n: number, step: number, ties = false): Float64Array {
  const random = new CounterRandom(12, STREAM.test, step);
  return Float64Array.from({ length: n * n }, (_, at) =>
    ties ? random.integer(at, 4) : Math.fround(random.uniform(at)),
  );
}

export const totalCost = (cost: ArrayLike<number>, pair: ArrayLike<number>): number => {
  let total = 0;
  for (let j = 0; j < pair.length; j++) total += cost[j * pair.length + pair[j]];
  return total;
};

export function expectPermutation(pair: ArrayLike<number>): void {
  expect(Array.from(pair).sort((a, b) => a - b)).toEqual(Array.from({ length: pair.length }, (_, k) => k));
}

const pairs = async (backend: Backend, cost: Float64Array, n: number) =>
  (await runKernel(backend, contractOf('assignment'), { n }, { cost, pair: new Uint32Array(n) })).pair;

/** The optimum of every small problem by trying all permutations, with and without ties. */
export async function checkOptimality(backend: Backend): Promise<void> {
  for (let n = 1; n <= 7; n++) {
    for (let trial = 0; trial < (n < 7 ? 12 : 3); trial++) {
      const cost = someCosts(n, 100 * n + trial, trial % 2 === 1);
      const pair = await pairs(backend, cost, n);
      expectPermutation(pair);
      const best = Math.min(...permutations(n).map((order) => totalCost(cost, order)));
      expect(totalCost(cost, pair)).toBeCloseTo(best, 6);
    }
  }
}

export const COUPLING_CHECKS: Record<string, (backend: Backend) => Promise<void>> = {
  endpoint_draw: async (backend) => {
    const contract = contractOf('endpoint_draw');
    for (const params of contract.cases) {
      const inputs = caseInputs(contract, params, 4);
      const { x0, x1 } = await runKernel(backend, contract, params, inputs);
      const { n, dim, antithetic, sourceRows } = params;
      const normals = new CounterRandom(
        params.seedLow + params.seedHigh * 2 ** 32,
        STREAM.base,
        inputs.clock[0],
      );
      for (let at = 0; at < n * dim; at++) {
        const [k, j] = [Math.floor(at / dim), at % dim];
        const [row, base] = inputs.draw.slice(3 * k * (1 + antithetic));
        expect(x1[at]).toBe(inputs.data[row * dim + j]);
        if (sourceRows) expect(x0[at]).toBe(inputs.data[base * dim + j]);
        else expect(x0[at]).toBeCloseTo(normals.normal(base * dim + j), 12);
      }
    }
  },

  // |a − b|² = |a|² + |b|² − 2ab.
  pairwise_cost: async (backend) => {
    const contract = contractOf('pairwise_cost');
    for (const params of contract.cases) {
      const inputs = caseInputs(contract, params, 5);
      const { cost } = await runKernel(backend, contract, params, inputs);
      const { n, dim, antithetic, penalty } = params;
      const dot = (a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number) =>
        Array.from({ length: dim }, (_, k) => a[i * dim + k] * b[j * dim + k]).reduce((x, y) => x + y, 0);
      const labels = Array.from({ length: n }, (_, k) => inputs.label[inputs.draw[3 * k * (1 + antithetic)]]);
      for (let at = 0; at < n * n; at++) {
        const [j, i] = [Math.floor(at / n), at % n];
        const square =
          dot(inputs.x1, j, inputs.x1, j) +
          dot(inputs.x0, i, inputs.x0, i) -
          2 * dot(inputs.x1, j, inputs.x0, i);
        expect(cost[at]).toBeCloseTo(square + (labels[j] === labels[i] ? 0 : penalty), 9);
      }
    }
  },

  assignment: async (backend) => {
    await checkOptimality(backend);
    // On the line the optimal plan between points is the monotone one.
    const n = 60;
    const random = new CounterRandom(13, STREAM.test);
    const [a, b] = [0, 1].map((side) =>
      Float64Array.from({ length: n }, (_, i) => random.normal(side * n + i)),
    );
    const cost = Float64Array.from({ length: n * n }, (_, at) =>
      Math.fround((a[Math.floor(at / n)] - b[at % n]) ** 2),
    );
    const order = (x: Float64Array) => Array.from(x, (_, i) => i).sort((i, j) => x[i] - x[j]);
    const [first, second] = [order(a), order(b)];
    const pair = await pairs(backend, cost, n);
    first.forEach((j, rank) => expect(pair[j]).toBe(second[rank]));
    // Forbidden edges are not taken, whatever it costs.
    const blocks = cost.map((value, at) =>
      (Math.floor(at / n) + (at % n)) % 2 ? FORBIDDEN_COST + value : 1000 + value,
    );
    const within = await pairs(backend, blocks, n);
    expectPermutation(within);
    within.forEach((i, j) => expect((i + j) % 2).toBe(0));
    // Even where it cannot be helped, the result is a permutation: two rows with one column between them.
    expectPermutation(await pairs(backend, Float64Array.of(1, 2, 3, 4, 1e30, 1e30, 5, 1e30, 1e30), 3));
    expectPermutation(await pairs(backend, new Float64Array(25).fill(FORBIDDEN_COST), 5));
    expectPermutation(await pairs(backend, new Float64Array(25), 5));
  },

  // The fixed point of both half steps has the marginals 1/n; between two points it is known in closed form.
  sinkhorn_step: async (backend) => {
    const contract = contractOf('sinkhorn_step');
    const n = 23;
    const cost = someCosts(n, 77);
    const epsilon = 0.05;
    const taken = { accumulate: 0, relaxation: 1 };
    let [f, g]: Float64Array[] = [new Float64Array(n), new Float64Array(n)];
    for (let k = 0; k < 400; k++) {
      const half = async (transpose: number, other: Float64Array) =>
        Float64Array.from(
          (
            await runKernel(
              backend,
              contract,
              { n, regularisation: epsilon, transpose, warm: k > 0 || transpose ? 1 : 0, ...taken },
              { cost, other, potential: new Float64Array(n) },
            )
          ).potential,
        );
      f = await half(0, k > 0 ? g : new Float64Array(n).fill(Number.NaN));
      g = await half(1, f);
    }
    const plan = (j: number, i: number) => Math.exp((f[j] + g[i] - cost[j * n + i]) / epsilon);
    for (let j = 0; j < n; j++) {
      let [row, column] = [0, 0];
      for (let i = 0; i < n; i++) {
        row += plan(j, i);
        column += plan(i, j);
      }
      expect(n * row).toBeCloseTo(1, 6);
      expect(n * column).toBeCloseTo(1, 10);
    }
    // With costs 0 and 1 the plan [[p, q], [q, p]] has p/q = e^{1/ε}: potentials are all −ε/2·ln(2 + 2e^{−1/ε}).
    const step = await runKernel(
      backend,
      contract,
      { n: 2, regularisation: 0.5, transpose: 0, warm: 0, ...taken },
      { cost: Float64Array.of(0, 1, 1, 0), other: new Float64Array(2), potential: new Float64Array(2) },
    );
    const expected = -0.5 * Math.log(2 * (1 + Math.exp(-2)));
    step.potential.forEach((value) => expect(value).toBeCloseTo(expected, 12));
    // From 4 with ω = 1.5: 1.5 times as far as to the optimum.
    const beyond = await runKernel(
      backend,
      contract,
      { n: 2, regularisation: 0.5, transpose: 0, warm: 0, accumulate: 1, relaxation: 1.5 },
      { cost: Float64Array.of(0, 1, 1, 0), other: new Float64Array(2), potential: Float64Array.of(4, 4) },
    );
    beyond.potential.forEach((value) => expect(value).toBeCloseTo(4 + 1.5 * (expected - 4), 12));
  },

  // The column sums of a plan written out, for potentials that are not a fixed point.
  marginal_error: async (backend) => {
    const n = 11;
    const cost = someCosts(n, 78);
    const epsilon = 0.3;
    const before = Float64Array.from({ length: n }, (_, i) => Math.sin(3 * i) / 4);
    const plan = Array.from({ length: n }, (_, j) => {
      const weights = Array.from(before, (g, i) => Math.exp((g - cost[j * n + i]) / epsilon));
      const total = weights.reduce((a, b) => a + b, 0);
      return weights.map((weight) => weight / total / n);
    });
    const columns = Array.from(before, (_, i) => plan.reduce((sum, row) => sum + row[i], 0));
    const half = (transpose: number, other: Float64Array) =>
      runKernel(
        backend,
        contractOf('sinkhorn_step'),
        { n, regularisation: epsilon, transpose, warm: 1, accumulate: 0, relaxation: 1 },
        { cost, other, potential: new Float64Array(n) },
      );
    const f = Float64Array.from((await half(0, before)).potential);
    const after = Float64Array.from((await half(1, f)).potential);
    const { out } = await runKernel(
      backend,
      contractOf('marginal_error'),
      { n, regularisation: epsilon },
      { before, after, out: new Float64Array(1) },
    );
    const distance = columns.reduce((sum, column) => sum + Math.abs(column - 1 / n) / 2, 0);
    expect(distance).toBeGreaterThan(0.05);
    expect(out[0]).toBeCloseTo(distance, 10);
  },

  // As often as the plan says: 4000 steps of one row.
  plan_draw: async (backend) => {
    const contract = contractOf('plan_draw');
    const n = 4;
    const cost = Float64Array.of(0, 1, 2, 0.5, 3, 0, 0, 1, 1, 1, 1, 1, 0, 8, 0, 30);
    const potential = Float64Array.of(0.1, 0.2, -0.3, 0);
    const epsilon = 0.7;
    const counts = new Float64Array(n * n);
    const steps = 4000;
    for (let step = 0; step < steps; step++) {
      const { pair } = await runKernel(
        backend,
        contract,
        { seedLow: 5, seedHigh: 6, n, regularisation: epsilon },
        { clock: Uint32Array.of(step, 0, 0, 0), cost, potential, pair: new Uint32Array(n) },
      );
      pair.forEach((i, j) => {
        counts[j * n + i]++;
      });
    }
    for (let j = 0; j < n; j++) {
      const weights = Array.from({ length: n }, (_, i) =>
        Math.exp((potential[i] - cost[j * n + i]) / epsilon),
      );
      const total = weights.reduce((a, b) => a + b, 0);
      weights.forEach((weight, i) => {
        const share = weight / total;
        const bound = 4 * Math.sqrt((share * (1 - share)) / steps);
        expect(Math.abs(counts[j * n + i] / steps - share)).toBeLessThanOrEqual(bound);
      });
    }
  },
};
