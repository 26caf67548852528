/** Measured orders of convergence, and tables that are finite at both ends of time. */
import { describe, expect, it } from 'vitest';
import { distributionByName } from '../../src/data/registry.js';
import { DEFAULT_INTERPOLANT, type InterpolantConfig, scheduleOf } from '../../src/interpolant/config.js';
import { gaussianBaseOracle } from '../../src/interpolant/oracle.js';
import { scheduleByName } from '../../src/interpolant/schedule.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { integrateAdaptive } from '../../src/samplers/adaptive.js';
import { fieldOf } from '../../src/samplers/field.js';
import { combineBlock, evaluateRow, integrate } from '../../src/samplers/integrate.js';
import { oracleField } from '../../src/samplers/oracle_field.js';
import { samplingTable } from '../../src/samplers/plan.js';
import { solverByName } from '../../src/samplers/solvers.js';
import { solverTable } from '../../src/samplers/table.js';
import { lineField, momentsAfter } from './moments.js';

const mixture = distributionByName('8gaussians').mixture!;
const random = new CounterRandom(3, STREAM.test);
const START = Float64Array.from({ length: 60 }, (_, i) => random.normal(i));

const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.hypot(...Array.from(a, (value, i) => value - b[i]));

describe('exponential integrators on the exact field of a mixture', () => {
  // Away from both ends, where λ = ln β/α is smooth; even steps in λ, as the methods are written.
  const config: InterpolantConfig = { ...DEFAULT_INTERPOLANT, path: 'trig', heads: ['data'] };
  const host = oracleField(config, gaussianBaseOracle(scheduleByName('trig'), mixture));
  const grid = (steps: number) =>
    Float64Array.from({ length: steps + 1 }, (_, i) => {
      const lambda = -1.2 + (2.4 * i) / steps;
      return (2 / Math.PI) * Math.atan(Math.exp(lambda));
    });
  const end = (solver: string, steps: number) =>
    integrate(solverTable(solverByName(solver), grid(steps), fieldOf(config)), host, START);
  const exact = end('rk4', 1500);

  it.each([
    ['ddim', 1],
    ['dpm-solver++', 2],
  ] as const)('%s has order %i', (name, order) => {
    const [coarse, fine] = [160, 320].map((steps) => distance(end(name, steps), exact));
    expect(Math.abs(Math.log2(coarse / fine) - order)).toBeLessThan(0.25);
  });
});

describe('dopri5', () => {
  const config = DEFAULT_INTERPOLANT;
  const oracle = gaussianBaseOracle(scheduleByName('linear'), mixture);
  const host = oracleField(config, oracle);
  const exact = integrate(samplingTable(config, { solver: 'rk4', steps: 1500 }), host, START);
  const run = (tolerance: number, options = {}) =>
    integrateAdaptive(fieldOf(config), host, START, {
      tolerance: { absolute: tolerance, relative: tolerance },
      ...options,
    });

  it('meets its tolerance, at a cost that grows with the fifth root of its inverse', async () => {
    const runs = [];
    for (const tolerance of [1e-4, 1e-6, 1e-8]) runs.push({ tolerance, ...(await run(tolerance)) });
    for (const { points, tolerance } of runs)
      expect(distance(points, exact) / Math.sqrt(START.length)).toBeLessThan(50 * tolerance);
    const growth = runs[2].evaluations / runs[1].evaluations;
    // 100^(1/5) = 2.5
    expect(growth).toBeGreaterThan(1.6);
    expect(growth).toBeLessThan(3.5);
  });

  // γ̇ of √(t(1 − t)) and α̇ of √(1 − t²) are infinite at an end; `data` and `denoiser` become b by a division there.
  it.each([
    ['linear, velocity', {}],
    ['linear, data', { heads: ['data'] }],
    ['linear, denoiser', { heads: ['denoiser'] }],
    ['trig, velocity', { path: 'trig' }],
    ['vp, velocity', { path: 'vp' }],
    ['linear with γ = √(t(1 − t))', { gamma: 'sqrt', heads: ['velocity', 'denoiser'] }],
  ] as [string, Partial<InterpolantConfig>][])(
    '%s: its error falls with its tolerance',
    async (_, change) => {
      const own: InterpolantConfig = { ...DEFAULT_INTERPOLANT, ...change };
      const field = fieldOf(own);
      const exactField = oracleField(own, gaussianBaseOracle(scheduleOf(own), mixture));
      const ends = [];
      for (const tolerance of [1e-4, 1e-5, 1e-6, 1e-7, 1e-9]) {
        const options = { tolerance: { absolute: tolerance, relative: tolerance } };
        ends.push((await integrateAdaptive(field, exactField, START, options)).points);
      }
      const limit = ends.pop() as Float64Array;
      const errors = ends.map((end) => distance(end, limit) / Math.sqrt(START.length));
      errors.forEach((error, k) => expect(error).toBeLessThan(50 * 10 ** (-4 - k)));
      // Two decades of tolerance: the error falls by about as many. Below them the times that no network was trained
      // at, 1e-4 at either end of √-type γ, where the field stands still, are seen.
      expect(Math.abs(Math.log10(errors[0] / errors[2]) - 2)).toBeLessThan(0.6);
      // Another method ends there too: rk4 as near as its own steps let it.
      const [coarse, fine] = [200, 400].map((steps) =>
        integrate(samplingTable(own, { solver: 'rk4', steps }), exactField, START),
      );
      expect(distance(fine, limit)).toBeLessThan(Math.max(2 * distance(fine, coarse), 1e-5));
    },
  );

  it('runs back to where it came from', async () => {
    const { points } = await run(1e-8);
    const back = await integrateAdaptive(fieldOf(config), host, points, {
      tolerance: { absolute: 1e-8, relative: 1e-8 },
      backward: true,
    });
    expect(distance(back.points, START)).toBeLessThan(1e-4);
  });

  it('refuses tolerances and limits that make no sense, and says when steps run out', async () => {
    await expect(run(0)).rejects.toThrow(/above 0 and below 1/);
    await expect(
      integrateAdaptive(fieldOf(config), host, START, { tolerance: { mostSteps: 3 } }),
    ).rejects.toThrow(/tried 3 steps for particle 0 and reached t = .*; loosen the tolerance/);
  });
});

describe('SDE solvers on a linear SDE', () => {
  const config: InterpolantConfig = { ...DEFAULT_INTERPOLANT, path: 'trig' };
  const host = lineField(config);
  const start = { mean: 0, std: 1 };
  // Until t = 0.8, so that the cap on ε and the end play no part; ε = 0.15 is below the cap.
  const table = (solver: string, steps: number) =>
    solverTable(
      solverByName(solver),
      Float64Array.from({ length: steps + 1 }, (_, i) => (0.8 * i) / steps),
      fieldOf(config),
      { diffusion: { name: 'constant', scale: 0.15 } },
    );

  it.each([
    ['euler-maruyama', 1],
    ['sde-heun', 2],
  ] as const)('%s has weak order %i', (name, order) => {
    // The exact moments of x_t = α x0 + β x1.
    const { alpha, beta } = scheduleByName('trig').at(0.8);
    const std = Math.hypot(alpha, 0.5 * beta);
    const error = (steps: number) => {
      const moments = momentsAfter(table(name, steps), host, start);
      return Math.hypot(moments.mean - 2 * beta, moments.std - std);
    };
    const measured = Math.log2(error(40) / error(80));
    expect(Math.abs(measured - order)).toBeLessThan(0.25);
  });

  it.each(['euler-maruyama', 'sde-heun'])('%s has strong order 1 or more, path by path', (name) => {
    const n = 400;
    const finest = 512;
    const brownian = Array.from({ length: finest }, (_, k) => {
      const own = new CounterRandom(11, STREAM.test, k + 1);
      return Float64Array.from({ length: n }, (_, i) => own.normal(i));
    });
    const x0 = Float64Array.from({ length: n }, (_, i) => random.normal(1000 + i));
    const run = (steps: number): Float64Array => {
      const own = table(name, steps);
      const each = finest / steps;
      let x: Float64Array = x0;
      for (let step = 0; step < steps; step++) {
        const row = own.rows.subarray(step * own.stride, (step + 1) * own.stride);
        // The increment of a long step is the sum of those of the short ones inside it.
        const noise = (i: number) => {
          let sum = 0;
          for (let k = 0; k < each; k++) sum += brownian[step * each + k][i];
          return sum / Math.sqrt(each);
        };
        const outputs = evaluateRow(own, row, host, x, null, noise);
        x = combineBlock(own, row, { kind: 'result' }, x, outputs, noise);
      }
      return x;
    };
    const exact = run(finest);
    const error = (steps: number) => distance(run(steps), exact) / Math.sqrt(n);
    const measured = Math.log2(error(16) / error(64)) / 2;
    expect(measured).toBeGreaterThan(0.85);
    if (name === 'euler-maruyama') expect(measured).toBeLessThan(1.35);
  });
});
