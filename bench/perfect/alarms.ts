import type { Dataset } from '../../src/data/dataset.js';
import type { Distribution } from '../../src/data/distribution.js';
import { evaluateSamples } from '../../src/metrics/evaluate.js';

/** How perfect samples fare. */
export interface Alarms {
  sets: number;
  /** Sets that some metric calls worse than perfect. */
  worse: number;
  /** Sets that some metric finds on the other side. */
  beyond: number;
  /** Of each metric: worse, beyond, and how often the value's interval held the mean of perfect samples. */
  metrics: Record<string, { worse: number; beyond: number; held: number }>;
}

interface Options {
  training: Dataset;
  first: number;
  floorDraws?: number;
  /** Told what has been found so far. */
  onSet?(found: Alarms): void;
}

/** @param first seed of the first set; all seeds of a set follow from its own */
export function falseAlarms(
  distribution: Distribution,
  n: number,
  sets: number,
  { training, first, floorDraws, onSet }: Options,
): Alarms {
  const result: Alarms = { sets: 0, worse: 0, beyond: 0, metrics: {} };
  for (let seed = first; seed < first + sets; seed++) {
    const { points, labels } = distribution.sample(n, seed);
    const input = { points, labels, distribution, training, seed };
    const { metrics } = evaluateSamples(floorDraws === undefined ? input : { ...input, floorDraws });
    const sides = { worse: false, beyond: false };
    for (const [name, { value, perfect, interval, floor, better }] of Object.entries(metrics)) {
      const [low, high] = perfect as readonly [number, number];
      result.metrics[name] ??= { worse: 0, beyond: 0, held: 0 };
      const outside = {
        worse: better === 'lower' ? value > high : value < low,
        beyond: better === 'lower' ? value < low : value > high,
      };
      for (const side of ['worse', 'beyond'] as const) {
        if (outside[side]) result.metrics[name][side]++;
        sides[side] ||= outside[side];
      }
      if (interval[0] <= floor && floor <= interval[1]) result.metrics[name].held++;
    }
    if (sides.worse) result.worse++;
    if (sides.beyond) result.beyond++;
    result.sets++;
    onSet?.(result);
  }
  return result;
}
