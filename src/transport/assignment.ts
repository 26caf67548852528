/**
 * The assignment problem by shortest augmenting paths (Jonker & Volgenant, Computing 38, 1987), on whole numbers.
 * The order of the work is fixed to the last tie (lowest index first): `src/cpu/simd/assembly/assignment.ts` and
 * `shaders/assignment.wgsl` follow it step by step and find the same permutation.
 */
import { NO_EDGE } from './quantise.js';

/** Bids a row that augmenting row reduction may take on average: where ties abound, it could go on for long. */
const BIDS_A_ROW = 4;

export interface Assignment {
  /** The column of each row, [n] */
  readonly columnOf: Int32Array;
  /** Prices v of the columns, [n]: cost − v is least over a row at its own column. */
  readonly price: Float64Array;
}

/**
 * The permutation of least total cost.
 * @param cost of a row and a column, a whole number from 0 to 2²⁷, or {@link NO_EDGE}
 * @returns some permutation where edges are so few that there is none without {@link NO_EDGE}
 */
export function assign(n: number, cost: (row: number, column: number) => number): Assignment {
  const columnOf = new Int32Array(n).fill(-1);
  const rowOf = new Int32Array(n).fill(-1);
  const v = new Float64Array(n);
  const reduced = (i: number, j: number): number => {
    const c = cost(i, j);
    return c === NO_EDGE ? NO_EDGE : c - v[j];
  };

  // Column reduction: each column's price is its least cost; the row that has it takes it if it is still free.
  for (let j = 0; j < n; j++) {
    let best = 0;
    for (let i = 1; i < n; i++) if (cost(i, j) < cost(best, j)) best = i;
    const least = cost(best, j);
    v[j] = least === NO_EDGE ? 0 : least;
    if (columnOf[best] < 0 && least !== NO_EDGE) {
      columnOf[best] = j;
      rowOf[j] = best;
    }
  }

  // Augmenting row reduction: a free row takes its cheapest column, lowers its price until the second cheapest
  // is as good, and sends away the row that had it, which bids next.
  let bids = 0;
  for (let first = 0; first < n; first++) {
    let i = columnOf[first] < 0 ? first : -1;
    while (i >= 0 && bids < BIDS_A_ROW * n) {
      bids++;
      let best = 0;
      let least = NO_EDGE;
      let second = NO_EDGE;
      for (let j = 0; j < n; j++) {
        const value = reduced(i, j);
        if (value < least) {
          second = least;
          least = value;
          best = j;
        } else if (value < second) second = value;
      }
      const owner = rowOf[best];
      // Nothing to gain, or nothing to compare with: the shortest paths will see to this row.
      if (least === NO_EDGE || (owner >= 0 && (least === second || second === NO_EDGE))) break;
      if (second !== NO_EDGE) v[best] -= second - least;
      rowOf[best] = i;
      columnOf[i] = best;
      if (owner >= 0) columnOf[owner] = -1;
      i = owner;
    }
  }

  const distance = new Float64Array(n);
  const from = new Int32Array(n);
  const settled = new Uint8Array(n);
  for (let free = 0; free < n; free++) {
    if (columnOf[free] >= 0) continue;
    for (let j = 0; j < n; j++) {
      distance[j] = reduced(free, j);
      from[j] = free;
      settled[j] = 0;
    }
    let minimum = 0;
    let end = -1;
    while (end < 0) {
      let nearest = -1;
      for (let j = 0; j < n; j++) {
        if (!settled[j] && (nearest < 0 || distance[j] < distance[nearest])) nearest = j;
      }
      if (distance[nearest] === NO_EDGE) {
        // No column can be reached: any free one will have to do.
        end = rowOf.indexOf(-1);
        from[end] = free;
        break;
      }
      minimum = distance[nearest];
      settled[nearest] = 1;
      const i = rowOf[nearest];
      if (i < 0) {
        end = nearest;
        break;
      }
      const offset = reduced(i, nearest) - minimum;
      for (let j = 0; j < n; j++) {
        if (settled[j]) continue;
        const value = reduced(i, j);
        if (value === NO_EDGE || value - offset >= distance[j]) continue;
        distance[j] = value - offset;
        from[j] = i;
      }
    }
    for (let j = 0; j < n; j++) if (settled[j]) v[j] += distance[j] - minimum;
    for (let j = end; ; ) {
      const i = from[j];
      rowOf[j] = i;
      const next = columnOf[i];
      columnOf[i] = j;
      if (i === free) break;
      j = next;
    }
  }
  return { columnOf, price: v };
}
