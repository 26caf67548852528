import { type Metric, measure, type Samples, type Truth } from './truth.js';

/** The share of true samples that counts as off the support. */
export const SUPPORT_QUANTILE = 0.001;

/** The fixed threshold of {@link offSupportFixed}, nats. */
export const FIXED_THRESHOLD = -6;

/** Share of values strictly below a threshold. */
export function shareBelow(values: Float64Array, threshold: number): number {
  let count = 0;
  for (const value of values) if (value < threshold) count++;
  return values.length === 0 ? 0 : count / values.length;
}

function below(samples: Samples, truth: Truth, threshold: number, training?: Samples): Metric {
  const metric = measure(
    samples,
    truth,
    'lower',
    ({ points }) => shareBelow(truth.logDensity(points), threshold),
    training,
  );
  metric.details = { threshold };
  return metric;
}

/**
 * Share of samples off the support: ln p_true below the 0.1 % quantile of true samples (`details.threshold`,
 * nats). The floor is 0.001 up to chance.
 */
export function offSupport(samples: Samples, truth: Truth, training?: Samples): Metric {
  const sorted = truth.logDensity(truth.reference).slice().sort();
  const threshold = sorted[Math.floor(SUPPORT_QUANTILE * sorted.length)];
  return below(samples, truth, threshold, training);
}

/** Share of samples with ln p_true below −6 nats: a threshold that stays the same across reference samples. */
export function offSupportFixed(samples: Samples, truth: Truth, training?: Samples): Metric {
  return below(samples, truth, FIXED_THRESHOLD, training);
}
