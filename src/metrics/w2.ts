import { badInput } from '../errors.js';
import { assignPoints, FLY_DIMENSION } from '../transport/points.js';
import { normalInterval, spreadOf } from './chance.js';
import { withRange } from './measure.js';
import { studentQuantile } from './special.js';
import { type Measured, rowsOf, type Samples, subsample, type Truth } from './truth.js';

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

/** Disjoint parts of the samples that the metric averages over, and true pairs that its floor does. */
const PARTS = 4;
const PAIRS = 12;

/**
 * Exact 2-Wasserstein distance of parts of the samples to as many fresh true points, units of the data: the mean over
 * up to {@link PARTS} disjoint parts, chosen by the seed, each with true points of its own. It falls slowly with the
 * number of points in a part (`details.points`), so compare it with its floor only.
 */
export function w2(
  samples: Samples,
  truth: Truth,
  beside: readonly Samples[] = [],
  points = W2_POINTS,
): Measured {
  const { dim, seed } = truth;
  const drawn = truth.floors[0].points.length / dim;
  const size = Math.min(points, samples.points.length / dim, drawn);
  // True points of a part's own: drawn where there is a law, else other rows of the set.
  const disjoint = Math.floor(truth.reference.length / dim / size);
  const others = (k: number) =>
    truth.fresh(size, k) ?? subsample(truth.reference, dim, size, seed, k % disjoint, 1);
  const parts = (set: Float64Array, most: number) =>
    Array.from({ length: Math.min(most, Math.floor(set.length / dim / size)) }, (_, part) =>
      exactW2(subsample(set, dim, size, seed, part), others(part), dim),
    );
  const own = parts(samples.points, PARTS);
  // A set smaller than a part has a floor of its own, and so no place here.
  const besides = beside.map((set) => parts(set.points, PARTS));
  const pairs = Array.from({ length: PAIRS }, (_, k) => {
    const [first, second] = [truth.fresh(size, PARTS + 2 * k), truth.fresh(size, PARTS + 2 * k + 1)];
    if (first && second) return exactW2(first, second, dim);
    const draw = truth.floors[k % truth.floors.length];
    return exactW2(subsample(draw.points, dim, size, seed), subsample(draw.against(), dim, size, seed), dim);
  });
  const value = spreadOf(own).mean;
  const { mean: floor, std } = spreadOf(pairs);
  // Parts that are few say little of their own spread: as much as pairs of true points have, in proportion.
  const one = Math.max(own.length > 2 ? spreadOf(own).std : 0, std * Math.max(1, value / floor));
  const reach = studentQuantile(truth.tail, PAIRS - 1) * std * Math.sqrt(1 / own.length + 1 / PAIRS);
  return {
    value,
    interval: normalInterval(value, one / Math.sqrt(own.length), 0),
    floor,
    floorStd: std / Math.sqrt(own.length),
    ...withRange(truth, [Math.max(0, floor - reach), floor + reach]),
    n: samples.points.length / dim,
    floorN: drawn,
    better: 'lower',
    beside: besides.map((found) => (found.length > 0 ? spreadOf(found).mean : undefined)),
    details: { points: size, parts: own.length },
  };
}
