import type { MetricRow } from './types.js';

/** What models without a network are called in a sentence. */
const MODELS: Readonly<Record<string, string>> = {
  gaussian: 'one Gaussian',
  kde: 'a kernel density estimate',
  gmm: 'a mixture of Gaussians',
  'manifold-parzen': 'manifold Parzen windows',
};

export const modelText = (name: string): string => MODELS[name] ?? name;

type Scored = Pick<MetricRow, 'value' | 'interval' | 'perfect' | 'better' | 'floorStd'>;

/**
 * How another model's number compares with the run's: 'better' and 'worse' beyond the interval that fresh samples of the
 * run score in, 'even' inside it. Past what perfect samples score nothing is better.
 */
export function comparedWith(row: Scored, other: number): 'better' | 'even' | 'worse' {
  const { value, better, perfect, floorStd = 0 } = row;
  if (!Number.isFinite(value) || !Number.isFinite(other)) return 'even';
  const [low, high] = row.interval ?? [value - 2 * floorStd, value + 2 * floorStd];
  // Turned so that less is better, and not past where perfect samples score.
  const turned = (one: number) => (better === 'lower' ? one : -one);
  const [least, most] = better === 'lower' ? [low, high] : [-high, -low];
  const best = perfect === undefined ? Number.NEGATIVE_INFINITY : turned(perfect[better === 'lower' ? 1 : 0]);
  const theirs = Math.max(turned(other), best);
  if (theirs < least) return 'better';
  return theirs > most && theirs > best ? 'worse' : 'even';
}

/** Names of the models without a network that metrics know of. */
export const baselinesOf = (metrics: readonly Pick<MetricRow, 'baselines'>[]): string[] => [
  ...new Set(metrics.flatMap(({ baselines = {} }) => Object.keys(baselines))),
];

/** One model without a network beside a run. */
export interface Beside {
  readonly name: string;
  /** Metrics that it scores better by. */
  readonly better: readonly MetricRow[];
  readonly worse: readonly MetricRow[];
  /** Of how many that apply to both. */
  readonly of: number;
}

/** Every model without a network that the metrics know of, the one that does best first. */
export function besideRun(metrics: readonly MetricRow[]): Beside[] {
  return baselinesOf(metrics)
    .map((name) => {
      const known = metrics.filter(({ baselines }) => baselines?.[name] !== undefined);
      const by = (result: string) =>
        known.filter((row) => comparedWith(row, row.baselines![name]) === result);
      return { name, better: by('better'), worse: by('worse'), of: known.length };
    })
    .sort((a, b) => b.better.length - b.worse.length - (a.better.length - a.worse.length));
}
