import { badInput } from '../errors.js';
import { type Metric, measure, rowsOf, type Samples, subsample, type Truth } from './truth.js';

/** Points that {@link w2} compares unless told otherwise; the cost grows with their cube. */
export const W2_POINTS = 512;

/** The most points an exact assignment is computed for. */
export const W2_LIMIT = 4000;

/**
 * The assignment of rows to columns of least total cost: column reduction, then a shortest augmenting path for
 * each row still free. Source: Jonker & Volgenant 1987.
 * @param cost [n, n], finite
 * @returns the column of each row, [n]
 */
export function assignment(cost: Float64Array, n: number): Int32Array {
  const columnOf = new Int32Array(n).fill(-1);
  const rowOf = new Int32Array(n).fill(-1);
  const v = new Float64Array(n);
  for (let j = n - 1; j >= 0; j--) {
    let best = 0;
    for (let i = 1; i < n; i++) if (cost[i * n + j] < cost[best * n + j]) best = i;
    v[j] = cost[best * n + j];
    if (columnOf[best] < 0) {
      columnOf[best] = j;
      rowOf[j] = best;
    }
  }
  const distance = new Float64Array(n);
  const from = new Int32Array(n);
  // Columns in three runs: [0, low) are settled, [low, up) are at the current minimum, the rest are open.
  const columns = Int32Array.from({ length: n }, (_, j) => j);
  for (let free = 0; free < n; free++) {
    if (columnOf[free] >= 0) continue;
    for (let j = 0; j < n; j++) {
      distance[j] = cost[free * n + j] - v[j];
      from[j] = free;
    }
    let low = 0;
    let up = 0;
    let settled = 0;
    let minimum = 0;
    let end = -1;
    while (end < 0) {
      if (up === low) {
        settled = low;
        minimum = distance[columns[up++]];
        for (let k = up; k < n; k++) {
          const j = columns[k];
          if (distance[j] > minimum) continue;
          if (distance[j] < minimum) {
            up = low;
            minimum = distance[j];
          }
          columns[k] = columns[up];
          columns[up++] = j;
        }
        for (let k = low; k < up && end < 0; k++) if (rowOf[columns[k]] < 0) end = columns[k];
        continue;
      }
      const settling = columns[low++];
      const i = rowOf[settling];
      const offset = cost[i * n + settling] - v[settling] - minimum;
      for (let k = up; k < n; k++) {
        const j = columns[k];
        const length = cost[i * n + j] - v[j] - offset;
        if (length >= distance[j]) continue;
        distance[j] = length;
        from[j] = i;
        if (length !== minimum) continue;
        if (rowOf[j] < 0) {
          end = j;
          break;
        }
        columns[k] = columns[up];
        columns[up++] = j;
      }
    }
    for (let k = 0; k < settled; k++) v[columns[k]] += distance[columns[k]] - minimum;
    for (let j = end; ; ) {
      const i = from[j];
      rowOf[j] = i;
      const next = columnOf[i];
      columnOf[i] = j;
      if (i === free) break;
      j = next;
    }
  }
  return columnOf;
}

/**
 * The exact 2-Wasserstein distance (not squared) between two point sets of equal size [n, d].
 * @throws bad-input for different or no points, and for more than {@link W2_LIMIT}
 */
export function exactW2(a: Float64Array, b: Float64Array, dim: number): number {
  const n = rowsOf(a, dim, 1, 'W2');
  if (b.length !== a.length) badInput(`W2 needs sets of equal size, got ${n} and ${b.length / dim} points`);
  if (n > W2_LIMIT) badInput(`W2 is exact for up to ${W2_LIMIT} points, got ${n}; use sliced W2`);
  const cost = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let square = 0;
      for (let k = 0; k < dim; k++) square += (a[i * dim + k] - b[j * dim + k]) ** 2;
      cost[i * n + j] = square;
    }
  }
  const columns = assignment(cost, n);
  let total = 0;
  for (let i = 0; i < n; i++) total += cost[i * n + columns[i]];
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
