import { describe, expect, it } from 'vitest';
import { corridorMixture } from '../../src/data/corridor.js';
import { GaussianMixture } from '../../src/data/mixture.js';
import { distributionByName } from '../../src/data/registry.js';
import { gaussianBaseOracle, MixtureOracle } from '../../src/interpolant/oracle.js';
import { scheduleByName } from '../../src/interpolant/schedule.js';
import { integrateLogDensity } from '../../src/likelihood/host_density.js';
import { type Likelihood, summariseLikelihood } from '../../src/model/likelihood.js';
import { gradedGrid, halvedGrid } from '../../src/samplers/graded.js';
import { solverByName } from '../../src/samplers/solvers.js';
import { uniformGrid } from '../../src/samplers/table.js';

const worst = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

const schedules = ['linear', 'trig'].flatMap((path) =>
  ['none', 'sqrt'].map((gamma) => [path, gamma] as const),
);

describe.each(schedules)('the log density of the oracle’s flow, path %s, γ %s', (path, gamma) => {
  it.each([
    ['8gaussians', 1, 100],
    ['grid', 0.05, 100],
    ['corridor', 0.012, 30],
  ] as const)('on %s is the exact one to 1e-4 nats at every point', (name, std, n) => {
    const mixture = name === 'corridor' ? corridorMixture() : distributionByName(name).mixture;
    if (!mixture) throw new Error(`${name} is no mixture`);
    const oracle = gaussianBaseOracle(scheduleByName(path, gamma), mixture);
    const { points } = mixture.sample(n, 5);
    const finest = gamma === 'none' ? std : std * std;
    const grid = gradedGrid(name === 'corridor' ? 150 : 120, finest);
    expect(
      worst(integrateLogDensity(oracle, points, { dim: 2, grid }), mixture.logDensity(points)),
    ).toBeLessThan(1e-4);
  });
});

describe('the log density of a flow', () => {
  const target = distributionByName('8gaussians').mixture;
  if (!target) throw new Error('8gaussians is a mixture');
  const { points } = target.sample(30, 2);

  it('starts from the base that it is told, here a mixture too', () => {
    const base = new GaussianMixture({
      dim: 2,
      weights: [1, 2],
      means: Float64Array.of(-1, 0, 2, 1),
      variances: Float64Array.of(0.5, 1),
    });
    const oracle = new MixtureOracle(scheduleByName('linear', 'sqrt'), base, target);
    const options = { dim: 2, grid: gradedGrid(100, 0.1), base: (x: Float64Array) => base.logDensity(x) };
    expect(worst(integrateLogDensity(oracle, points, options), target.logDensity(points))).toBeLessThan(1e-5);
  });

  it.each([
    ['heun', 2],
    ['rk4', 4],
  ] as const)('converges at the order of %s', (name, order) => {
    const oracle = gaussianBaseOracle(scheduleByName('linear'), target);
    const exact = target.logDensity(points);
    const error = (steps: number) => {
      const options = { dim: 2, grid: gradedGrid(steps, 0.5), solver: solverByName(name) };
      const got = integrateLogDensity(oracle, points, options);
      return Math.hypot(...got.map((value, i) => value - exact[i]));
    };
    expect(Math.abs(Math.log2(error(64) / error(128)) - order)).toBeLessThan(0.3);
  });
});

describe('time grids towards the data', () => {
  it('fall from 1 to 0, steps shrinking towards 1; an infinite scale is an even grid', () => {
    const grid = gradedGrid(50, 1e-3);
    expect([grid[0], grid[50]]).toEqual([1, 0]);
    const steps = Array.from({ length: 50 }, (_, i) => grid[i] - grid[i + 1]);
    expect(steps.every((step, i) => i === 0 || step > steps[i - 1])).toBe(true);
    expect(steps[0]).toBeLessThan(2e-4);
    expect(Array.from(gradedGrid(8, Number.POSITIVE_INFINITY))).toEqual(Array.from(uniformGrid(8)).reverse());
    expect(Array.from(halvedGrid([1, 0.4, 0]))).toEqual([1, 0.7, 0.4, 0.2, 0]);
    expect(() => gradedGrid(5, 0)).toThrow(/above 0/);
  });
});

describe('a likelihood', () => {
  const nats = Float64Array.of(-1, -2, -4.5, -0.5);

  it('has a mean, its standard error, bits a dimension, and what else it may be off by', () => {
    const numerical: Likelihood = {
      kind: 'numerical',
      nats,
      dim: 2,
      tolerance: 0.01,
      meanTolerance: 0.002,
      divergence: 'hutchinson',
      probeError: 0.003,
    };
    const summary = summariseLikelihood(numerical);
    expect(summary).toMatchObject({ kind: 'numerical', value: -2, n: 4 });
    expect(summary.standardError).toBeCloseTo(Math.sqrt((1 + 0 + 6.25 + 2.25) / 3 / 4), 12);
    expect(summary.bitsPerDim).toBeCloseTo(1 / Math.LN2, 12);
    expect(summary.tolerance).toBeCloseTo(0.005, 12);
    expect(summariseLikelihood({ kind: 'exact', nats, dim: 2 }).tolerance).toBe(0);
    const bound: Likelihood = { kind: 'bound', side: 'lower', nats, dim: 2, monteCarloError: 0.1 };
    expect(summariseLikelihood(bound)).toMatchObject({ kind: 'bound', tolerance: 0.1 });
  });

  it('that does not exist or is not a number says so', () => {
    expect(() => summariseLikelihood({ kind: 'none', why: 'a GAN has none' })).toThrow(/a GAN has none/);
    const broken: Likelihood = { kind: 'exact', nats: Float64Array.of(1, Number.NaN), dim: 1 };
    expect(() => summariseLikelihood(broken)).toThrow(/point 2 is NaN/);
  });

  it.each([
    [() => ({ solver: solverByName('euler-maruyama') }), /follows no flow/],
    [() => ({ grid: uniformGrid(4) }), /fall, from data to noise/],
    [() => ({ dim: 4 }), /not rows of 4/],
  ])('refuses nonsense', (options, message) => {
    const oracle = gaussianBaseOracle(scheduleByName('linear'), GaussianMixture.standard(2));
    const whole = { dim: 2, grid: gradedGrid(4, 1), ...options() };
    expect(() => integrateLogDensity(oracle, new Float64Array(6), whole)).toThrow(message);
  });
});
