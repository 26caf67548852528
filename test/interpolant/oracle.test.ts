import { describe, expect, it } from 'vitest';
import { corridorMixture } from '../../src/data/corridor.js';
import { GaussianMixture } from '../../src/data/mixture.js';
import { gaussianBaseOracle, MixtureOracle, memorisingOracle } from '../../src/interpolant/oracle.js';
import { pathByName, pathNames } from '../../src/interpolant/paths.js';
import { scheduleByName } from '../../src/interpolant/schedule.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';

const base = new GaussianMixture({
  dim: 2,
  weights: [1, 2],
  means: Float64Array.of(-1, 0, 1, 0.5),
  variances: Float64Array.of(0.5, 1),
});
const isotropic = new GaussianMixture({
  dim: 2,
  weights: [1, 1, 2],
  means: Float64Array.of(2, 2, -2, 1, 0, -2),
  variances: Float64Array.of(0.3, 0.1, 0.3),
  labels: [0, 1, 1],
});
const full = new GaussianMixture({
  dim: 2,
  weights: [1, 3],
  means: Float64Array.of(2, 1, -1, -1),
  covariances: Float64Array.of(0.5, 0.3, 0.3, 0.4, 0.2, -0.1, -0.1, 0.6),
});

function normals(n: number, scale: number): Float64Array {
  const random = new CounterRandom(9, STREAM.test);
  return Float64Array.from({ length: n }, (_, at) => scale * random.normal(at));
}

/** The same mixture with its variances written as matrices, to force the general algorithm. */
function written(mixture: GaussianMixture): GaussianMixture {
  const { dim, size, weights, means, labels } = mixture;
  const covariances = new Float64Array(size * dim * dim);
  for (let k = 0; k < size; k++)
    for (let i = 0; i < dim; i++) covariances[(k * dim + i) * dim + i] = mixture.variances![k];
  return new GaussianMixture({ dim, weights, means, labels, covariances });
}

const cases = [
  ...pathNames
    .filter((path) => path !== 'mirror' && !pathByName(path).gaussianBase)
    .map((path) => [`${path}, sqrt, isotropic`, scheduleByName(path, 'sqrt', 0.7), isotropic] as const),
  ['linear, none, isotropic', scheduleByName('linear'), isotropic] as const,
  ['linear, sin-squared, full', scheduleByName('linear', 'sin-squared'), full] as const,
  ['trig, sigmoid-sum, full', scheduleByName('trig', 'sigmoid-sum'), full] as const,
  ['vp, none, full', scheduleByName('vp'), full] as const,
];

describe.each(cases)('oracle: %s', (_, schedule, target) => {
  const oracle = new MixtureOracle(schedule, base, target);
  const x = normals(2 * 12, 1.2);

  it('satisfies the transport equation ∂tρ + ∇·(bρ) = 0', () => {
    const h = 1e-5;
    for (const t of [0.15, 0.4, 0.73, 0.9]) {
      const rho = (time: number, at: Float64Array) => oracle.logDensity(time, at).map(Math.exp);
      const [later, earlier, now] = [rho(t + h, x), rho(t - h, x), rho(t, x)];
      const flux = (i: number, delta: number) => {
        const moved = x.map((value, at) => (at % 2 === i ? value + delta : value));
        const density = rho(t, moved);
        const velocity = oracle.velocity(t, moved);
        return density.map((value, row) => value * velocity[2 * row + i]);
      };
      const [px, mx, py, my] = [flux(0, h), flux(0, -h), flux(1, h), flux(1, -h)];
      now.forEach((density, row) => {
        const change = (later[row] - earlier[row]) / (2 * h);
        const divergence = (px[row] - mx[row] + py[row] - my[row]) / (2 * h);
        expect(Math.abs(change + divergence)).toBeLessThan(1e-6 * (density + Math.abs(change) + 1e-2));
      });
    }
  });

  it('has the divergence of its velocity in closed form', () => {
    const h = 1e-5;
    for (const t of [0, 0.15, 0.5, 0.9, 1]) {
      const { velocity, divergence } = oracle.flow(t, x);
      expect(velocity.every((value, at) => Math.abs(value - oracle.velocity(t, x)[at]) < 1e-9)).toBe(true);
      const numeric = new Float64Array(divergence.length);
      for (let i = 0; i < 2; i++) {
        const moved = (delta: number) =>
          oracle.velocity(
            t,
            x.map((value, at) => (at % 2 === i ? value + delta : value)),
          );
        const [high, low] = [moved(h), moved(-h)];
        numeric.forEach((value, row) => {
          numeric[row] = value + (high[2 * row + i] - low[2 * row + i]) / (2 * h);
        });
      }
      // α̇ of vp is 1e8 at t = 1, and the differences lose what it rounds away.
      const rounding = (1e-15 / h) * Math.hypot(...velocity);
      numeric.forEach((value, row) => {
        expect(Math.abs(divergence[row] - value)).toBeLessThan(1e-7 * (10 + Math.abs(value)) + rounding);
      });
    }
  });

  it('has the gradient of its log density as score', () => {
    const h = 1e-5;
    for (const t of [0, 0.3, 0.8, 1]) {
      const score = oracle.score(t, x);
      for (let i = 0; i < 2; i++) {
        const moved = (delta: number) =>
          oracle.logDensity(
            t,
            x.map((value, at) => (at % 2 === i ? value + delta : value)),
          );
        const [high, low] = [moved(h), moved(-h)];
        high.forEach((value, row) => {
          const expected = score[2 * row + i];
          expect(Math.abs((value - low[row]) / (2 * h) - expected)).toBeLessThan(
            1e-7 * (10 + Math.abs(expected)),
          );
        });
      }
    }
  });

  it('has ends equal to the two mixtures', () => {
    const [start, end] = [oracle.logDensity(0, x), oracle.logDensity(1, x)];
    base.logDensity(x).forEach((value, row) => {
      expect(start[row]).toBeCloseTo(value, 10);
    });
    target.logDensity(x).forEach((value, row) => {
      expect(end[row]).toBeCloseTo(value, 10);
    });
  });

  it('keeps b = v − γγ̇s, η = −γs and x = αE[x0] + βE[x1] + γη', () => {
    for (const t of [0, 0.2, 0.6, 0.95, 1]) {
      const c = schedule.at(t);
      const all = oracle.evaluate(t, x);
      x.forEach((value, at) => {
        expect(all.velocity[at]).toBeCloseTo(all.drift[at] - c.gammaGammaDot * all.score[at], 9);
        expect(all.denoiser[at]).toBeCloseTo(-c.gamma * all.score[at], 10);
        const whole = c.alpha * all.basePosterior[at] + c.beta * all.dataPosterior[at];
        expect(whole + c.gamma * all.denoiser[at]).toBeCloseTo(value, 9);
      });
    }
  });

  it('gives the same through every door: single quantities, one t or one a row, an output array', () => {
    const times = Float64Array.from({ length: 12 }, (_, row) => row / 11);
    const all = oracle.evaluate(times, x);
    const out = new Float64Array(x.length);
    expect(oracle.velocity(times, x, out)).toBe(out);
    const pairs = [
      [out, all.velocity],
      [oracle.drift(times, x), all.drift],
      [oracle.score(times, x), all.score],
      [oracle.denoiser(times, x), all.denoiser],
      [oracle.basePosterior(times, x), all.basePosterior],
      [oracle.dataPosterior(times, x), all.dataPosterior],
    ];
    for (const [one, other] of pairs)
      one.forEach((value, at) => {
        expect(Math.abs(value - other[at])).toBeLessThanOrEqual(1e-12 * (1 + Math.abs(other[at])));
      });
    const single = oracle.velocity(times[5], x);
    expect(single.slice(10, 12)).toEqual(out.slice(10, 12));
  });
});

describe('oracle against independent truths', () => {
  it('agrees between its isotropic and its general algorithm', () => {
    const schedule = scheduleByName('trig', 'sqrt');
    const x = normals(40, 2);
    const times = Float64Array.from({ length: 20 }, (_, row) => row / 19);
    const fast = new MixtureOracle(schedule, base, isotropic).evaluate(times, x);
    const slow = new MixtureOracle(schedule, written(base), written(isotropic)).evaluate(times, x);
    for (const key of ['velocity', 'score', 'drift', 'logDensity'] as const)
      fast[key].forEach((value, at) => {
        expect(value).toBeCloseTo(slow[key][at], 9);
      });
  });

  it('agrees between them in 3-D too', () => {
    const space = (step: number) =>
      new GaussianMixture({
        dim: 3,
        weights: [1, 2],
        means: normals(6, step),
        variances: Float64Array.of(0.4, 0.9),
      });
    const schedule = scheduleByName('linear', 'sqrt');
    const x = normals(30, 1.5);
    const fast = new MixtureOracle(schedule, space(0.5), space(2)).evaluate(0.6, x);
    const slow = new MixtureOracle(schedule, written(space(0.5)), written(space(2))).evaluate(0.6, x);
    for (const key of ['velocity', 'score', 'drift', 'basePosterior', 'dataPosterior', 'logDensity'] as const)
      fast[key].forEach((value, at) => {
        expect(value).toBeCloseTo(slow[key][at], 10);
      });
  });

  it('is the closed form between two Gaussians on the line', () => {
    // N(0, 1) → N(2, ½²), linear: m = 2t, C = (1−t)² + t²/4, b = ṁ + ½ (Ċ/C)(x − m).
    const target = new GaussianMixture({
      dim: 1,
      weights: [1],
      means: Float64Array.of(2),
      variances: Float64Array.of(0.25),
    });
    const oracle = gaussianBaseOracle(scheduleByName('linear'), target);
    for (const t of [0, 0.3, 0.9, 1]) {
      const variance = (1 - t) ** 2 + t * t * 0.25;
      const slope = (-(1 - t) + 0.25 * t) / variance;
      const x = Float64Array.of(-1, 0, 2.5);
      oracle.velocity(t, x).forEach((value, row) => {
        expect(value).toBeCloseTo(2 + slope * (x[row] - 2 * t), 12);
      });
    }
  });

  it('is the regression E[∂tI + γ̇z | x_t ≈ x] of simulated interpolants', () => {
    const target = new GaussianMixture({
      dim: 1,
      weights: [1, 2],
      means: Float64Array.of(-2, 2),
      variances: Float64Array.of(0.25, 0.5),
    });
    const schedule = scheduleByName('linear', 'sqrt', 1);
    const oracle = gaussianBaseOracle(schedule, target);
    const n = 300_000;
    const data = target.sample(n, 1).points;
    const random = new CounterRandom(2, STREAM.test);
    const [t, width] = [0.4, 0.1];
    const c = schedule.at(t);
    const bins = 20;
    const [count, sum, square, centre] = [0, 0, 0, 0].map(() => new Float64Array(bins));
    for (let row = 0; row < n; row++) {
      const [x0, z] = [random.normal(2 * row), random.normal(2 * row + 1)];
      const x = c.alpha * x0 + c.beta * data[row] + c.gamma * z;
      const bin = Math.floor((x + 1) / width);
      if (bin < 0 || bin >= bins) continue;
      const velocity = c.alphaDot * x0 + c.betaDot * data[row] + c.gammaDot * z;
      count[bin]++;
      sum[bin] += velocity;
      square[bin] += velocity * velocity;
      centre[bin] += x;
    }
    count.forEach((weight, bin) => {
      expect(weight).toBeGreaterThan(1000);
      const mean = sum[bin] / weight;
      const error = Math.sqrt((square[bin] / weight - mean * mean) / weight);
      const exact = oracle.velocity(t, Float64Array.of(centre[bin] / weight))[0];
      expect(Math.abs(mean - exact)).toBeLessThan(4.5 * error + 2e-3);
    });
  });

  it('integrates N(0, 1) to N(2, ½²) by Runge–Kutta', () => {
    const target = new GaussianMixture({
      dim: 1,
      weights: [1],
      means: Float64Array.of(2),
      variances: Float64Array.of(0.25),
    });
    // The map between Gaussians is affine, so mean ± std of the base go to mean ± std of the target.
    for (const gamma of ['none', 'quadratic']) {
      const oracle = gaussianBaseOracle(scheduleByName('linear', gamma), target);
      const end = transport(oracle, Float64Array.of(-1, 0, 1), 100);
      expect(end[1]).toBeCloseTo(2, 6);
      expect((end[2] - end[0]) / 2).toBeCloseTo(0.5, 6);
    }
  });

  it('transports base points to the target mixture', () => {
    const oracle = gaussianBaseOracle(scheduleByName('linear'), isotropic);
    const end = transport(oracle, GaussianMixture.standard(2).sample(1500, 3).points, 200);
    const labels = isotropic.labelOf(end);
    const share = labels.reduce((count, label) => count + (label === 0 ? 1 : 0), 0) / 1500;
    expect(Math.abs(share - 0.25)).toBeLessThan(0.04);
    // The log density of a right sample has mean −entropy; compare with true samples within 4 errors.
    const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const truth = isotropic.logDensity(isotropic.sample(20_000, 4).points);
    expect(Math.abs(mean(isotropic.logDensity(end)) - mean(truth))).toBeLessThan(4 / Math.sqrt(1500));
  });

  it('uses the mirror as noise around the data: b = γ̇η', () => {
    const schedule = scheduleByName('mirror', 'sqrt');
    const oracle = gaussianBaseOracle(schedule, isotropic);
    const x = normals(10, 1);
    const c = schedule.at(0.3);
    const [velocity, denoiser] = [oracle.velocity(0.3, x), oracle.denoiser(0.3, x)];
    velocity.forEach((value, at) => {
      expect(value).toBeCloseTo(c.gammaDot * denoiser[at], 11);
    });
  });
});

/** Classical fourth-order Runge–Kutta from t = 0 to 1. */
function transport(oracle: MixtureOracle, start: Float64Array, steps: number): Float64Array {
  let x = start.slice();
  const h = 1 / steps;
  const along = (k: Float64Array, step: number) => x.map((value, at) => value + step * k[at]);
  for (let step = 0; step < steps; step++) {
    const t = step * h;
    const k1 = oracle.velocity(t, x);
    const k2 = oracle.velocity(t + h / 2, along(k1, h / 2));
    const k3 = oracle.velocity(t + h / 2, along(k2, h / 2));
    const k4 = oracle.velocity(Math.min(1, t + h), along(k3, h));
    x = x.map((value, at) => value + (h / 6) * (k1[at] + 2 * k2[at] + 2 * k3[at] + k4[at]));
  }
  return x;
}

describe('the memorising optimum', () => {
  const set = corridorMixture().sample(300, 1);

  it('is finite for every t, exact at its points, and its posterior mean becomes the nearest of them', () => {
    for (const path of ['linear', 'trig', 'vp']) {
      for (const gamma of ['none', 'sqrt']) {
        const oracle = memorisingOracle(scheduleByName(path, gamma), set.points, 2, set.labels);
        const x = Float64Array.from([...set.points.slice(0, 6), 0, 0, 9, -9]);
        for (const t of [0, 1e-12, 0.5, 0.999, 1 - 1e-8, 1 - 1e-13, 1]) {
          const all = oracle.evaluate(t, x);
          for (const values of Object.values(all) as Float64Array[])
            for (const value of values) expect(Number.isFinite(value)).toBe(true);
        }
        const posterior = oracle.dataPosterior(1, x);
        for (let at = 0; at < 6; at++) expect(posterior[at]).toBeCloseTo(x[at], 12);
      }
    }
  });

  it('carries base points onto training points', () => {
    const oracle = memorisingOracle(scheduleByName('linear'), set.points, 2);
    const start = GaussianMixture.standard(2).sample(40, 5).points;
    let x = start;
    // Denoising steps X' = x + h (E[x1|x] − x)/(1 − t) are exact once the posterior has chosen its point.
    const steps = 400;
    for (let step = 0; step < steps; step++) {
      const t = step / steps;
      const b = oracle.velocity(t, x);
      x = x.map((value, at) => value + b[at] / steps);
    }
    for (let row = 0; row < 40; row++) {
      let nearest = Number.POSITIVE_INFINITY;
      for (let k = 0; k < 300; k++)
        nearest = Math.min(
          nearest,
          Math.hypot(x[2 * row] - set.points[2 * k], x[2 * row + 1] - set.points[2 * k + 1]),
        );
      expect(nearest).toBeLessThan(0.02);
    }
  });

  it('conditions on a label', () => {
    const oracle = memorisingOracle(scheduleByName('linear'), set.points, 2, set.labels).conditional(1);
    const posterior = oracle.dataPosterior(1, set.points.slice(0, 40));
    const own = corridorMixture().labelOf(posterior);
    expect(new Set(own)).toEqual(new Set([1]));
    const mean = new Float64Array(2);
    let count = 0;
    set.labels.forEach((label, row) => {
      if (label !== 1) return;
      count++;
      mean[0] += set.points[2 * row];
      mean[1] += set.points[2 * row + 1];
    });
    // b(0, x) = α̇x + β̇E[x1 | label].
    const start = oracle.velocity(0, Float64Array.of(0.5, -1));
    expect(start[0]).toBeCloseTo(mean[0] / count - 0.5, 10);
    expect(start[1]).toBeCloseTo(mean[1] / count + 1, 10);
  });
});

describe('oracle refuses', () => {
  it('shapes and times that do not fit', () => {
    const oracle = gaussianBaseOracle(scheduleByName('linear'), isotropic);
    expect(() => oracle.velocity(0.5, new Float64Array(3))).toThrow(/not rows of 2/);
    expect(() => oracle.velocity(new Float64Array(3), new Float64Array(4))).toThrow(/2 points need 2 times/);
    expect(() => oracle.velocity(0.5, new Float64Array(4), new Float64Array(2))).toThrow(/output/);
    expect(() => oracle.velocity(1.5, new Float64Array(2))).toThrow(/\[0, 1\]/);
    expect(() => new MixtureOracle(scheduleByName('linear'), GaussianMixture.standard(3), isotropic)).toThrow(
      /3-D/,
    );
  });
});
