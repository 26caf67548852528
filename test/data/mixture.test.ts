import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/data/mixture.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';

const LOG_TWO_PI = Math.log(2 * Math.PI);

const isotropic = new GaussianMixture({
  dim: 2,
  weights: [2, 1, 1],
  means: Float64Array.of(0, 0, 3, 1, -1, 2),
  variances: Float64Array.of(1, 0.25, 0.04),
  labels: [0, 1, 1],
});

const full = new GaussianMixture({
  dim: 2,
  weights: [0.3, 0.7],
  means: Float64Array.of(0, 1, 2, -1),
  covariances: Float64Array.of(1, 0.6, 0.6, 0.5, 0.3, -0.1, -0.1, 0.8),
});

function randomPoints(n: number, dim: number, scale: number): Float64Array {
  const random = new CounterRandom(4, STREAM.test);
  return Float64Array.from({ length: n * dim }, (_, at) => scale * random.normal(at));
}

describe('GaussianMixture density', () => {
  it('is the textbook density of a single Gaussian', () => {
    const one = new GaussianMixture({
      dim: 2,
      weights: [5],
      means: Float64Array.of(1, 2),
      covariances: Float64Array.of(2, 0.5, 0.5, 1),
    });
    // Inverse of [[2, .5], [.5, 1]] is [[1, −.5], [−.5, 2]]/1.75; the point is (1, −1) off the mean.
    const square = (1 + 1 + 2) / 1.75;
    const expected = -LOG_TWO_PI - 0.5 * Math.log(1.75) - 0.5 * square;
    expect(one.logDensity(Float64Array.of(2, 1))[0]).toBeCloseTo(expected, 12);
  });

  it.each([
    ['isotropic', isotropic],
    ['full', full],
  ])('integrates to one: %s', (_, mixture) => {
    const step = 0.05;
    const side = 320;
    const points = Float64Array.from({ length: 2 * side * side }, (_, at) => {
      const cell = at >> 1;
      return -8 + step * (at % 2 === 0 ? cell % side : Math.floor(cell / side));
    });
    const mass = mixture.logDensity(points).reduce((sum, value) => sum + Math.exp(value) * step * step, 0);
    expect(mass).toBeCloseTo(1, 9);
  });

  it('agrees between the isotropic and the full form, in the plane and in 3-D', () => {
    for (const dim of [2, 3]) {
      const means = randomPoints(3, dim, 2);
      const variances = Float64Array.of(0.5, 1.5, 2);
      const covariances = new Float64Array(3 * dim * dim);
      for (let k = 0; k < 3; k++)
        for (let i = 0; i < dim; i++) covariances[(k * dim + i) * dim + i] = variances[k];
      const weights = [1, 2, 3];
      const fast = new GaussianMixture({ dim, weights, means, variances });
      const slow = new GaussianMixture({ dim, weights, means, covariances });
      const x = randomPoints(20, dim, 3);
      const [a, b] = [fast.logDensity(x), slow.logDensity(x)];
      const [c, d] = [fast.score(x), slow.score(x)];
      a.forEach((value, row) => {
        expect(value).toBeCloseTo(b[row], 11);
      });
      c.forEach((value, row) => {
        expect(value).toBeCloseTo(d[row], 11);
      });
    }
  });

  it.each([
    ['isotropic', isotropic],
    ['full', full],
  ])('has the finite difference of its logarithm as score: %s', (_, mixture) => {
    const x = randomPoints(30, 2, 2);
    const score = mixture.score(x);
    const h = 1e-5;
    for (let at = 0; at < x.length; at++) {
      const row = at >> 1;
      const moved = (delta: number) =>
        mixture.logDensity(x.map((value, i) => (i === at ? value + delta : value)))[row];
      expect(Math.abs((moved(h) - moved(-h)) / (2 * h) - score[at])).toBeLessThan(
        1e-7 * (1 + Math.abs(score[at])),
      );
    }
  });

  it('stays finite where every component underflows', () => {
    const value = isotropic.logDensity(Float64Array.of(1e4, -1e4))[0];
    // Far out the widest component alone is left: ln ½ − ln 2π − r²/2.
    expect(value / (Math.log(0.5) - LOG_TWO_PI - 1e8)).toBeCloseTo(1, 9);
  });
});

describe('GaussianMixture sampling and moments', () => {
  it('draws each point as a pure function of its index', () => {
    const few = full.sample(10, 5);
    const many = full.sample(1000, 5);
    expect(many.points.slice(0, 20)).toEqual(few.points);
    expect(full.sample(10, 6).points).not.toEqual(few.points);
    expect(full.sample(10, 5, STREAM.data, 1).points).not.toEqual(few.points);
  });

  it.each([
    ['isotropic', isotropic],
    ['full', full],
  ])('has samples with its own moments: %s', (_, mixture) => {
    const n = 40_000;
    const { points } = mixture.sample(n, 1);
    const mean = mixture.mean();
    const covariance = mixture.covariance();
    for (let i = 0; i < 2; i++) {
      let sum = 0;
      for (let row = 0; row < n; row++) sum += points[2 * row + i] / n;
      expect(Math.abs(sum - mean[i])).toBeLessThan(4 * Math.sqrt(covariance[3 * i] / n));
      for (let j = 0; j < 2; j++) {
        let product = 0;
        for (let row = 0; row < n; row++)
          product += ((points[2 * row + i] - mean[i]) * (points[2 * row + j] - mean[j])) / n;
        expect(Math.abs(product - covariance[2 * i + j])).toBeLessThan(0.05);
      }
    }
  });

  it('draws components by their weights and carries their labels', () => {
    const n = 40_000;
    const { components, labels } = isotropic.sample(n, 2);
    const counts = [0, 0, 0];
    components.forEach((k, row) => {
      counts[k]++;
      expect(labels[row]).toBe(isotropic.labels[k]);
    });
    [0.5, 0.25, 0.25].forEach((weight, k) => {
      expect(Math.abs(counts[k] / n - weight)).toBeLessThan(4 * Math.sqrt((weight * (1 - weight)) / n));
    });
  });

  it('returns its points from an empirical mixture, and refuses it a density', () => {
    const points = Float64Array.of(1, 2, 3, 4);
    const empirical = GaussianMixture.empirical(points, 2, [0, 1]);
    const drawn = empirical.sample(50, 1);
    drawn.components.forEach((k, row) => {
      expect(drawn.points.slice(2 * row, 2 * row + 2)).toEqual(points.slice(2 * k, 2 * k + 2));
    });
    expect(() => empirical.logDensity(points)).toThrow(/no density/);
  });
});

describe('GaussianMixture labels', () => {
  it('conditions on a label: the conditionals average to the whole', () => {
    const x = randomPoints(10, 2, 2);
    const whole = isotropic.logDensity(x);
    const parts = [0, 1].map((label) => isotropic.conditional(label).logDensity(x));
    const posterior = isotropic.labelPosterior(x);
    whole.forEach((value, row) => {
      const joint = parts.map((part) => 0.5 * Math.exp(part[row]));
      expect(joint[0] + joint[1]).toBeCloseTo(Math.exp(value), 12);
      expect(posterior[2 * row]).toBeCloseTo(joint[0] / (joint[0] + joint[1]), 12);
    });
    expect(() => isotropic.conditional(2)).toThrow(/label 2/);
  });

  it('names the label and the component that a point most probably came from', () => {
    const x = Float64Array.of(3, 1, -1, 2, 0, -0.5);
    expect(Array.from(isotropic.labelOf(x))).toEqual([1, 1, 0]);
    const { components, distances } = isotropic.assign(x);
    expect(Array.from(components)).toEqual([1, 2, 0]);
    expect(distances[2]).toBeCloseTo(0.5, 12);
  });
});

describe('GaussianMixture refuses', () => {
  const means = Float64Array.of(0, 0);
  const variances = Float64Array.of(1);
  it.each([
    [{ dim: 2, weights: [0], means, variances }, /weight 0 is 0/],
    [{ dim: 2, weights: [1], means: Float64Array.of(1), variances }, /need 2 means/],
    [{ dim: 2, weights: [1], means }, /either variances or covariances/],
    [{ dim: 2, weights: [1], means, variances: Float64Array.of(-1) }, /variance 0 is -1/],
    [{ dim: 2, weights: [1], means, variances, labels: [0.5] }, /label 0 is 0.5/],
    [{ dim: 2, weights: [1], means, covariances: Float64Array.of(1, 2, 2, 1) }, /semi-definite/],
  ])('parameters that are no mixture %#', (parameters, message) => {
    expect(() => new GaussianMixture(parameters)).toThrow(message);
  });
});
