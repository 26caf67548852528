import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/data/mixture.js';
import { distributionByName } from '../../src/data/registry.js';
import { DEFAULT_INTERPOLANT, type InterpolantConfig, scheduleOf } from '../../src/interpolant/config.js';
import { timeGrid } from '../../src/interpolant/grids.js';
import { gaussianBaseOracle } from '../../src/interpolant/oracle.js';
import { scheduleByName } from '../../src/interpolant/schedule.js';
import { slicedW2 } from '../../src/metrics/sliced_w2.js';
import { truthOf } from '../../src/metrics/truth.js';
import { w2 } from '../../src/metrics/w2.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import type { Diffusion } from '../../src/samplers/diffusion.js';
import { fieldOf } from '../../src/samplers/field.js';
import { type HostField, integrate } from '../../src/samplers/integrate.js';
import { oracleField } from '../../src/samplers/oracle_field.js';
import {
  adaptiveSampling,
  type SamplingOptions,
  samplingField,
  samplingTable,
} from '../../src/samplers/plan.js';
import { solverByName } from '../../src/samplers/solvers.js';
import { solverTable, uniformGrid } from '../../src/samplers/table.js';
import { checkGrid } from '../../src/samplers/table_options.js';
import { lineField, momentsAfter } from './moments.js';

/** Runge–Kutta methods, which take any field. */
const ode = ['euler', 'midpoint', 'heun', 'rk4'];

const normals = (n: number, seed = 1) => {
  const random = new CounterRandom(seed, STREAM.start);
  return Float64Array.from({ length: n }, (_, i) => random.normal(i));
};

describe('deterministic solvers', () => {
  // x' = x·cos t + sin 3t has no closed symmetry that could cancel an error; the reference is RK4 at 4096 steps.
  const field: HostField = {
    velocity: (t, x) => x.map((value) => value * Math.cos(2 * t) - 0.3 * value * value + Math.sin(3 * t)),
  };
  const end = (name: string, steps: number) =>
    integrate(solverTable(solverByName(name), uniformGrid(steps)), field, Float64Array.of(0.7, -0.4));
  const exact = end('rk4', 4096);

  it.each(ode)('%s converges at its order', (name) => {
    const error = (steps: number) => Math.hypot(...end(name, steps).map((value, i) => value - exact[i]));
    const measured = Math.log2(error(32) / error(64));
    expect(Math.abs(measured - solverByName(name).order)).toBeLessThan(0.15);
  });

  it.each(ode)('%s runs backwards to where it came from', (name) => {
    const start = Float64Array.of(0.7, -0.4);
    const solver = solverByName(name);
    const there = integrate(solverTable(solver, uniformGrid(400)), field, start);
    const back = integrate(solverTable(solver, uniformGrid(400).reverse()), field, there);
    const bound = solver.order === 1 ? 1e-2 : 1e-5;
    back.forEach((value, i) => expect(Math.abs(value - start[i])).toBeLessThan(bound));
  });

  it('sees the times and weights of a non-uniform grid', () => {
    // Exact for x' = 1 whatever the grid, and for x' = 3t² with RK4.
    const grid = Float64Array.of(0, 0.1, 0.15, 0.7, 1);
    const cubic: HostField = { velocity: (t, x) => x.map(() => 3 * t * t) };
    const [value] = integrate(solverTable(solverByName('rk4'), grid), cubic, Float64Array.of(2));
    expect(value).toBeCloseTo(3, 12);
  });
});

describe('sampling with the exact velocity of the oracle', () => {
  // Steps at which each solver's error is far below the finite-sample floor of 2000 points.
  const saneSteps: Record<string, number> = { euler: 200, midpoint: 60, heun: 60, rk4: 40 };
  const cases = ode.flatMap((solver) =>
    ['none', 'sqrt'].flatMap((gamma) => ['8gaussians', 'grid'].map((data) => [solver, gamma, data] as const)),
  );

  it.each(cases)('%s, γ %s, %s reaches the floor of W2 and sliced W2', (name, gamma, data) => {
    const distribution = distributionByName(data);
    if (!distribution.mixture) throw new Error(`${data} is no mixture`);
    const oracle = gaussianBaseOracle(scheduleByName('linear', gamma), distribution.mixture);
    const field: HostField = { velocity: (t, x) => oracle.velocity(t, x) };
    const n = 2000;
    const table = solverTable(solverByName(name), uniformGrid(saneSteps[name]));
    const points = integrate(table, field, normals(2 * n, 21));
    const truth = truthOf(distribution, n, 3);
    for (const metric of [slicedW2, w2]) {
      const { value, perfect } = metric({ points }, truth);
      expect(value).toBeLessThan(perfect![1]);
    }
  });
});

describe('the SDE', () => {
  const backwards = (change: Partial<InterpolantConfig>, diffusion: Diffusion, steps: number) => {
    const config = { ...DEFAULT_INTERPOLANT, ...change };
    const table = samplingTable(config, { solver: 'euler-maruyama', steps, diffusion, backward: true });
    return momentsAfter(table, lineField(config), { mean: 2, std: 0.5 });
  };

  it.each([
    [{}, 0],
    [{}, 1],
    [{}, 3],
    [{ gamma: 'sqrt', heads: ['velocity', 'denoiser'] }, 1],
    [{ gamma: 'sqrt', heads: ['velocity', 'denoiser'] }, 3],
  ] as const)('%j with ε scaled by %f runs backwards from N(2, 0.5²) to N(0, 1)', (change, scale) => {
    const [coarse, fine] = [200, 400].map((steps) => backwards(change, { name: 'sigma', scale }, steps));
    expect(Math.abs(2 * fine.mean - coarse.mean)).toBeLessThan(2e-3);
    expect(Math.abs(2 * fine.std - coarse.std - 1)).toBeLessThan(2e-3);
  });

  it('with ε = 0 is the ODE', () => {
    const field: HostField = { velocity: (_, x) => x.map((value) => -value) };
    const diffusion = { name: 'sigma', scale: 0 } as const;
    const sde = solverTable(solverByName('euler-maruyama'), uniformGrid(7), fieldOf(), { diffusion });
    const euler = solverTable(solverByName('euler'), uniformGrid(7));
    const x = normals(5);
    expect(Array.from(integrate(sde, field, x))).toEqual(Array.from(integrate(euler, field, x)));
  });
});

describe('the Chebyshev grid', () => {
  it('is symmetric and exact at its ends', () => {
    const grid = timeGrid('chebyshev', 9, scheduleByName('linear', 'sqrt'));
    expect([grid[0], grid[9]]).toEqual([0, 1]);
    grid.forEach((t, i) => {
      expect(t).toBeCloseTo(Math.sin((Math.PI * i) / 18) ** 2, 14);
      expect(t + grid[9 - i]).toBeCloseTo(1, 15);
    });
  });

  it('follows the root of γ: Heun keeps its order, and an even grid needs many more steps', () => {
    const config: InterpolantConfig = {
      ...DEFAULT_INTERPOLANT,
      ...{ gamma: 'sqrt', heads: ['drift', 'denoiser'], timeMin: 1e-4, timeMax: 1 - 1e-4 },
    };
    const narrow = new GaussianMixture({
      ...{ dim: 1, weights: [1], labels: [0] },
      ...{ means: Float64Array.of(2), variances: Float64Array.of(0.05 ** 2) },
    });
    const field = oracleField(config, gaussianBaseOracle(scheduleOf(config), narrow));
    const error = (grid: 'chebyshev' | 'uniform', steps: number) =>
      Math.abs(momentsAfter(samplingTable(config, { solver: 'heun', grid, steps }), field).std / 0.05 - 1);
    const order = Math.log2(error('chebyshev', 80) / error('chebyshev', 160));
    expect(Math.abs(order - 2)).toBeLessThan(0.2);
    expect(error('uniform', 160)).toBeGreaterThan(2 * error('chebyshev', 40));
  });
});

describe('nonsense is refused', () => {
  it.each<readonly [() => unknown, RegExp]>([
    [() => uniformGrid(0), /steps is 0/],
    [() => uniformGrid(1.5), /whole number/],
    [() => checkGrid([0, 0.5, 0.4, 1]), /strictly/],
    [() => checkGrid([0, 0]), /strictly/],
    [() => checkGrid([0, Number.NaN, 1]), /lie in \[0, 1\]/],
    [() => checkGrid([0]), /two times/],
    [
      () =>
        solverTable(
          solverByName('euler-maruyama'),
          uniformGrid(3),
          fieldOf({ ...DEFAULT_INTERPOLANT, gamma: 'sqrt' }),
        ),
      /needs a score: .*stochastic-interpolant/,
    ],
    [() => solverByName('rk5'), /did you mean 'rk4'/],
    [
      () =>
        samplingTable(DEFAULT_INTERPOLANT, {
          solver: 'sde-heun',
          diffusion: { name: 'sigma', scale: -1 },
        }),
      /0 or more/,
    ],
    [() => samplingTable(DEFAULT_INTERPOLANT, { solver: 'dopri5' }), /chooses its own steps/],
    [() => samplingTable(DEFAULT_INTERPOLANT, { grid: 'karas' as never }), /did you mean 'karras'/],
    [() => samplingTable(DEFAULT_INTERPOLANT, { solver: 'heun', lastStep: 'mean' }), /adds no noise/],
    [() => samplingTable(DEFAULT_INTERPOLANT, { solver: 'ddim', backward: true }), /grid that rises/],
    [() => samplingTable(DEFAULT_INTERPOLANT, { guidance: Number.NaN }), /guidance is NaN/],
    [
      () => samplingTable(DEFAULT_INTERPOLANT, { diffusion: { name: 'sigma', scale: 0 } }),
      /heun adds no noise and takes no diffusion: leave it out, or take euler-maruyama, sde-heun, predictor-corrector/,
    ],
    [
      () =>
        samplingTable(DEFAULT_INTERPOLANT, {
          solver: 'ancestral',
          diffusion: { name: 'constant', scale: 1 },
        }),
      /ancestral brings noise of its own/,
    ],
    [
      () => samplingTable(DEFAULT_INTERPOLANT, { diffusion: { name: 'bum' as never, scale: 1 } }),
      /did you mean 'bump'/,
    ],
    [
      () => samplingTable(DEFAULT_INTERPOLANT, { lastStep: 'meen' as never }),
      /unknown last step.*did you mean 'mean'/,
    ],
    [
      () => samplingTable(DEFAULT_INTERPOLANT, { solver: 'langevin', lastStep: 'mean' }),
      /with langevin take none, euler or tweedie/,
    ],
    [
      () =>
        samplingTable(DEFAULT_INTERPOLANT, {
          solver: 'euler-maruyama',
          lastStep: 'tweedie',
          backward: true,
        }),
      /tweedie ends at the data/,
    ],
    [() => samplingTable(DEFAULT_INTERPOLANT, { churn: { churn: 1 } }), /churn belongs to edm-churn/],
    [
      () => samplingTable(DEFAULT_INTERPOLANT, { solver: 'edm-churn', churn: { noise: Number.NaN } }),
      /churn noise is NaN/,
    ],
    [
      () => samplingTable(DEFAULT_INTERPOLANT, { corrector: { steps: 1 } }),
      /belong to predictor-corrector and langevin/,
    ],
    [
      () => samplingTable(DEFAULT_INTERPOLANT, { solver: 'langevin', corrector: { ratio: 1 } }),
      /ratio is 1; it must be above 0 and below 1/,
    ],
    [
      () => samplingTable(DEFAULT_INTERPOLANT, { tolerance: { absolute: 1e-3 } }),
      /tolerance belongs to dopri5/,
    ],
    [() => samplingField(DEFAULT_INTERPOLANT, { path: 'mirror' }), /no noise levels/],
    ...(
      [
        [{ steps: 10 }, /no number of steps/],
        [{ grid: 'uniform' }, /no time grid/],
        [{ diffusion: { name: 'sigma', scale: 1 } }, /no diffusion/],
        [{ lastStep: 'none' }, /no last step/],
        [{ churn: {} }, /no churn/],
        [{ corrector: {} }, /no corrector steps/],
        [{ tolerance: { relative: 0 } }, /above 0 and below 1/],
        [{ tolerance: { mostSteps: 0.5 } }, /limit on steps/],
        [{ guidance: Number.NaN }, /guidance is NaN/],
      ] as [SamplingOptions, RegExp][]
    ).map(([options, message]) => [() => adaptiveSampling(DEFAULT_INTERPOLANT, options), message] as const),
    [
      () => samplingTable({ ...DEFAULT_INTERPOLANT, gamma: 'sqrt' }, { solver: 'ddim' }),
      /made for one-sided interpolants/,
    ],
  ])('%s', (act, message) => expect(act).toThrow(message));
});
