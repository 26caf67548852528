import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/data/mixture.js';
import { distributionByName } from '../../src/data/registry.js';
import { energyDistance } from '../../src/metrics/energy_distance.js';
import { LineMixture } from '../../src/metrics/line_mixture.js';
import { LengthTable, MixtureDistance } from '../../src/metrics/mean_distance.js';
import { projections, slicedW2, sortedW2Squared } from '../../src/metrics/sliced_w2.js';
import { sortNumbers } from '../../src/metrics/sort.js';
import {
  logGamma,
  meanLength,
  normalQuantile,
  normalTail,
  studentQuantile,
} from '../../src/metrics/special.js';
import { supportLevel } from '../../src/metrics/support_level.js';
import { truthOf } from '../../src/metrics/truth.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';

const normals = (n: number, step: number) => {
  const random = new CounterRandom(8, STREAM.test, step);
  return Float64Array.from({ length: n }, (_, at) => random.normal(at));
};

describe('special functions', () => {
  it('know their closed forms', () => {
    expect(logGamma(0.5)).toBeCloseTo(0.5 * Math.log(Math.PI), 13);
    expect(logGamma(11)).toBeCloseTo(Math.log(3628800), 12);
    // Abramowitz & Stegun, tables 26.1 and 26.10.
    expect(normalTail(1)).toBeCloseTo(0.15865525393146, 12);
    expect(normalTail(4)).toBeCloseTo(3.167124183312e-5, 14);
    expect(normalTail(-2)).toBeCloseTo(1 - 0.02275013194818, 12);
    expect(normalQuantile(0.025)).toBeCloseTo(1.959963984540054, 10);
    expect(studentQuantile(0.025, 9) / 2.262157).toBeCloseTo(1, 3);
    expect(studentQuantile(0.005, 9) / 3.249836).toBeCloseTo(1, 2);
    expect(studentQuantile(0.005, 19) / 2.860935).toBeCloseTo(1, 3);
  });

  it('the mean length of a Gaussian vector agrees with closed forms and with quadrature', () => {
    for (const a of [0, 0.3, 1, 4, 11, 60]) {
      const bell = Math.sqrt(2 / Math.PI) * Math.exp(-0.5 * a * a);
      const inner = 1 - 2 * normalTail(a);
      expect(Math.abs(meanLength(a, 1) / (bell + a * inner) - 1)).toBeLessThan(1e-11);
      // The limit at 0 in three dimensions is √(8/π).
      const three = a === 0 ? Math.sqrt(8 / Math.PI) : bell + (a + 1 / a) * inner;
      expect(Math.abs(meanLength(a, 3) / three - 1)).toBeLessThan(1e-11);
      // In the plane: over both coordinates, whose trapezoid sum is exact to rounding but for the kink at 0.
      let sum = 0;
      const h = 0.1;
      for (let x = -10 + h / 2; x < 10; x += h)
        for (let y = -10 + h / 2; y < 10; y += h)
          sum += (h * h * Math.exp(-0.5 * (x * x + y * y)) * Math.hypot(x + a, y)) / (2 * Math.PI);
      expect(Math.abs(meanLength(a, 2) - sum)).toBeLessThan(1e-4);
    }
  });

  it.each([1, 2, 3, 7, 50])('the table of mean lengths is exact to 4e-9 in %i-D', (dim) => {
    const table = new LengthTable(dim);
    for (const a of [0, 0.01, 0.77, 3.3, 12.3, 30, 75, 200])
      expect(Math.abs(table.at(a) / meanLength(a, dim) - 1)).toBeLessThan(dim > 7 ? 1e-7 : 4e-9);
  });
});

describe('sorting by buckets', () => {
  it.each([
    ['spread', (x: number) => x],
    ['crowded', (x: number) => (x > 0 ? 1e9 : 0) + x],
    ['all equal', () => 3],
    ['repeated', (x: number) => Math.round(x) + 0],
  ])('%s numbers, and says where they stood', (_, change) => {
    const values = normals(3001, 1).map(change);
    const order = new Uint32Array(values.length);
    expect(sortNumbers(values)).toEqual(values.slice().sort());
    expect(sortNumbers(values, order)).toEqual(values.slice().sort());
    expect(Array.from(order, (row) => values[row])).toEqual([...values.slice().sort()]);
    expect(new Set(order).size).toBe(values.length);
  });
});

describe('W2 to a mixture on a line', () => {
  const direction = Float64Array.of(Math.cos(0.4), Math.sin(0.4));

  it('has the partial means of a Gaussian', () => {
    const line = new LineMixture(Float64Array.of(1), Float64Array.of(5), Float64Array.of(2));
    const n = 400;
    const means = line.quantileMeans(n);
    const bell = (tail: number) =>
      tail <= 0 || tail >= 1 ? 0 : Math.exp(-0.5 * normalQuantile(tail) ** 2) / Math.sqrt(2 * Math.PI);
    for (let i = 0; i < n; i++)
      expect(Math.abs(means[i] - 2 * (bell(1 - i / n) - bell(1 - (i + 1) / n)))).toBeLessThan(2e-8);
    expect([line.mean, line.variance]).toEqual([5, 4]);
  });

  it.each(['8gaussians', 'gaussian-2', 'ring'])('agrees with many true quantiles of %s', (name) => {
    const distribution = distributionByName(name);
    const mixture = (distribution.mixture ?? distribution.quadrature) as GaussianMixture;
    const [weights, means, stds] = LineMixture.shadow(mixture, direction);
    const line = new LineMixture(weights, means, stds);
    // Quantiles by bisection of the exact distribution function, at every 1/2000.
    const share = (y: number) =>
      weights.reduce((sum, w, k) => sum + w * normalTail((means[k] - y) / stds[k]), 0);
    const parts = 2000;
    const quantiles = Float64Array.from({ length: parts }, (_, i) => {
      let [low, high] = [-12, 12];
      for (let step = 0; step < 30; step++) {
        const middle = (low + high) / 2;
        if (share(middle) < (i + 0.5) / parts) low = middle;
        else high = middle;
      }
      return low;
    });
    // Other points than true ones, so that what the quantiles lack in the tails is little beside their distance.
    const points = distribution.sample(500, 3).points.map((value) => 0.7 * value + 0.5);
    const own = Float64Array.from(
      { length: 500 },
      (_, row) => points[2 * row] * direction[0] + points[2 * row + 1] * direction[1],
    ).sort();
    const exact = line.w2Squared(own, line.quantileMeans(500));
    expect(Math.abs(exact / sortedW2Squared(own, quantiles) - 1)).toBeLessThan(0.003);
  });

  it('lies below what any reference sample says, by what the sample adds', () => {
    const distribution = distributionByName('8gaussians');
    const truth = truthOf(distribution, 2000, 3, { draws: 4 });
    const metric = slicedW2({ points: distribution.sample(2000, 9).points }, truth);
    expect(metric.details).toEqual({ exact: 1 });
    // A single point is as far from the law as its moments say: |x − E Y|² + Var Y along each direction.
    const one = slicedW2({ points: Float64Array.of(3, 4) }, truthOf(distribution, 1, 3));
    const directions = projections(2, 128, 0);
    let sum = 0;
    for (let k = 0; k < 128; k++) sum += (3 * directions[2 * k] + 4 * directions[2 * k + 1]) ** 2 / 128;
    expect(one.value ** 2).toBeCloseTo(sum + (12.5 + 1), 6);
  });
});

describe('energy distance to a mixture', () => {
  it('has the mean distances that many draws have, in the plane and beyond', () => {
    for (const dim of [2, 5]) {
      const mixture = new GaussianMixture({
        dim,
        weights: [1, 3],
        means: normals(2 * dim, 2).map((value) => 2 * value),
        variances: Float64Array.of(0.5, 2),
      });
      const law = new MixtureDistance(mixture);
      const [a, b] = [mixture.sample(200_000, 1).points, mixture.sample(200_000, 2).points];
      const distances = Array.from({ length: 200_000 }, (_, row) => {
        let square = 0;
        for (let i = row * dim; i < (row + 1) * dim; i++) square += (a[i] - b[i]) ** 2;
        return Math.sqrt(square);
      });
      const mean = distances.reduce((sum, value) => sum + value, 0) / distances.length;
      const spread = Math.sqrt(
        distances.reduce((sum, value) => sum + (value - mean) ** 2, 0) / distances.length,
      );
      const error = (4.5 * spread) / Math.sqrt(distances.length);
      expect(Math.abs(law.within - mean)).toBeLessThan(error);
      // E|x − Y| averaged over x is the same number.
      const to = law.to(a.subarray(0, 20_000 * dim));
      expect(Math.abs(to.reduce((sum, value) => sum + value, 0) / 20_000 - mean)).toBeLessThan(5 * error);
    }
  });

  it('of perfect samples is E|Y − Y′|/n on average, and drawn floors agree', () => {
    const distribution = distributionByName('gaussian');
    const values = Array.from({ length: 60 }, (_, seed) => {
      const truth = truthOf(distribution, 200, seed, { draws: 2 });
      return energyDistance({ points: distribution.sample(200, 500 + seed).points }, truth);
    });
    // E|Y − Y′| of standard normals in the plane is √π.
    expect(values[0].floor).toBeCloseTo(Math.sqrt(Math.PI) / 200, 9);
    const mean = values.reduce((sum, { value }) => sum + value / 60, 0);
    expect(Math.abs(mean / values[0].floor - 1)).toBeLessThan(0.25);
  });
});

describe('the level off which the support ends', () => {
  it('is that of a Gaussian, ln 0.001 − ln 2πσ², and moves by the logarithm of a scale', () => {
    const { level, share, shareError } = supportLevel(distributionByName('gaussian') as never);
    expect(Math.abs(level - Math.log(0.001 / (2 * Math.PI)))).toBeLessThan(0.1);
    expect(share).toBeCloseTo(0.001, 5);
    expect(shareError).toBeLessThan(0.00005);
    const ring = distributionByName('ring');
    const mixture = ring.mixture as GaussianMixture;
    const wide = new GaussianMixture({
      ...{ dim: 2, weights: mixture.weights, means: mixture.means.map((value) => 7 * value + 3) },
      variances: (mixture.variances as Float64Array).map((value) => 49 * value),
    });
    const moved = { ...ring, mixture: wide, logDensity: (points: Float64Array) => wide.logDensity(points) };
    expect(supportLevel(moved as never).level).toBeCloseTo(
      supportLevel(ring as never).level - 2 * Math.log(7),
      6,
    );
  });

  it('keeps the published one of the corridor, and says what share lies below it', () => {
    const { level, share, shareError } = supportLevel(distributionByName('corridor') as never);
    expect(level).toBe(-6);
    // 0.118 % ± 0.005 % by half a million draws.
    expect(Math.abs(share - 0.00118)).toBeLessThan(3 * Math.hypot(shareError, 0.00005));
  });

  it('is the density itself where that is flat', () => {
    const { level, share } = supportLevel(distributionByName('checkerboard') as never);
    expect([level, share]).toEqual([-Math.log(32), 0]);
  });
});
