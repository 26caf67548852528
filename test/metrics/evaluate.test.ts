import { describe, expect, it } from 'vitest';
import { datasetFromPoints, trainingSet } from '../../src/data/dataset.js';
import { distributionByName, distributionNames } from '../../src/data/registry.js';
import { type Evaluation, evaluateSamples, evaluationSteps } from '../../src/metrics/evaluate.js';

function expectFinite(evaluation: Evaluation): void {
  for (const metric of Object.values(evaluation.metrics)) {
    const numbers = [metric.value, metric.floor, metric.floorStd, metric.n, metric.training ?? 0];
    numbers.push(...metric.interval, ...(metric.perfect ?? []));
    expect(metric.interval[0]).toBeLessThanOrEqual(metric.value);
    expect(metric.interval[1]).toBeGreaterThanOrEqual(metric.value);
    for (const value of [...numbers, ...Object.values(metric.details ?? {})])
      expect(Number.isFinite(value)).toBe(true);
  }
}

describe('evaluateSamples', () => {
  it('judges 20 000 true samples of the corridor at their floors', () => {
    const corridor = distributionByName('corridor');
    const { points, labels } = corridor.sample(20_000, 1);
    const seen: string[] = [];
    const evaluation = evaluateSamples({
      points,
      labels,
      distribution: corridor,
      training: trainingSet(corridor, 1000, 0),
      family: 'truth',
      seed: 2,
      onProgress: (metric, done) => {
        seen.push(metric);
        expect(done).toBeLessThan(1);
      },
    });
    expect(evaluation).toMatchObject({ family: 'truth', data: 'corridor', seed: 2, n: 20_000 });
    const names = [
      'frechet',
      'sliced_w2',
      'w2',
      'energy_distance',
      'log_p_true',
      'off_support',
      'mode_coverage',
      'high_quality',
      'label_purity',
      'copies',
    ];
    expect(Object.keys(evaluation.metrics)).toEqual(names);
    expect(seen).toEqual(['true samples', ...names]);
    expectFinite(evaluation);
    const { frechet, sliced_w2, off_support, mode_coverage, label_purity, log_p_true } = evaluation.metrics;
    expect(frechet.value).toBeLessThan(0.004);
    expect(frechet.training).toBeGreaterThan(frechet.floor);
    expect(sliced_w2.value).toBeLessThan(sliced_w2.training!);
    expect(off_support.value).toBeLessThan(0.003);
    expect(mode_coverage.value).toBeGreaterThan(0.99);
    expect(label_purity.value).toBeGreaterThan(0.99);
    expect(Math.abs(log_p_true.value + 1.571)).toBeLessThan(0.04);
  });

  it('gives the same numbers for the same seed', () => {
    const ring = distributionByName('ring');
    const run = (seed: number) =>
      evaluateSamples({ points: ring.sample(200, 1).points, distribution: ring, seed });
    expect(run(3)).toEqual(run(3));
    expect(run(4)).not.toEqual(run(3));
  });

  it('comes to the same metric by metric, with other work and another evaluation in between', () => {
    const rings = distributionByName('rings');
    const input = { points: rings.sample(100, 1).points, distribution: rings, seed: 3, floorDraws: 4 };
    const [steps, others] = [evaluationSteps(input), evaluationSteps({ ...input, seed: 4 })];
    const named: string[] = [];
    let next = steps.next();
    for (; !next.done; next = steps.next()) {
      named.push(next.value.metric);
      others.next();
    }
    expect(next.value).toEqual(evaluateSamples(input));
    expect(named).toEqual(['true samples', ...Object.keys(next.value.metrics)]);
  });

  it.each(distributionNames.filter((name) => name !== 'corridor'))(
    'finds nothing wrong with true samples of %s, in finite numbers',
    (name) => {
      const distribution = distributionByName(name);
      const { points, labels } = distribution.sample(200, 1);
      const evaluation = evaluateSamples({ points, labels, distribution, seed: 2, floorDraws: 4 });
      expectFinite(evaluation);
      expect('log_p_true' in evaluation.metrics).toBe(distribution.logDensity !== undefined);
      expect('label_purity' in evaluation.metrics).toBe(distribution.classes > 1 && name !== 'pinwheel');
      const { value, floor, floorStd } = evaluation.metrics.sliced_w2;
      expect(value).toBeLessThan(floor + 8 * floorStd);
    },
  );

  it('judges against points where nothing else is known', () => {
    const rings = distributionByName('rings');
    const training = datasetFromPoints('mine', rings.sample(1000, 1).points, 2);
    const heldOut = datasetFromPoints('held out', rings.sample(600, 2).points, 2);
    const points = rings.sample(500, 3).points;
    const alone = evaluateSamples({ points, training, seed: 1 });
    expect(Object.keys(alone.metrics)).toEqual([
      ...['frechet', 'sliced_w2', 'w2', 'energy_distance', 'worst_column', 'copies'],
    ]);
    expect(alone.data).toBe('mine');
    expect(alone.metrics.frechet.floorN).toBe(500);
    expect(alone.metrics.frechet.training).toBeUndefined();
    expectFinite(alone);
    const both = evaluateSamples({ points, training, heldOut, seed: 1 });
    expect(both.data).toBe('held out');
    expect(both.metrics.frechet.floorN).toBe(300);
    expect(both.metrics.frechet.training).toBeGreaterThan(0);
    const { value, floor } = both.metrics.sliced_w2;
    expect(value).toBeLessThan(3 * floor);
    const moved = evaluateSamples({ points: points.map((one) => one + 2), training, seed: 1 });
    expect(moved.metrics.sliced_w2.value).toBeGreaterThan(3 * moved.metrics.sliced_w2.floor);
  });

  it('judges two points, and points that are all the same', () => {
    const corridor = distributionByName('corridor');
    expectFinite(evaluateSamples({ points: Float64Array.of(0, 0, 1, 1), distribution: corridor, seed: 1 }));
    const same = evaluateSamples({ points: new Float64Array(40), distribution: corridor, seed: 1 });
    expectFinite(same);
    expect(same.metrics.mode_coverage.value).toBe(0);
  });

  it('refuses what it cannot judge, in one line', () => {
    const corridor = distributionByName('corridor');
    const judge = (points: Float64Array, labels?: number[]) => () =>
      evaluateSamples({ points, ...(labels ? { labels } : {}), distribution: corridor, seed: 1 });
    expect(judge(Float64Array.of(1, 2))).toThrow(/at least 2 samples/);
    expect(judge(new Float64Array())).toThrow(/no rows/);
    expect(judge(Float64Array.of(1, 2, 3, Number.NaN))).toThrow(/row 2, column 2 is NaN/);
    expect(judge(Float64Array.of(1, 2, 3))).toThrow(/whole rows of 2/);
    expect(judge(Float64Array.of(1, 2, 3, 4), [0])).toThrow(/2 rows need 2 labels/);
    expect(() => evaluateSamples({ points: new Float64Array(4), seed: 1 })).toThrow(/needs a distribution/);
    const tiny = datasetFromPoints('tiny', Float64Array.of(1, 2, 3), 1);
    expect(() => evaluateSamples({ points: new Float64Array(4), training: tiny, seed: 1 })).toThrow(
      /too few/,
    );
  });
});
