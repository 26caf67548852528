import { describe, expect, it } from 'vitest';
import { distributionByName, distributionNames } from '../../src/data/registry.js';
import { excessLoss } from '../../src/families/interpolant/excess_loss.js';
import { agreement, labelPurity } from '../../src/metrics/label_purity.js';
import { LOG_ZERO, logPTrue, meanLogDensity } from '../../src/metrics/log_p_true.js';
import { coverage, highQuality, modeCoverage } from '../../src/metrics/mode_coverage.js';
import { countBelow, offSupport } from '../../src/metrics/off_support.js';
import { truthOf } from '../../src/metrics/truth.js';

describe('log p_true', () => {
  it('has minus the entropy as ceiling', () => {
    const gaussian = distributionByName('gaussian');
    const truth = truthOf(gaussian, 20_000, 1);
    const metric = logPTrue({ points: gaussian.sample(20_000, 5).points }, truth);
    const entropy = 1 + Math.log(2 * Math.PI);
    for (const value of [metric.value, metric.floor, metric.details!.ceiling])
      expect(Math.abs(value + entropy)).toBeLessThan(4.5 / Math.sqrt(20_000));
    expect(metric.better).toBe('higher');
    // A collapse on the peak scores above the ceiling.
    expect(logPTrue({ points: new Float64Array(20) }, truth).value).toBeCloseTo(-Math.log(2 * Math.PI), 12);
  });

  it('stays finite where the density is 0 and says how often that is', () => {
    const truth = truthOf(distributionByName('checkerboard'), 4, 1);
    const metric = logPTrue({ points: Float64Array.of(1, 1, 1, -1, 9, 9, -3, -3) }, truth);
    expect(metric.value).toBeCloseTo((2 * LOG_ZERO - 2 * Math.log(32)) / 4, 9);
    expect(metric.details!.outside).toBe(0.5);
    expect(metric.floor).toBeCloseTo(-Math.log(32), 12);
    expect(() => meanLogDensity(new Float64Array())).toThrow(/at least one/);
  });
});

describe('off support', () => {
  it('counts true samples at 0.1 % and moved ones in full', () => {
    const corridor = distributionByName('corridor');
    const truth = truthOf(corridor, 5000, 1, { draws: 4 });
    const points = corridor.sample(5000, 5).points;
    const metric = offSupport({ points }, truth);
    expect(metric.details!.threshold).toBe(-6);
    // 0.118 % of the true mass lies below the published level.
    expect(Math.abs(metric.floor - 0.00118)).toBeLessThan(0.00025);
    expect(metric.value).toBeGreaterThanOrEqual(metric.perfect![0]);
    expect(metric.value).toBeLessThanOrEqual(metric.perfect![1]);
    const mixed = points.map((value, at) => (at < 2500 ? value + 20 : value));
    const moved = offSupport({ points: mixed }, truth);
    expect(Math.abs(moved.value - 0.25)).toBeLessThan(0.005);
    expect(moved.value).toBe(countBelow(corridor.logDensity!(mixed), -6).hits / 5000);
    // Wilson's interval holds the share.
    expect(moved.interval[0]).toBeLessThan(0.25);
    expect(moved.interval[1]).toBeGreaterThan(0.25);
  });

  it.each(distributionNames.filter((name) => distributionByName(name).logDensity))(
    'has a floor of about 0.1 %% on %s, whose level follows its own density',
    (name) => {
      const truth = truthOf(distributionByName(name), 500, 1, { draws: 2 });
      const { floor } = offSupport({ points: distributionByName(name).sample(500, 2).points }, truth);
      if (name === 'checkerboard') expect(floor).toBe(0);
      else expect(Math.abs(floor - 0.001)).toBeLessThan(0.0003);
    },
  );
});

describe('mode coverage', () => {
  const grid = distributionByName('grid');

  it('counts modes with a tenth of their share, within three standard deviations', () => {
    // 100 points, 25 modes of 4 expected each: 96 in one mode, one in another, three between modes.
    const points = new Float64Array(200);
    for (let row = 0; row < 96; row++) points.set([-4, -4], 2 * row);
    points.set([4, 4.1], 192);
    points.set([1, 1, 1, 1, 0, 0.16], 194);
    expect(coverage(points, grid.modes!)).toMatchObject({ covered: 2 / 25, inside: 97 / 100 });
    // With 10 000 points a mode should get 400: a single stray point no longer covers it.
    const many = new Float64Array(20_000).fill(-4);
    many.set([4, 4], 0);
    expect(coverage(many, grid.modes!).covered).toBe(1 / 25);
    expect(() => coverage(new Float64Array(), grid.modes!)).toThrow(/at least one/);
  });

  it('has a floor that knows how many points there are', () => {
    const corridor = distributionByName('corridor');
    const few = modeCoverage({ points: corridor.sample(500, 2).points }, truthOf(corridor, 500, 1));
    expect(few.floor).toBeLessThan(0.7);
    expect(Math.abs(few.value - few.floor)).toBeLessThan(0.08);
  });

  it('finds the published 98.89 % within three standard deviations in the plane', () => {
    const metric = highQuality({ points: grid.sample(20_000, 2).points }, truthOf(grid, 20_000, 1));
    expect(Math.abs(metric.value - 0.9889)).toBeLessThan(0.0035);
    expect(Math.abs(metric.floor - 0.9889)).toBeLessThan(0.0025);
  });
});

describe('label purity', () => {
  it('is the share of requested labels that the truth agrees with', () => {
    const rings = distributionByName('rings');
    const truth = truthOf(rings, 2000, 1);
    const { points, labels } = rings.sample(2000, 3);
    expect(labelPurity({ points, labels }, truth).value).toBeGreaterThan(0.999);
    const wrong = labels.map((label, row) => (row % 4 === 0 ? (label + 1) % 4 : label));
    expect(Math.abs(labelPurity({ points, labels: wrong }, truth).value - 0.75)).toBeLessThan(0.005);
    expect(() => labelPurity({ points }, truth)).toThrow(/requested labels/);
    expect(() => agreement([1], [1, 2])).toThrow(/as many as/);
  });
});

describe('excess loss', () => {
  it('is half the mean square with its standard error', () => {
    const oracle = Float64Array.of(0, 0, 1, 1, 2, 2);
    const loss = excessLoss(Float64Array.of(1, 1, 1, 1, 2, 4), oracle, 2);
    // Rows lose 1, 0 and 2: mean 1, standard deviation 1.
    expect([loss.value, loss.n]).toEqual([1, 3]);
    expect(loss.standardError).toBeCloseTo(1 / Math.sqrt(3), 12);
    expect(excessLoss(oracle, oracle, 2).value).toBe(0);
    expect(excessLoss([1], Float64Array.of(0), 1)).toEqual({ value: 0.5, standardError: 0, n: 1 });
    expect(() => excessLoss([1], oracle, 2)).toThrow(/disagree/);
    expect(() => excessLoss([0, 0, 0, Number.NaN, 0, 0], oracle, 2)).toThrow(/row 2/);
  });
});
