import { NEGLIGIBLE } from '../data/mixture_tables.js';
import { maximiseLog } from './maximise.js';

/** Pairs of a left-out point and a kernel that are kept at once. */
export const MOST_PAIRS = 2 ** 24;
const LEAST_QUERIES = 64;

/**
 * The points that are left out in turn, [q]: all while their pairs are at most {@link MOST_PAIRS}, else evenly spaced
 * ones. A few hundred place a bandwidth within some per cent, at which less than 0.01 nats are lost.
 */
export function leftOutRows(points: number, most = MOST_PAIRS): Uint32Array {
  const queries = Math.min(points, Math.max(LEAST_QUERIES, Math.floor(most / points)));
  return Uint32Array.from({ length: queries }, (_, q) => Math.floor(((q + 0.5) * points) / queries));
}

/** How the kernels of all points look from the points that are left out. */
export interface KernelPairs {
  /** [q] */
  readonly rows: Uint32Array;
  /** [m] how many copies of each point there are; all are left out together. */
  readonly counts: Float64Array;
  /** [q, m] squared distances in deviations of a kernel of scale 1; Infinity of a point to itself */
  readonly squares: Float64Array;
  /** [q, m] ln of a kernel's share and −½ ln det of its covariance at scale 1; or [m] where it is the same from everywhere */
  readonly levels: Float64Array;
  /** The dimension that a scale multiplies lengths in. */
  readonly dim: number;
}

/**
 * Mean ln p of points under the kernels of all others, each of the scale s: nats. All copies of a point are left out
 * with it: a copy that stayed would make the likelihood grow without bound as s goes to 0.
 */
export function leaveOneOut({ rows, counts, squares, levels, dim }: KernelPairs, s: number): number {
  const m = counts.length;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const width = levels.length === m ? 0 : m;
  const half = 0.5 / (s * s);
  let result = 0;
  let weights = 0;
  for (let q = 0; q < rows.length; q++) {
    const [from, level] = [q * m, q * width];
    let largest = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < m; j++) {
      const term = levels[level + j] - half * squares[from + j];
      if (term > largest) largest = term;
    }
    const least = largest + NEGLIGIBLE;
    let sum = 0;
    for (let j = 0; j < m; j++) {
      const term = levels[level + j] - half * squares[from + j];
      if (term > least) sum += Math.exp(term - largest);
    }
    const own = counts[rows[q]];
    result += own * (largest + Math.log(sum) - Math.log(1 - own / total));
    weights += own;
  }
  return result / weights - dim * (Math.log(s) + 0.5 * Math.log(2 * Math.PI));
}

/**
 * The scale of greatest leave-one-out likelihood, and that likelihood. There d·s² is the mean square under the kernels'
 * posterior, so that it lies between the means of the least and of the greatest square of each point.
 */
export function bestScale(pairs: KernelPairs): { scale: number; likelihood: number } {
  const { rows, counts, squares, dim } = pairs;
  const m = counts.length;
  let [low, high, weights] = [0, 0, 0];
  rows.forEach((row, q) => {
    let [least, most] = [Number.POSITIVE_INFINITY, 0];
    for (const square of squares.subarray(q * m, (q + 1) * m)) {
      if (square < least) least = square;
      if (square > most && square < Number.POSITIVE_INFINITY) most = square;
    }
    low += counts[row] * least;
    high += counts[row] * most;
    weights += counts[row];
  });
  const bound = (sum: number) => Math.sqrt(sum / weights / dim);
  // Points too near each other to be told apart in these numbers.
  if (!(low > 0)) return { scale: 1, likelihood: leaveOneOut(pairs, 1) };
  const { at, value } = maximiseLog((s) => leaveOneOut(pairs, s), bound(low), bound(high));
  return { scale: at, likelihood: value };
}
