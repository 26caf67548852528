import { describe, expect, it } from 'vitest';
import { distributionByName } from '../../src/data/registry.js';
import { gaussianBaseOracle } from '../../src/interpolant/oracle.js';
import { scheduleByName } from '../../src/interpolant/schedule.js';
import { slicedW2 } from '../../src/metrics/slicedW2.js';
import { truthOf } from '../../src/metrics/truth.js';
import { w2 } from '../../src/metrics/w2.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { sdeTerms } from '../../src/samplers/diffusion.js';
import { type HostField, integrate } from '../../src/samplers/integrate.js';
import { solverByName, solverNames } from '../../src/samplers/solvers.js';
import { checkGrid, solverTable, uniformGrid } from '../../src/samplers/table.js';

const ode = solverNames.filter((name) => !solverByName(name).stochastic);

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
    const truth = truthOf(distribution, n, 3, 4, 4000);
    // The distance of two true samples of this size scatters by about a third of itself.
    for (const metric of [slicedW2, w2]) {
      const { value, floor } = metric({ points }, truth);
      expect(value).toBeLessThan(1.7 * floor);
    }
  });
});

describe('the SDE', () => {
  // N(0, 1) → N(2, 0.5²): the exact velocity and score are linear, and every ε must keep the marginals
  // (arXiv 2303.08797, theorem 2.8 and corollary 2.10).
  it.each([
    ['none', 0.3],
    ['none', 2],
    ['sqrt', 0.5],
    ['sqrt', 2],
  ] as const)('γ %s with ε scaled by %f ends with mean 2 and standard deviation 0.5', (gamma, scale) => {
    const n = 40_000;
    const interpolant = {
      path: 'linear',
      gamma,
      gammaScale: 1,
      timeMin: 0,
      timeMax: 1,
      timeSampling: 'uniform',
      antithetic: false,
    } as const;
    const variance = (t: number) => (1 - t) ** 2 + 0.25 * t * t + (gamma === 'sqrt' ? t * (1 - t) : 0);
    const slope = (t: number) => -2 * (1 - t) + 0.5 * t + (gamma === 'sqrt' ? 1 - 2 * t : 0);
    const field: HostField = {
      velocity: (t, x) => x.map((value) => 2 + (slope(t) / (2 * variance(t))) * (value - 2 * t)),
      denoiser: (t, x) => x.map((value) => (Math.sqrt(t * (1 - t)) * (value - 2 * t)) / variance(t)),
    };
    const table = solverTable(
      solverByName('euler-maruyama'),
      uniformGrid(400),
      sdeTerms(interpolant, ['velocity', 'denoiser'], scale),
    );
    const x = integrate(table, field, normals(n, 4), { seed: 9 });
    const mean = x.reduce((a, b) => a + b, 0) / n;
    const std = Math.sqrt(x.reduce((a, b) => a + (b - mean) ** 2, 0) / n);
    // Four standard errors, and the weak error of 400 Euler–Maruyama steps.
    expect(Math.abs(mean - 2)).toBeLessThan((4 * 0.5) / Math.sqrt(n) + 0.004);
    expect(Math.abs(std - 0.5)).toBeLessThan((4 * 0.5) / Math.sqrt(2 * n) + 0.004);
  });

  it.each([
    ['none', 0],
    ['none', 1],
    ['none', 3],
    ['sqrt', 1],
    ['sqrt', 3],
  ] as const)('γ %s with ε scaled by %f runs backwards from N(2, 0.5²) to N(0, 1)', (gamma, scale) => {
    const n = 40_000;
    const interpolant = { path: 'linear', gamma, gammaScale: 1 } as never;
    const variance = (t: number) => (1 - t) ** 2 + 0.25 * t * t + (gamma === 'sqrt' ? t * (1 - t) : 0);
    const slope = (t: number) => -2 * (1 - t) + 0.5 * t + (gamma === 'sqrt' ? 1 - 2 * t : 0);
    const field: HostField = {
      velocity: (t, x) => x.map((value) => 2 + (slope(t) / (2 * variance(t))) * (value - 2 * t)),
      denoiser: (t, x) => x.map((value) => (Math.sqrt(t * (1 - t)) * (value - 2 * t)) / variance(t)),
    };
    const table = solverTable(
      solverByName('euler-maruyama'),
      uniformGrid(800).reverse(),
      sdeTerms(interpolant, ['velocity', 'denoiser'], scale),
    );
    const start = normals(n, 4).map((value) => 2 + 0.5 * value);
    const x = integrate(table, field, start, { seed: 9 });
    const mean = x.reduce((a, b) => a + b, 0) / n;
    const std = Math.sqrt(x.reduce((a, b) => a + (b - mean) ** 2, 0) / n);
    // Four standard errors, and the weak error of 800 steps.
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(n) + 0.008);
    expect(Math.abs(std - 1)).toBeLessThan(4 / Math.sqrt(2 * n) + 0.008);
  });

  it('with ε = 0 is the ODE', () => {
    const interpolant = { path: 'linear', gamma: 'none', gammaScale: 1, timeMin: 0, timeMax: 1 } as never;
    const field: HostField = { velocity: (_, x) => x.map((value) => -value) };
    const sde = solverTable(solverByName('euler-maruyama'), uniformGrid(7), sdeTerms(interpolant, [], 0));
    const euler = solverTable(solverByName('euler'), uniformGrid(7));
    const x = normals(5);
    expect(Array.from(integrate(sde, field, x))).toEqual(Array.from(integrate(euler, field, x)));
  });
});

describe('nonsense is refused', () => {
  it.each([
    [() => uniformGrid(0), /steps is 0/],
    [() => uniformGrid(1.5), /whole number/],
    [() => checkGrid([0, 0.5, 0.4, 1]), /strictly/],
    [() => checkGrid([0, 0]), /strictly/],
    [() => checkGrid([0, Number.NaN, 1]), /lie in \[0, 1\]/],
    [() => checkGrid([0]), /two times/],
    [() => solverTable(solverByName('euler-maruyama'), uniformGrid(3)), /needs a score/],
    [() => solverByName('rk5'), /did you mean 'rk4'/],
    [() => sdeTerms({ gamma: 'sqrt' } as never, ['velocity'], 1), /needs a denoiser/],
    [() => sdeTerms({ gamma: 'none' } as never, ['velocity'], -1), /0 or more/],
  ])('%s', (act, message) => expect(act).toThrow(message));
});
