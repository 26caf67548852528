/** The independent checks of what latent-variable models draw and start from. */
import { expect } from 'vitest';
import type { Backend } from '../../src/backend/backend.js';
import { contractOf } from '../../src/backend/kernels.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { runKernel } from './run.js';

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

export const DENSITY_CHECKS: Record<string, (backend: Backend) => Promise<void>> = {
  fill: async (backend) => {
    const run = (accumulate: number) =>
      runKernel(
        backend,
        contractOf('fill'),
        { n: 3, value: 0.25, accumulate },
        { y: Float64Array.of(1, 2, 4, 8) },
      );
    expect(Array.from((await run(0)).y)).toEqual([0.25, 0.25, 0.25, 8]);
    expect(Array.from((await run(1)).y)).toEqual([1.25, 2.25, 4.25, 8]);
  },

  random_uniform: async (backend) => {
    const contract = contractOf('random_uniform');
    const params = { seedLow: 5, seedHigh: 3, stream: STREAM.test, n: 40_000, dim: 2 };
    const draw = async (particle: number, n = params.n) => {
      const inputs = { clock: Uint32Array.of(9, 0, particle, 0), out: new Float64Array(n) };
      return Array.from((await runKernel(backend, contract, { ...params, n }, inputs)).out);
    };
    const values = await draw(0);
    // The generator's own uniforms, but for what 23 bits round away.
    const random = new CounterRandom(5 + 3 * 2 ** 32, STREAM.test, 9);
    values.forEach((value, i) => expect(Math.abs(value - random.uniform(i))).toBeLessThan(2 ** -23));
    expect(values.every((value) => value > 0 && value < 1 && Math.fround(value) === value)).toBe(true);
    // Moments of the uniform distribution, within four standard errors.
    const n = values.length;
    expect(Math.abs(mean(values) - 1 / 2)).toBeLessThan(4 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(mean(values.map((value) => value ** 2)) - 1 / 3)).toBeLessThan(4 * Math.sqrt(4 / 45 / n));
    // A tile of particles continues the one before.
    expect(await draw(100, 50)).toEqual(values.slice(200, 250));
  },

  // Shares and moments of the components, within four standard errors; and each row its own, exactly.
  mixture_sample: async (backend) => {
    const contract = contractOf('mixture_sample');
    const rows = 40_000;
    const random = new CounterRandom(6, STREAM.test, 1);
    const weight = [0.2, 0.5, 0.3];
    const [centre, deviation] = [
      [-30, 0, 20],
      [0.5, 2, 1],
    ];
    const { z } = await runKernel(
      backend,
      contract,
      { rows, cols: 1, components: 3, rowwise: 0 },
      {
        uniform: Float64Array.from({ length: rows }, (_, i) => random.uniform(i)),
        noise: Float64Array.from({ length: rows }, (_, i) => random.normal(rows + i)),
        logWeight: Float64Array.from(weight, Math.log),
        mean: Float64Array.from(centre),
        logvar: Float64Array.from(deviation, (s) => 2 * Math.log(s)),
        z: new Float64Array(rows),
      },
    );
    weight.forEach((share, k) => {
      const own = Array.from(z).filter((value) => Math.abs(value - centre[k]) < 10);
      expect(Math.abs(own.length / rows - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / rows));
      const s = deviation[k];
      expect(Math.abs(mean(own) - centre[k])).toBeLessThan((4 * s) / Math.sqrt(own.length));
      const variance = mean(own.map((value) => (value - centre[k]) ** 2));
      expect(Math.abs(variance / s ** 2 - 1)).toBeLessThan(4 * Math.sqrt(2 / own.length));
    });
    const own = await runKernel(
      backend,
      contract,
      { rows: 2, cols: 2, components: 2, rowwise: 1 },
      {
        uniform: Float64Array.of(0.4, 0.4),
        noise: Float64Array.of(1, -1, 2, 3),
        logWeight: Float64Array.of(Math.log(0.5), Math.log(0.5), Math.log(0.25), Math.log(0.75)),
        mean: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8),
        logvar: Float64Array.of(0, 0, 9, 9, 9, 9, Math.log(4), Math.log(16)),
        z: new Float64Array(4),
      },
    );
    [2, 1, 11, 20].forEach((value, i) => expect(own.z[i]).toBeCloseTo(value, 12));
  },
};
