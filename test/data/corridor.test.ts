import { describe, expect, it } from 'vitest';
import { corridor, corridorMixture } from '../../src/data/corridor.js';
import { frechetDistance, sampleMoments } from '../../src/metrics/frechet.js';
import { meanLogDensity } from '../../src/metrics/log_p_true.js';
import { projections, SlicedReference } from '../../src/metrics/sliced_w2.js';

const distribution = corridor();
const moments = { mean: distribution.mean!(), covariance: distribution.covariance!() };
const range = (count: number, value: (k: number) => number) =>
  Array.from({ length: count }, (_, k) => value(k)).sort((a, b) => a - b);

describe('corridor', () => {
  it('has the published components, weights and places', () => {
    const mixture = corridorMixture();
    expect(mixture.size).toBe(676);
    expect(mixture.classes).toBe(3);
    const weight = [0, 0, 0];
    mixture.labels.forEach((label, k) => {
      weight[label] += mixture.weights[k];
    });
    [0.47, 0.33, 0.2].forEach((expected, label) => {
      expect(weight[label]).toBeCloseTo(expected, 12);
    });
    const at = (k: number) => Array.from(mixture.means.slice(2 * k, 2 * k + 2));
    expect(at(169)).toEqual([-2, 2]);
    expect(at(169 + 314)).toEqual([1, -0.5]);
    expect(at(628)).toEqual([0.1, 3.9]);
    expect(at(675)[0]).toBeCloseTo(2.1, 12);
    expect(at(675)[1]).toBeCloseTo(2.95, 12);
    expect(at(0)[0]).toBeCloseTo(-2.2 + 2.4 / 26, 12);
    expect([628, 651, 652, 675].map((k) => mixture.labels[k])).toEqual([0, 0, 2, 2]);
  });

  it('scores true samples at the published −1.571 nats', () => {
    const value = meanLogDensity(distribution.logDensity!(distribution.sample(40_000, 11).points));
    // One point's log density has a standard deviation near 1.6: this is three standard errors.
    expect(Math.abs(value + 1.571)).toBeLessThan(0.025);
  });

  it('puts the published Fréchet distances 0.019 (1000 points) and 0.0006 (20 000) where chance does', () => {
    const distance = (n: number) => (k: number) =>
      frechetDistance(sampleMoments(distribution.sample(n, 20 + k).points, 2), moments);
    const small = range(40, distance(1000));
    const large = range(10, distance(20_000));
    expect(small[0]).toBeLessThan(0.019);
    expect(small.at(-1)).toBeGreaterThan(0.019);
    expect(large[0]).toBeLessThan(0.0006);
    expect(large.at(-1)).toBeGreaterThan(0.0006);
    // The mean is (spread of the moments)/n: it must fall with n.
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(small)).toBeGreaterThan(0.005);
    expect(mean(small)).toBeLessThan(0.02);
    expect(mean(small) / mean(large)).toBeGreaterThan(8);
    expect(mean(small) / mean(large)).toBeLessThan(50);
  });

  it('puts the published sliced W2 0.157 (1000 points) and 0.022 (20 000) where chance does', () => {
    const reference = new SlicedReference(distribution.sample(20_000, 99).points, 2, projections(2, 64, 0));
    const distance = (n: number) => (k: number) => reference.distance(distribution.sample(n, 100 + k).points);
    const small = range(40, distance(1000));
    const large = range(8, distance(20_000));
    expect(small[0]).toBeLessThan(0.157);
    expect(small.at(-1)).toBeGreaterThan(0.157);
    expect(large[0]).toBeLessThan(0.024);
    expect(large[0]).toBeGreaterThan(0.012);
    expect(large.at(-1)).toBeLessThan(0.06);
    expect(small[20]).toBeGreaterThan(2 * large[4]);
  });
});
