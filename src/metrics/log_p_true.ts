import { badInput } from '../errors.js';
import { measureMean } from './measure.js';
import type { Measured, Samples, Truth } from './truth.js';

/** ln of the smallest positive float64: what a point of density 0 counts as, so that a mean stays finite. */
export const LOG_ZERO = Math.log(Number.MIN_VALUE);

/** Mean log density, a density of 0 counted as {@link LOG_ZERO}. Throws bad-input for no points. */
export function meanLogDensity(logDensity: Float64Array): number {
  if (logDensity.length === 0) badInput('a mean log density needs at least one point');
  let sum = 0;
  for (const value of logDensity) sum += value === Number.NEGATIVE_INFINITY ? LOG_ZERO : value;
  return sum / logDensity.length;
}

/**
 * E[ln p_true] of the samples, nats. A perfect model scores the floor, which here is a ceiling: minus the
 * entropy of the truth, also given from the larger reference sample as `details.ceiling`. A model above it has
 * collapsed on the peaks. `details.outside` is the share of samples where the density is exactly 0.
 */
export function logPTrue(samples: Samples, truth: Truth, beside: readonly Samples[] = []): Measured {
  const score = (points: Float64Array) =>
    truth.logDensity(points).map((value) => (value === Number.NEGATIVE_INFINITY ? LOG_ZERO : value));
  const metric = measureMean(samples, truth, 'higher', score, beside);
  const own = truth.logDensity(samples.points);
  const outside = own.reduce((count, value) => count + (value === Number.NEGATIVE_INFINITY ? 1 : 0), 0);
  metric.details = { ceiling: metric.floor, outside: outside / own.length };
  return metric;
}
