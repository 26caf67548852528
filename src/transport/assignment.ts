/**
 * The assignment problem on whole numbers: an auction with falling ε (Bertsekas, Annals of Operations Research 14,
 * 1988) finds prices, shortest augmenting paths (Jonker & Volgenant, Computing 38, 1987) the exact optimum from there.
 * The order of the work is fixed to the last tie (lowest index first): `src/cpu/simd/assembly/assignment.ts` and
 * `shaders/assignment.wgsl` follow it step by step and find the same permutation.
 */
import { COST_BITS, NO_EDGE } from './quantise.js';

/**
 * ε of the auction's rounds as powers of two. Between point clouds of some hundred points these take least work
 * together with the paths; smaller ones bid for long, and larger ones leave more to the paths.
 */
const EPSILON_BITS = [COST_BITS - 4, COST_BITS - 6, COST_BITS - 8, COST_BITS - 10];

/** Bids a row in all rounds at most, on average: without a permutation they would go on for ever. */
const BIDS_A_ROW = 64;

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

  /** The cheapest column of a row and its price there; the second cheapest price. */
  let best = 0;
  let least = NO_EDGE;
  let second = NO_EDGE;
  const scan = (i: number): void => {
    best = 0;
    least = NO_EDGE;
    second = NO_EDGE;
    for (let j = 0; j < n; j++) {
      const value = reduced(i, j);
      if (value < least) {
        second = least;
        least = value;
        best = j;
      } else if (value < second) second = value;
    }
  };

  // The auction: a free row takes its cheapest column, lowers that column's price until the second cheapest is better
  // by ε, and sends away the row that had it, which bids next.
  let bids = 0;
  for (const bits of EPSILON_BITS) {
    columnOf.fill(-1);
    rowOf.fill(-1);
    for (let first = 0; first < n; first++) {
      let i = columnOf[first] < 0 ? first : -1;
      while (i >= 0 && bids < BIDS_A_ROW * n) {
        bids++;
        scan(i);
        if (least === NO_EDGE) break;
        v[best] -= (second === NO_EDGE ? 0 : second - least) + 2 ** bits;
        const owner = rowOf[best];
        rowOf[best] = i;
        columnOf[i] = best;
        if (owner >= 0) columnOf[owner] = -1;
        i = owner;
      }
    }
  }

  // What is exactly right at these prices stays.
  rowOf.fill(-1);
  for (let i = 0; i < n; i++) {
    scan(i);
    const own = columnOf[i];
    const column = own >= 0 && reduced(i, own) === least ? own : best;
    const taken = least !== NO_EDGE && rowOf[column] < 0;
    columnOf[i] = taken ? column : -1;
    if (taken) rowOf[column] = i;
  }

  // A shortest augmenting path for every row that is still free.
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
