import { badInput } from '../errors.js';
import { assignPoints, FLY_DIMENSION } from '../transport/points.js';
import { type Metric, measure, rowsOf, type Samples, subsample, type Truth } from './truth.js';

/** Points that {@link w2} compares unless told otherwise; the cost grows faster than their square. */
export const W2_POINTS = 512;

/** The most points an exact assignment is computed for: some ten seconds in the plane. */
export const W2_LIMIT = 10_000;

/** The same where all costs are kept in memory, which takes 8n² bytes. */
const W2_DENSE_LIMIT = 4000;

/**
 * The exact 2-Wasserstein distance (not squared) between two point sets of equal size [n, d].
 * @throws bad-input for different or no points, and for more than {@link W2_LIMIT}, or 4000 in more than 4 dimensions
 */
export function exactW2(a: Float64Array, b: Float64Array, dim: number): number {
  const n = rowsOf(a, dim, 1, 'W2');
  if (b.length !== a.length) badInput(`W2 needs sets of equal size, got ${n} and ${b.length / dim} points`);
  const limit = dim > FLY_DIMENSION ? W2_DENSE_LIMIT : W2_LIMIT;
  if (n > limit) badInput(`W2 is exact for up to ${limit} points here, got ${n}; use sliced W2`);
  const { columnOf } = assignPoints(a, b, dim);
  let total = 0;
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < dim; k++) total += (a[i * dim + k] - b[columnOf[i] * dim + k]) ** 2;
  }
  return Math.sqrt(total / n);
}

/**
 * Exact 2-Wasserstein distance between evenly spaced subsamples of the samples and of the reference, units of
 * the data. It falls slowly with the number of points (`details.points`), so compare it with its floor only.
 */
export function w2(samples: Samples, truth: Truth, training?: Samples, points = W2_POINTS): Metric {
  const { dim } = truth;
  const core = (own: Float64Array, against: Float64Array) => {
    const size = Math.min(points, own.length / dim, against.length / dim);
    return exactW2(subsample(own, dim, size), subsample(against, dim, size), dim);
  };
  const metric = measure(samples, truth, 'lower', (set, against) => core(set.points, against), training);
  metric.details = { points: Math.min(points, metric.n, truth.reference.length / dim) };
  return metric;
}
