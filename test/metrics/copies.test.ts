import { describe, expect, it } from 'vitest';
import { AmbientLift } from '../../src/data/ambient.js';
import { datasetFromPoints, trainingSet } from '../../src/data/dataset.js';
import { distributionByName } from '../../src/data/registry.js';
import { evaluateSamples } from '../../src/metrics/evaluate.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';

describe('copies of training rows', () => {
  const moons = distributionByName('moons');
  const training = trainingSet(moons, 500, 0);
  const random = new CounterRandom(4, STREAM.test);
  const near = training.points.map((value, at) => value + 1e-4 * random.normal(at));
  const judge = (points: Float64Array, known: boolean) =>
    evaluateSamples({
      points,
      training: known ? training : datasetFromPoints('mine', training.points, 2),
      ...(known ? { distribution: moons } : {}),
      seed: 1,
      floorDraws: 2,
    });

  it.each([true, false])(
    'are all that a memorising model draws; fresh points have some by chance (law known: %s)',
    (known) => {
      for (const points of [training.points, near]) {
        const { copies } = judge(points, known).metrics;
        expect(copies.value).toBeGreaterThan(0.95);
        expect(copies.value).toBeGreaterThan(copies.perfect![1]);
      }
      const { copies } = judge(moons.sample(500, 7).points, known).metrics;
      // In the plane about a hundredth.
      expect(copies.floor).toBeGreaterThan(0.002);
      expect(copies.floor).toBeLessThan(0.03);
      expect(copies.value).toBeLessThanOrEqual(copies.perfect![1]);
    },
  );

  it('let nothing be called perfect where no row was held out', () => {
    const { against, metrics } = judge(training.points, false);
    expect(against).toBe('training points');
    for (const [name, metric] of Object.entries(metrics))
      expect(metric.perfect === undefined, name).toBe(name !== 'copies');
    expect(judge(training.points, true).against).toBe('distribution');
  });
});

describe('the ambient residual', () => {
  const data = distributionByName('8gaussians');
  const lift = new AmbientLift(2, 40, 3);
  const points = data.sample(300, 1).points;
  const off = (shift: (at: number) => number) => {
    const lifted = lift.lift(points).map((value, at) => value + shift(at));
    return evaluateSamples({
      points: lift.project(lifted),
      offPlane: lift.offPlane(lifted),
      distribution: data,
      seed: 1,
      floorDraws: 2,
    }).metrics.ambient_residual;
  };

  it('of points of the plane is 0', () => {
    const metric = off(() => 0);
    expect(metric.value).toBeLessThan(1e-25);
    expect(metric.floor).toBe(0);
    expect(metric.value).toBeLessThanOrEqual(metric.perfect![1]);
  });

  it('is the energy that is added off it over the variance of the data, whatever the dimension', () => {
    const random = new CounterRandom(5, STREAM.test);
    const metric = off((at) => 0.5 * random.normal(at));
    // 38 directions of variance ¼ over the trace of the covariance, 2 · (12.5 + 1).
    const expected = (38 * 0.25) / 27;
    expect(Math.abs(metric.value / expected - 1)).toBeLessThan(0.06);
    expect(metric.interval[0]).toBeLessThan(expected);
    expect(metric.interval[1]).toBeGreaterThan(expected);
    expect(metric.value).toBeGreaterThan(metric.perfect![1]);
  });

  it('refuses distances that do not fit', () => {
    const input = { points, distribution: data, offPlane: new Float64Array(2), seed: 1 };
    expect(() => evaluateSamples(input)).toThrow(/300 samples have 2 distances/);
  });
});
