/** Exact optimal transport between two point sets of equal size. */
import { type Assignment, assign, matrix } from './assignment.js';
import { TreeSearch } from './search.js';

/** Up to this dimension costs are cheaper to compute again than to keep. */
export const FLY_DIMENSION = 4;

/**
 * Rounds of the auction, each with a quarter of the last one's ε: least time together with the paths for thousands of
 * points in the plane, where 6 to 10 rounds differ by a third.
 */
const ROUNDS = 8;
const EPSILON_FACTOR = 4;

/** The squared distance of point `row` of a and point `column` of b. */
function squaredDistance(a: Float64Array, b: Float64Array, dim: number, row: number, column: number): number {
  let square = 0;
  for (let k = 0; k < dim; k++) {
    const difference = a[row * dim + k] - b[column * dim + k];
    square += difference * difference;
  }
  return square;
}

/** Squared distances from a point to all of `b`, [n, dim]. */
function distances(a: Float64Array, b: Float64Array, dim: number, row: number, into: Float64Array): void {
  const n = into.length;
  if (dim === 2) {
    const x = a[2 * row];
    const y = a[2 * row + 1];
    for (let j = 0; j < n; j++) {
      const dx = x - b[2 * j];
      const dy = y - b[2 * j + 1];
      into[j] = dx * dx + dy * dy;
    }
    return;
  }
  for (let j = 0; j < n; j++) into[j] = squaredDistance(a, b, dim, row, j);
}

/** The most that a squared distance between the sets can be: the diagonal of their common box. */
function largestCost(a: Float64Array, b: Float64Array, dim: number): number {
  let square = 0;
  for (let k = 0; k < dim; k++) {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const points of [a, b]) {
      for (let at = k; at < points.length; at += dim) {
        low = Math.min(low, points[at]);
        high = Math.max(high, points[at]);
      }
    }
    square += (high - low) ** 2;
  }
  return square;
}

/**
 * The permutation of least total squared distance between a and b, both [n, dim], in float64.
 * Memory: [n] arrays up to {@link FLY_DIMENSION} dimensions, [n, n] above.
 */
export function assignPoints(a: Float64Array, b: Float64Array, dim: number): Assignment {
  const n = a.length / dim;
  const largest = largestCost(a, b, dim);
  const epsilons = Array.from({ length: ROUNDS }, (_, k) => largest / 16 / EPSILON_FACTOR ** k);
  const noEdge = Number.POSITIVE_INFINITY;
  if (dim > FLY_DIMENSION) {
    const cost = new Float64Array(n * n);
    for (let i = 0; i < n; i++) distances(a, b, dim, i, cost.subarray(i * n, (i + 1) * n));
    return assign({ n, epsilons, ...matrix(cost, n, noEdge) });
  }
  return assign({
    n,
    epsilons,
    noEdge,
    fill: (row, into) => distances(a, b, dim, row, into),
    cost: (row, column) => squaredDistance(a, b, dim, row, column),
    search: (price) => new TreeSearch(price, a, b, dim),
  });
}

/**
 * How far an assignment is from the best one at most, by its prices: Σ_i (c_i,σ(i) − v_σ(i) − min_j(c_ij − v_j)),
 * the gap of linear programming's duality. 0 up to rounding proves that it is optimal.
 */
export function dualityGap(
  a: Float64Array,
  b: Float64Array,
  dim: number,
  { columnOf, price }: Assignment,
): number {
  const n = a.length / dim;
  const costs = new Float64Array(n);
  let gap = 0;
  for (let i = 0; i < n; i++) {
    distances(a, b, dim, i, costs);
    let least = Number.POSITIVE_INFINITY;
    for (let j = 0; j < n; j++) least = Math.min(least, costs[j] - price[j]);
    gap += costs[columnOf[i]] - price[columnOf[i]] - least;
  }
  return gap;
}
