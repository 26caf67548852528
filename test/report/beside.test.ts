/** When a model without a network is called better than a run, and what a report then says. */
import { describe, expect, it } from 'vitest';
import { fitBaseline } from '../../src/baselines/baseline.js';
import { trainingSet } from '../../src/data/dataset.js';
import { distributionByName } from '../../src/data/registry.js';
import { evaluateSamples } from '../../src/metrics/evaluate.js';
import { besideRun, comparedWith } from '../../src/report/beside.js';
import type { MetricRow } from '../../src/report/types.js';

const lower = { value: 2, interval: [1.5, 2.5], perfect: [0, 0.5], better: 'lower' } as const;
const higher = { value: 0.6, interval: [0.5, 0.7], perfect: [0.9, 1], better: 'higher' } as const;

describe('a number beside a run', () => {
  it.each([
    [lower, 1, 'better'],
    [lower, 2.4, 'even'],
    [lower, 3, 'worse'],
    [lower, Number.NaN, 'even'],
    [higher, 0.8, 'better'],
    [higher, 0.55, 'even'],
    [higher, 0.4, 'worse'],
    // Past what perfect samples score nothing is better than the best of them.
    [{ ...lower, value: 0.5, interval: [0.4, 0.6], perfect: [0.3, 0.5] }, 0.1, 'even'],
    [{ ...higher, value: 0.95, interval: [0.93, 0.97] }, 0.99, 'even'],
    // Without an interval by the spread of the floor.
    [{ value: 2, floorStd: 0.1, better: 'lower' }, 1.9, 'even'],
    [{ value: 2, floorStd: 0.1, better: 'lower' }, 1.7, 'better'],
  ] as const)('%o and %f: %s', (row, other, expected) => {
    expect(comparedWith(row, other)).toBe(expected);
  });
});

describe('an evaluation with models without a network', () => {
  const law = distributionByName('corridor');
  const training = trainingSet(law, 300, 1);
  const evaluate = (points: Float64Array, baselines: boolean) =>
    evaluateSamples({ points, distribution: law, training, seed: 3, floorDraws: 3, baselines });
  const rowsOf = (metrics: ReturnType<typeof evaluate>['metrics']) =>
    Object.entries(metrics).map(([key, metric]) => ({ key, name: key, ...metric }) as unknown as MetricRow);

  it('changes nothing else, and finds them even with themselves and better than one Gaussian', () => {
    const gaussian = fitBaseline('gaussian', training).sample(600, 9).points;
    const plain = evaluate(gaussian, false);
    const { metrics } = evaluate(gaussian, true);
    for (const [key, { baselines, ...metric }] of Object.entries(metrics)) {
      expect(metric).toEqual(plain.metrics[key]);
      expect(Object.keys(baselines ?? {})).toEqual(['gaussian', 'kde', 'gmm', 'manifold-parzen']);
    }
    const beside = besideRun(rowsOf(metrics));
    const of = (name: string) => beside.find((one) => one.name === name)!;
    expect(of('gmm').better.length).toBeGreaterThan(3);
    expect(of('kde').better.map(({ key }) => key)).toContain('off_support');
    expect(of('gaussian').better.length).toBeLessThan(2);
  });

  it('finds none better than the truth', () => {
    const { metrics } = evaluate(law.sample(600, 77).points, true);
    for (const { name, better } of besideRun(rowsOf(metrics))) expect(better, name).toEqual([]);
  });
});
