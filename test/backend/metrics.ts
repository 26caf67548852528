/** The independent checks of the kernels for live metrics. */
import { expect } from 'vitest';
import type { Backend } from '../../src/backend/backend.js';
import { contractOf } from '../../src/backend/kernels.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { runKernel } from './run.js';

export const METRIC_CHECKS: Record<string, (backend: Backend) => Promise<void>> = {
  // A 4×2 grid of unit cells: points at known places, on edges, outside and nowhere.
  histogram_2d: async (backend) => {
    const contract = contractOf('histogram_2d');
    const params = { n: 8, nx: 4, ny: 2, left: -1, right: 3, bottom: 0, top: 2 };
    const points = [-1, 0, 2.5, 1.5, 2.9, 1.1, 0, 1, 3, 1, -1.01, 1, 1, Number.NaN, 0.5, -1e30];
    const counts = [1, 0, 0, 0, 0, 1, 0, 2, 4];
    const run = (accumulate: number) =>
      runKernel(
        backend,
        contract,
        { ...params, accumulate },
        { points: Float64Array.from(points), counts: new Uint32Array(9).fill(10) },
      );
    expect(Array.from((await run(0)).counts)).toEqual(counts);
    expect(Array.from((await run(1)).counts)).toEqual(counts.map((count) => count + 10));
    // Normals: as many in each quadrant as there should be, and none lost.
    const n = 40_000;
    const random = new CounterRandom(8, STREAM.test);
    const many = await runKernel(
      backend,
      contract,
      { n, nx: 2, ny: 2, left: -1, right: 1, bottom: -1, top: 1, accumulate: 0 },
      {
        points: Float64Array.from({ length: 2 * n }, (_, i) => random.normal(i)),
        counts: new Uint32Array(5),
      },
    );
    const share = 0.6826894921370859 ** 2 / 4;
    for (const count of many.counts.slice(0, 4)) {
      expect(Math.abs(count / n - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / n));
    }
    expect(Array.from(many.counts).reduce((a, b) => a + b, 0)).toBe(n);
  },

  // Powers of two keep every sum apart, so that a moment in the wrong place shows; then Σ i and Σ i².
  moments: async (backend) => {
    const contract = contractOf('moments');
    const run = async (dim: number, x: number[]) => {
      const n = x.length / dim;
      const out = new Float64Array((dim * (dim + 3)) / 2 + 1).fill(-1);
      return Array.from(
        (await runKernel(backend, contract, { n, dim }, { x: Float64Array.from(x), out })).out,
      );
    };
    expect(await run(3, [1, 2, 4])).toEqual([1, 2, 4, 1, 2, 4, 4, 8, 16, -1]);
    const m = 1000;
    const rows = Array.from({ length: m }, (_, i) => [i + 1, 1]).flat();
    const squares = (m * (m + 1) * (2 * m + 1)) / 6;
    expect(await run(2, rows)).toEqual([(m * (m + 1)) / 2, m, squares, (m * (m + 1)) / 2, m, -1]);
  },
};
