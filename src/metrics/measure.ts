import {
  distanceRange,
  meanError,
  meanRange,
  normalInterval,
  shareInterval,
  shareRange,
  spreadOf,
} from './chance.js';
import type { Measured, Metric, Samples, Truth } from './truth.js';

const common = ({ points }: Samples, truth: Truth, better: Metric['better']) => ({
  n: points.length / truth.dim,
  floorN: truth.floors[0].points.length / truth.dim,
  better,
});

/** Leaves the range out where no perfect samples are known to score in it. */
export const withRange = (truth: Truth, perfect: NonNullable<Metric['perfect']>): Pick<Metric, 'perfect'> =>
  truth.against === 'training points' ? {} : { perfect };

/** The distances of one evaluation. */
export interface Distances {
  readonly value: number;
  /** [n] what each sample adds to the value: the influence function. */
  readonly influence?: Float64Array;
  /** Of the floor's draws. */
  readonly draws: readonly number[];
  readonly beside: readonly number[];
}

/**
 * A metric that is a distance to the truth, 0 for equal laws.
 * @param squared whether it is the square of a distance
 */
export function distanceMetric(
  samples: Samples,
  truth: Truth,
  { value, influence, draws, beside }: Distances,
  squared: boolean,
): Measured {
  const { mean: floor, std: floorStd } = spreadOf(draws);
  // To first order by the points' influence; near 0, where that vanishes, as perfect samples spread.
  const error = Math.hypot(influence ? meanError(influence) : 0, floorStd);
  return {
    value,
    interval: normalInterval(value, error, 0),
    floor,
    floorStd,
    ...withRange(truth, distanceRange(draws, squared, truth.tail)),
    ...common(samples, truth, 'lower'),
    beside,
  };
}

/** A mean of scores that each point has by itself; the floor is that of the reference points. */
export function measureMean(
  samples: Samples,
  truth: Truth,
  better: Metric['better'],
  score: (points: Float64Array) => Float64Array,
  beside: readonly Samples[],
): Measured {
  const own = score(samples.points);
  const reference = score(truth.reference);
  const { mean: value } = spreadOf(own);
  const { mean: floor, std } = spreadOf(reference);
  return {
    value,
    interval: normalInterval(value, meanError(own)),
    floor,
    floorStd: std / Math.sqrt(own.length),
    ...withRange(truth, meanRange(reference, own.length, truth.tail)),
    ...common(samples, truth, better),
    beside: beside.map(({ points }) => spreadOf(score(points)).mean),
  };
}

/** A share of points that count. */
export interface Share {
  readonly hits: number;
  readonly of: number;
}

/**
 * A share of samples, beside that of true points.
 * @param truly the share under the truth, of so many points that its own error is in it
 */
export function measureShare(
  samples: Samples,
  truth: Truth,
  better: Metric['better'],
  own: Share,
  truly: Share,
  beside: readonly Share[] = [],
): Measured {
  const value = own.hits / own.of;
  const floor = truly.hits / truly.of;
  return {
    value,
    interval: shareInterval(value, own.of),
    floor,
    floorStd: Math.sqrt((floor * (1 - floor)) / own.of),
    ...withRange(truth, shareRange(truly.hits, truly.of, own.of, truth.tail)),
    ...common(samples, truth, better),
    beside: beside.map(({ hits, of }) => hits / of),
  };
}
