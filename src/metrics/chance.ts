/** What chance does to a metric: ranges of perfect samples, and intervals of a value. */
import { logGamma, normalQuantile, studentQuantile } from './special.js';

/** From and to. */
export type Range = readonly [number, number];

/** The probability that a value lies in its own interval. */
export const INTERVAL = 0.95;

/** That perfect samples are called worse than perfect by any metric of an evaluation, at most. */
export const FALSE_ALARMS = 0.05;

/** Relative rounding of sums that should agree. */
const ROUNDING = 1e-9;

export interface Spread {
  readonly mean: number;
  /** With n − 1; 0 for a single number. */
  readonly std: number;
}

export function spreadOf(values: ArrayLike<number>): Spread {
  let [mean, square] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const delta = values[i] - mean;
    mean += delta / (i + 1);
    square += delta * (values[i] - mean);
  }
  return { mean, std: Math.sqrt(square / Math.max(1, values.length - 1)) };
}

const widened = ([low, high]: Range): Range => [
  low - ROUNDING * Math.abs(low),
  high + ROUNDING * Math.abs(high),
];

/**
 * Where the next draw of a distance lies, given independent draws of perfect samples: Student's prediction of
 * distance^(2/3). A squared distance of empirical laws is about a weighted sum of χ², whose cube root is nearly
 * normal (Wilson & Hilferty 1931).
 * @param squared whether the draws are squares of distances already
 * @param tail probability beyond each end
 */
export function distanceRange(draws: readonly number[], squared: boolean, tail: number): Range {
  const power = squared ? 1 / 3 : 2 / 3;
  const { mean, std } = spreadOf(draws.map((value) => Math.max(0, value) ** power));
  const n = draws.length;
  if (n < 2) return [0, Number.POSITIVE_INFINITY];
  const reach = studentQuantile(tail, n - 1) * std * Math.sqrt(1 + 1 / n);
  return widened([Math.max(0, mean - reach) ** (1 / power), (mean + reach) ** (1 / power)]);
}

/**
 * Where the mean of n independent scores lies, given reference scores of perfect samples: normal, corrected for
 * skewness as by Cornish and Fisher, with the reference's own error.
 */
export function meanRange(reference: ArrayLike<number>, n: number, tail: number): Range {
  const { mean, std } = spreadOf(reference);
  const m = reference.length;
  let third = 0;
  for (let i = 0; i < m; i++) third += (reference[i] - mean) ** 3 / m;
  const skewness = std > 0 ? third / std ** 3 / Math.sqrt(n) : 0;
  const z = normalQuantile(tail);
  const shift = ((z * z - 1) / 6) * skewness;
  const reach = std * Math.sqrt(1 / n + 1 / m);
  return widened([mean + reach * Math.min(0, shift - z), mean + reach * Math.max(0, shift + z)]);
}

/**
 * The range of a share of n independent points of which each counts with a probability that is known from `hits` of
 * `trials` points: the beta-binomial law, so that the reference's own chance is in it.
 * @param trials may be fractional or infinite, where the probability is known better than by counting
 */
export function shareRange(hits: number, trials: number, n: number, tail: number): Range {
  const share = trials > 0 ? hits / trials : 0;
  if (trials === Number.POSITIVE_INFINITY || Number.isNaN(share)) return [0, 1];
  const [a, b] = [hits + 0.5, trials - hits + 0.5];
  const beta = (x: number, y: number) => logGamma(x) + logGamma(y) - logGamma(x + y);
  let log = beta(a, b + n) - beta(a, b);
  let [low, high] = [-1, n];
  let below = 0;
  for (let k = 0; k <= n; k++) {
    const here = Math.exp(log);
    if (low < 0 && below + here > tail) low = k;
    below += here;
    if (below >= 1 - tail) {
      high = k;
      break;
    }
    log += Math.log((n - k) / (k + 1)) + Math.log((a + k) / (b + n - k - 1));
  }
  return [Math.max(0, low) / n, high / n];
}

/**
 * The interval of a share: Wilson's, which stays honest at 0 and 1.
 * Source: Wilson 1927; Brown, Cai & DasGupta 2001.
 */
export function shareInterval(share: number, n: number): Range {
  const z = normalQuantile((1 - INTERVAL) / 2);
  const [centre, weight] = [share + (z * z) / (2 * n), 1 + (z * z) / n];
  const reach = z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return [Math.max(0, (centre - reach) / weight), Math.min(1, (centre + reach) / weight)];
}

/** The interval of a value with a standard error, not below `least`. */
export function normalInterval(value: number, error: number, least = Number.NEGATIVE_INFINITY): Range {
  const reach = normalQuantile((1 - INTERVAL) / 2) * error;
  return [Math.max(Math.min(least, value), value - reach), value + reach];
}

/** The standard error of a mean of per-point contributions. */
export const meanError = (contributions: ArrayLike<number>): number =>
  spreadOf(contributions).std / Math.sqrt(Math.max(1, contributions.length));
