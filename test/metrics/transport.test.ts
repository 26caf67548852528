import { describe, expect, it } from 'vitest';
import { distributionByName } from '../../src/data/registry.js';
import { energy, energyDistance } from '../../src/metrics/energy_distance.js';
import { projections, SlicedReference, slicedW2, sortedW2Squared } from '../../src/metrics/sliced_w2.js';
import { subsample, truthOf } from '../../src/metrics/truth.js';
import { exactW2, w2 } from '../../src/metrics/w2.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';

function normals(n: number, step: number): Float64Array {
  const random = new CounterRandom(6, STREAM.test, step);
  return Float64Array.from({ length: n }, (_, at) => random.normal(at));
}

describe('exact W2', () => {
  it('is the sorted distance on the line', () => {
    const [a, b] = [normals(200, 0), normals(200, 1).map((value) => 2 * value + 1)];
    const expected = Math.sqrt(sortedW2Squared(a.slice().sort(), b.slice().sort()));
    expect(exactW2(a, b, 1)).toBeCloseTo(expected, 11);
  });

  it('is the length of a translation and 0 between a set and its shuffle', () => {
    const a = normals(300, 2);
    const moved = a.map((value, at) => value + (at % 2 === 0 ? 3 : -4));
    expect(exactW2(a, moved, 2)).toBeCloseTo(5, 11);
    const reversed = Float64Array.from({ length: 300 }, (_, at) => a[298 - 2 * (at >> 1) + (at % 2)]);
    expect(exactW2(a, reversed, 2)).toBe(0);
  });

  it('has the published floor of 0.556 between two draws of 1000 points of 8gaussians', () => {
    const distribution = distributionByName('8gaussians');
    const draws = [1, 2, 3].map((seed) =>
      exactW2(distribution.sample(1000, seed).points, distribution.sample(1000, seed + 50).points, 2),
    );
    expect(Math.min(...draws)).toBeLessThan(0.556);
    expect(Math.max(...draws)).toBeGreaterThan(0.556);
    expect(Math.max(...draws)).toBeLessThan(0.8);
  });

  it('has the published floor of 0.073 for moons of evenly spaced angles, as scikit-learn draws them', () => {
    const draw = (step: number) => {
      const noise = normals(2000, step);
      return Float64Array.from({ length: 2000 }, (_, at) => {
        const row = at >> 1;
        const angle = (Math.PI * (row % 500)) / 499;
        const upper = [2 * Math.cos(angle) - 1, 2 * Math.sin(angle) - 1];
        const lower = [1 - 2 * Math.cos(angle), -2 * Math.sin(angle)];
        return (row < 500 ? upper : lower)[at % 2] + 0.1 * noise[at];
      });
    };
    const value = exactW2(draw(10), draw(11), 2);
    expect(Math.abs(value - 0.073)).toBeLessThan(0.01);
    // The evenly spaced set is a sample of the project's `moons`: as near to it as another random draw.
    const moons = distributionByName('moons');
    expect(exactW2(draw(12), moons.sample(1000, 1).points, 2)).toBeLessThan(0.35);
  });

  it('refuses sets of different or too large size', () => {
    expect(() => exactW2(new Float64Array(4), new Float64Array(2), 2)).toThrow(/equal size/);
    expect(() => exactW2(new Float64Array(20_002), new Float64Array(20_002), 2)).toThrow(
      /10000 points.*sliced/,
    );
    expect(() => exactW2(new Float64Array(20_005), new Float64Array(20_005), 5)).toThrow(
      /4000 points.*sliced/,
    );
    expect(() => exactW2(new Float64Array(), new Float64Array(), 2)).toThrow(/at least 1/);
  });
});

describe('sliced W2', () => {
  it('integrates quantiles of unequal sizes as if each point were repeated', () => {
    const a = normals(30, 3).sort();
    const b = normals(42, 4).sort();
    const repeat = (x: Float64Array, times: number) =>
      Float64Array.from({ length: x.length * times }, (_, at) => x[Math.floor(at / times)]);
    expect(sortedW2Squared(a, b)).toBeCloseTo(sortedW2Squared(repeat(a, 7), repeat(b, 5)), 12);
    expect(sortedW2Squared(Float64Array.of(2), Float64Array.of(0, 1, 3, 6))).toBeCloseTo(22 / 4, 12);
  });

  it.each([2, 3, 5])('is |shift|/√d for a translation in %i-D', (d) => {
    const directions = projections(d, 2000, 1);
    const points = normals(20 * d, 5);
    const shift = Array.from({ length: d }, (_, i) => 1 + i);
    const length = Math.hypot(...shift);
    const moved = points.map((value, at) => value + shift[at % d]);
    const value = new SlicedReference(points, d, directions).distance(moved);
    // The mean of cos² over the sphere is 1/d: exact for even angles, within chance for random directions.
    expect(Math.abs((value * Math.sqrt(d)) / length - 1)).toBeLessThan(d === 2 ? 1e-12 : 0.05);
  });

  it('never exceeds W2 and lies at its floor for true samples', () => {
    const distribution = distributionByName('moons');
    const [a, b] = [distribution.sample(300, 1).points, distribution.sample(300, 2).points];
    expect(new SlicedReference(a, 2, projections(2, 64, 0)).distance(b)).toBeLessThan(exactW2(a, b, 2));
    const truth = truthOf(distribution, 1000, 3, { draws: 6 });
    const metric = slicedW2({ points: distribution.sample(1000, 9).points }, truth);
    expect(Math.abs(metric.value - metric.floor)).toBeLessThan(6 * metric.floorStd);
    const squeezed = distribution.sample(1000, 9).points.map((value) => 0.7 * value);
    expect(slicedW2({ points: squeezed }, truth).value).toBeGreaterThan(3 * metric.floor);
  });

  it('has unit directions, one in one dimension', () => {
    const directions = projections(4, 10, 3);
    for (let k = 0; k < 10; k++)
      expect(Math.hypot(...directions.subarray(4 * k, 4 * k + 4))).toBeCloseTo(1, 12);
    expect(Array.from(projections(1, 128, 0))).toEqual([1]);
  });
});

describe('energy distance', () => {
  it('is 2·distance for two points and 0 for equal sets', () => {
    expect(energy(Float64Array.of(0, 0), Float64Array.of(3, 4), 2)).toBe(10);
    const points = normals(60, 6);
    expect(energy(points, points.slice(), 2)).toBeLessThan(1e-12);
  });

  it('is twice the integral of (F − G)² on the line', () => {
    const [a, b] = [Float64Array.of(0, 2), Float64Array.of(1, 2)];
    // F − G is ½ on [0, 1) and 0 after: ∫ = ¼.
    expect(energy(a, b, 1)).toBeCloseTo(2 * 0.25, 12);
  });

  it('lies at its floor for true samples and above for wrong ones', () => {
    const distribution = distributionByName('corridor');
    const truth = truthOf(distribution, 1000, 3, { draws: 5 });
    const points = distribution.sample(1000, 9).points;
    const metric = energyDistance({ points }, truth);
    expect(metric.value).toBeLessThan(metric.floor + 6 * metric.floorStd);
    expect(energyDistance({ points: points.map((value) => value + 0.3) }, truth).value).toBeGreaterThan(
      3 * metric.floor,
    );
  });
});

describe('subsamples', () => {
  it('are rows of a random order that the seed chooses, in disjoint parts, and the points themselves where they are few', () => {
    const points = Float64Array.from({ length: 20 }, (_, at) => at);
    expect(subsample(points, 2, 10, 1)).toBe(points);
    const rows = (part: number) =>
      Array.from(subsample(points, 2, 3, 1, part)).filter((_, at) => at % 2 === 0);
    const all = [rows(0), rows(1), rows(2)].flat();
    expect(new Set(all).size).toBe(9);
    expect(all.every((value) => value % 2 === 0)).toBe(true);
    expect(Array.from(subsample(points, 2, 3, 1))).not.toEqual(Array.from(subsample(points, 2, 3, 2)));
  });

  it('make w2 comparable with its floor', () => {
    const distribution = distributionByName('8gaussians');
    const truth = truthOf(distribution, 1000, 3, { draws: 4 });
    const metric = w2({ points: distribution.sample(1000, 9).points }, truth, undefined, 200);
    expect(metric.details).toEqual({ points: 200, parts: 4 });
    expect(Math.abs(metric.value / metric.floor - 1)).toBeLessThan(0.4);
  });
});
