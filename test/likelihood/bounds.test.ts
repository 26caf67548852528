import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/data/mixture.js';
import { distributionByName } from '../../src/data/registry.js';
import { gaussianBaseOracle, MixtureOracle } from '../../src/interpolant/oracle.js';
import { scheduleByName } from '../../src/interpolant/schedule.js';
import { klBound, optimalDiffusion } from '../../src/likelihood/kl_bound.js';
import { sdeBound, type VelocityAtRows } from '../../src/likelihood/sde_bound.js';
import { meanAndError, summariseLikelihood } from '../../src/model/likelihood.js';

describe('the bound of the SDE', () => {
  const gaussian = new GaussianMixture({
    dim: 3,
    weights: [1],
    means: Float64Array.of(0.5, -1, 2),
    covariances: Float64Array.of(0.5, 0.2, 0, 0.2, 0.8, 0.1, 0, 0.1, 0.3),
  });

  it.each(['linear', 'trig', 'vp'])(
    'of the exact field of a Gaussian is its log density: path %s',
    async (path) => {
      const schedule = scheduleByName(path);
      const oracle = gaussianBaseOracle(schedule, gaussian);
      const { points } = gaussian.sample(60, 3);
      const bound = await sdeBound((t, x) => oracle.velocity(t, x), points, {
        ...{ dim: 3, schedule, times: 64, repetitions: 4 },
      });
      const gaps = gaussian.logDensity(points).map((value, i) => value - bound.nats[i]);
      const { mean } = meanAndError(gaps);
      expect(bound).toMatchObject({ kind: 'bound', side: 'lower' });
      expect(bound.monteCarloError).toBeLessThan(0.02);
      expect(Math.abs(mean)).toBeLessThan(4 * bound.monteCarloError + 1e-3);
      // Point by point too, not in the mean alone.
      expect(Math.max(...gaps.map(Math.abs))).toBeLessThan(0.5);
    },
  );

  it.each([
    ['8gaussians', 1],
    ['grid', 1.3],
  ] as const)(
    'of the oracle of %s is its log density up to its Monte Carlo error',
    async (name, baseScale) => {
      const { mixture } = distributionByName(name);
      if (!mixture) throw new Error(`${name} is no mixture`);
      const schedule = scheduleByName('linear');
      const base = new GaussianMixture({
        dim: 2,
        weights: [1],
        means: new Float64Array(2),
        variances: Float64Array.of(baseScale * baseScale),
      });
      const oracle = new MixtureOracle(schedule, base, mixture);
      const { points } = mixture.sample(300, 3);
      const options = { dim: 2, schedule, times: 32, repetitions: 2, baseScale };
      const bound = await sdeBound((t, x) => oracle.velocity(t, x), points, options);
      const { mean } = meanAndError(mixture.logDensity(points).map((value, i) => value - bound.nats[i]));
      expect(bound.monteCarloError).toBeLessThan(0.05);
      expect(Math.abs(mean)).toBeLessThan(4 * bound.monteCarloError + 1e-3);
      expect(summariseLikelihood(bound).tolerance).toBe(bound.monteCarloError);
    },
  );

  it('lies below by the error of the field, and the Monte Carlo error is what repetitions show', async () => {
    const schedule = scheduleByName('linear');
    const oracle = gaussianBaseOracle(schedule, gaussian);
    const { points } = gaussian.sample(100, 3);
    // A field that is wrong by δ in one coordinate: z − ẑ moves by β/W δ, W = 1, so that the integral gains
    // ½δ²∫t² d ln S in the mean; from the truncation on the field is right again.
    const delta = 0.3;
    const wrong = (t: Float64Array, x: Float64Array) =>
      oracle
        .velocity(t, x)
        .map((value, i) => value + (i % 3 === 1 && t[Math.floor(i / 3)] < 0.9 ? delta : 0));
    const run = (field: VelocityAtRows, seed: number) =>
      sdeBound(field, points, { dim: 3, schedule, times: 64, repetitions: 4, seed });
    const [right, off] = [await run((t, x) => oracle.velocity(t, x), 1), await run(wrong, 1)];
    // ln S = 2 ln(t/(1 − t)): ∫₀^0.9 t²·2/(t(1 − t)) dt = 2(−0.9 − ln 0.1).
    const loss = 0.5 * delta ** 2 * 2 * (-0.9 - Math.log(0.1));
    const { mean } = meanAndError(right.nats.map((value, i) => value - off.nats[i]));
    expect(Math.abs(mean - loss)).toBeLessThan(4 * (right.monteCarloError + off.monteCarloError) + 1e-3);
    const means = await Promise.all(
      [2, 3, 4, 5, 6, 7, 8, 9].map(async (seed) => meanAndError((await run(wrong, seed)).nats).mean),
    );
    const spread = meanAndError(means).standardError * Math.sqrt(means.length);
    expect(Math.abs(Math.log(spread / off.monteCarloError))).toBeLessThan(Math.log(2.5));
  });

  it('asks for a path that has it', async () => {
    const field = (_: Float64Array, x: Float64Array) => x;
    const refuse = (options: object) =>
      expect(
        sdeBound(field, new Float64Array(4), { dim: 2, schedule: scheduleByName('linear'), ...options }),
      );
    await refuse({ schedule: scheduleByName('linear', 'sqrt') }).rejects.toThrow(/one-sided/);
    await refuse({ repetitions: 1 }).rejects.toThrow(/2 or more/);
    await refuse({ truncation: 0 }).rejects.toThrow(/between 0 and 1/);
    await refuse({ dim: 3 }).rejects.toThrow(/not rows of 3/);
  });
});

describe('the KL bound of an interpolant’s SDE', () => {
  // N(0, 1) → N(2, 0.5²) by the linear path with γ = √(t(1 − t)): exact fields and all marginals are Gaussian.
  const variance = (t: number) => (1 - t) ** 2 + 0.25 * t * t + t * (1 - t);
  const slope = (t: number) => -2 * (1 - t) + 0.5 * t + 1 - 2 * t;

  /** Where dX = (b̂ + εŝ)dt + √(2ε)dW ends, and both excess losses, for b̂ − b = p + q(x − m), ŝ − s alike. */
  function perturbed(epsilon: number, [p, q]: number[], [r, w]: number[]) {
    // RK4 on mean, variance and the integrals of the errors.
    const derivative = (t: number, [mean, spread]: number[]) => {
      const own = slope(t) / (2 * variance(t)) + q + epsilon * (w - 1 / variance(t));
      return [
        2 + p + epsilon * r + own * (mean - 2 * t),
        2 * own * spread + 2 * epsilon,
        0.5 * (p * p + q * q * variance(t)),
        0.5 * (r * r + w * w * variance(t)),
      ];
    };
    const steps = 2000;
    let y = [0, 1, 0, 0];
    for (let i = 0; i < steps; i++) {
      const h = 1 / steps;
      const t = i / steps;
      const move = (k: number[], by: number) => y.map((value, j) => value + by * k[j]);
      const k1 = derivative(t, y);
      const k2 = derivative(t + h / 2, move(k1, h / 2));
      const k3 = derivative(t + h / 2, move(k2, h / 2));
      const k4 = derivative(t + h, move(k3, h));
      y = y.map((value, j) => value + (h / 6) * (k1[j] + 2 * k2[j] + 2 * k3[j] + k4[j]));
    }
    const [mean, spread, excessB, excessS] = y;
    // KL(N(2, 0.25) ‖ N(mean, spread)).
    const kl = 0.5 * (0.25 / spread + (mean - 2) ** 2 / spread - 1 + Math.log(spread / 0.25));
    return { kl, excessB, excessS };
  }

  it('is 0 for exact fields, whatever ε', () => {
    for (const epsilon of [0.1, 1, 5]) {
      const { kl, excessB, excessS } = perturbed(epsilon, [0, 0], [0, 0]);
      expect(kl).toBeLessThan(1e-10);
      expect(klBound(excessB, excessS, epsilon)).toBe(0);
    }
  });

  it.each([
    [
      [0.4, 0],
      [0, 0],
    ],
    [
      [0, 0.5],
      [0, 0],
    ],
    [
      [0, 0],
      [0.7, -0.3],
    ],
    [
      [0.2, -0.4],
      [-0.5, 0.6],
    ],
    [
      [0.3, 0.3],
      [0.3, 0.3],
    ],
  ])('lies above the true KL for b̂ − b %o and ŝ − s %o, at every ε, and ε* makes it least', (b, s) => {
    let least = Number.POSITIVE_INFINITY;
    for (const epsilon of [0.03, 0.1, 0.3, 1, 3, 10]) {
      const { kl, excessB, excessS } = perturbed(epsilon, b, s);
      const bound = klBound(excessB, excessS, epsilon);
      expect(kl).toBeGreaterThan(1e-6);
      expect(kl).toBeLessThan(bound);
      least = Math.min(least, bound);
    }
    const { excessB, excessS } = perturbed(1, b, s);
    const best = optimalDiffusion(excessB, excessS);
    if (excessB > 0 && excessS > 0) {
      expect(klBound(excessB, excessS, best)).toBeCloseTo(2 * Math.sqrt(excessB * excessS), 12);
      expect(klBound(excessB, excessS, best)).toBeLessThanOrEqual(least);
      expect(perturbed(best, b, s).kl).toBeLessThan(klBound(excessB, excessS, best));
    } else expect(best).toBe(excessB === 0 ? 0 : Number.POSITIVE_INFINITY);
  });

  it('is within a factor of two of the truth where the errors agree and never cross', () => {
    // A constant error of the drift alone: the path's KL is ΔL_b/(2ε), half of the bound.
    const epsilon = 0.3;
    const { kl, excessB } = perturbed(epsilon, [0.05, 0], [0, 0]);
    expect(kl).toBeGreaterThan(0.05 * klBound(excessB, 0, epsilon));
  });

  it('refuses what is no excess, and says nothing about the ODE', () => {
    expect(klBound(0.1, 0.1, 0)).toBe(Number.POSITIVE_INFINITY);
    expect(klBound(0, 0.1, 0)).toBe(0);
    expect(() => klBound(-0.1, 0.1, 1)).toThrow(/velocity loss is -0.1/);
    expect(() => optimalDiffusion(0.1, Number.NaN)).toThrow(/score loss/);
    expect(() => klBound(0.1, 0.1, -1)).toThrow(/ε is -1/);
  });
});
