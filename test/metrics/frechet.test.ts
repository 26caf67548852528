import { describe, expect, it } from 'vitest';
import { symmetricEigen, symmetricRoot } from '../../src/data/eigen.js';
import { GaussianMixture } from '../../src/data/mixture.js';
import { distributionByName } from '../../src/data/registry.js';
import { frechet, frechetDistance, sampleMoments } from '../../src/metrics/frechet.js';
import { truthOf } from '../../src/metrics/truth.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';

function randomCovariance(d: number, step: number): Float64Array {
  const random = new CounterRandom(1, STREAM.test, step);
  const a = Float64Array.from({ length: d * d }, (_, at) => random.normal(at));
  const result = new Float64Array(d * d);
  for (let i = 0; i < d; i++)
    for (let j = 0; j < d; j++) for (let k = 0; k < d; k++) result[i * d + j] += a[i * d + k] * a[j * d + k];
  return result;
}

describe('symmetricEigen', () => {
  it('says so where it does not converge', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1e200])
      expect(() => symmetricEigen(Float64Array.of(1, value, value, 2), 2)).toThrow('must be finite');
  });

  it.each([1, 2, 7, 64])('rebuilds a matrix of %i rows from its eigenvectors', (d) => {
    const matrix = randomCovariance(d, 2);
    const { values, vectors } = symmetricEigen(matrix, d);
    const root = symmetricRoot(matrix, d);
    const scale = Math.max(...matrix.map(Math.abs));
    for (let i = 0; i < d; i++)
      for (let j = 0; j < d; j++) {
        let [rebuilt, dot, square] = [0, 0, 0];
        for (let k = 0; k < d; k++) {
          rebuilt += values[k] * vectors[i * d + k] * vectors[j * d + k];
          dot += vectors[k * d + i] * vectors[k * d + j];
          square += root[i * d + k] * root[k * d + j];
        }
        expect(Math.abs(rebuilt - matrix[i * d + j])).toBeLessThan(1e-12 * scale * d);
        expect(Math.abs(square - matrix[i * d + j])).toBeLessThan(1e-12 * scale * d);
        expect(Math.abs(dot - (i === j ? 1 : 0))).toBeLessThan(1e-12);
      }
  });
});

describe('Fréchet distance', () => {
  it('is Σ(Δmean² + Δstd²) for diagonal covariances, in the plane and in 3-D', () => {
    for (const d of [2, 3]) {
      const diagonal = (stds: number[]) => {
        const covariance = new Float64Array(d * d);
        for (let i = 0; i < d; i++) covariance[i * d + i] = stds[i] ** 2;
        return covariance;
      };
      const first = { mean: Float64Array.of(0, 1, 2).slice(0, d), covariance: diagonal([1, 2, 3]) };
      const second = { mean: Float64Array.of(1, 1, -1).slice(0, d), covariance: diagonal([2, 5, 1]) };
      expect(frechetDistance(first, second)).toBeCloseTo(d === 2 ? 1 + 1 + 9 : 1 + 1 + 9 + 9 + 4, 11);
    }
  });

  it('agrees between the closed form in the plane and the general one', () => {
    const [a, b] = [randomCovariance(2, 3), randomCovariance(2, 4)];
    // Padding with an equal third coordinate adds nothing, but takes the general path.
    const pad = (m: Float64Array) => Float64Array.of(m[0], m[1], 0, m[2], m[3], 0, 0, 0, 1);
    const plane = frechetDistance(
      { mean: new Float64Array(2), covariance: a },
      { mean: new Float64Array(2), covariance: b },
    );
    const space = frechetDistance(
      { mean: new Float64Array(3), covariance: pad(a) },
      { mean: new Float64Array(3), covariance: pad(b) },
    );
    expect(plane).toBeGreaterThan(0.1);
    expect(space).toBeCloseTo(plane, 10);
  });

  it('is 0 between equal and finite between singular moments', () => {
    const own = { mean: Float64Array.of(1, 2), covariance: Float64Array.of(2, 0.4, 0.4, 1) };
    const point = { mean: Float64Array.of(1, 2), covariance: new Float64Array(4) };
    expect(frechetDistance(own, own)).toBeLessThan(1e-14);
    expect(frechetDistance(own, point)).toBeCloseTo(3, 12);
    expect(frechetDistance(point, point)).toBe(0);
  });

  it('takes unbiased moments and refuses a single point', () => {
    const { mean, covariance } = sampleMoments(Float64Array.of(0, 1, 2, 5, 4, 0), 2);
    expect(Array.from(mean)).toEqual([2, 2]);
    expect(Array.from(covariance)).toEqual([4, -1, -1, 7]);
    expect(() => sampleMoments(Float64Array.of(1, 2), 2)).toThrow(/at least 2 points, got 1/);
  });

  it('lies at its floor for true samples and far above for shifted ones', () => {
    const distribution = distributionByName('8gaussians');
    const truth = truthOf(distribution, 2000, 1, { draws: 6 });
    const points = distribution.sample(2000, 50).points;
    const metric = frechet({ points }, truth);
    expect(metric.value).toBeLessThan(metric.floor + 6 * metric.floorStd);
    expect(metric.floor).toBeGreaterThan(0);
    const shifted = frechet({ points: points.map((value) => value + 1) }, truth);
    expect(Math.abs(shifted.value - 2)).toBeLessThan(1);
    expect(shifted.value).toBeGreaterThan(20 * shifted.floor);
    expect([metric.n, metric.floorN, metric.better]).toEqual([2000, 2000, 'lower']);
  });

  it('is the squared W2 of Gaussian samples', () => {
    const wide = new GaussianMixture({
      dim: 2,
      weights: [1],
      means: Float64Array.of(3, 0),
      variances: Float64Array.of(4),
    });
    const points = wide.sample(20_000, 1).points;
    const metric = frechet({ points }, truthOf(distributionByName('gaussian'), 20_000, 1));
    expect(Math.abs(metric.value - (9 + 1 + 1))).toBeLessThan(0.3);
  });
});
