import { badInput } from '../errors.js';
import { measureShare, type Share } from './measure.js';
import { type Dense, supportLevel } from './support_level.js';
import type { Measured, Samples, Truth } from './truth.js';

/** How many values lie strictly below a threshold, of how many. */
export function countBelow(values: Float64Array, threshold: number): Share {
  let hits = 0;
  for (const value of values) if (value < threshold) hits++;
  return { hits, of: values.length };
}

/**
 * Share of samples off the support: ln p_true below the level that leaves 0.1 % of the true mass below it, or below
 * the law's published one (`details.threshold`, nats). The floor is the true share below that level.
 */
export function offSupport(samples: Samples, truth: Truth, beside: readonly Samples[] = []): Measured {
  const { distribution } = truth;
  if (!distribution?.logDensity) badInput('samples are off a support only where the truth has a density');
  const { level, share, shareError } = supportLevel(distribution as typeof distribution & Dense);
  const count = ({ points }: Samples) => countBelow(truth.logDensity(points), level);
  // As if counted on so many points as give the share's own error; none lie below a level that nothing is below.
  const of = shareError > 0 ? (share * (1 - share)) / shareError ** 2 : Number.POSITIVE_INFINITY;
  const truly = shareError > 0 ? { hits: share * of, of } : { hits: share, of: 1 };
  const metric = measureShare(samples, truth, 'lower', count(samples), truly, beside.map(count));
  if (shareError === 0 && metric.perfect) metric.perfect = [share, share];
  metric.details = { threshold: level, share, shareError };
  return metric;
}
