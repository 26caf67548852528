/**
 * The assignment problem: an auction with falling ε (Bertsekas, Annals of Operations Research 14, 1988) finds prices,
 * shortest augmenting paths (Jonker & Volgenant, Computing 38, 1987) the exact optimum from there. The order of the
 * work is fixed to the last tie (lowest index first): `src/cpu/simd/assembly/assignment.ts` and
 * `shaders/assignment.wgsl` follow it step by step and, on whole numbers, find the same permutation.
 */

import { DenseSearch, type Search } from './search.js';

/** Bids a row in all rounds at most, on average: without a permutation they would go on for ever. */
const BIDS_A_ROW = 64;

export interface AssignmentProblem {
  readonly n: number;
  /** Writes the costs of a row, [n]; `noEdge` where there is no edge. */
  readonly fill: (row: number, into: Float64Array) => void;
  /** One of the same costs. */
  readonly cost: (row: number, column: number) => number;
  /** How the auction finds a row's cheapest columns at these prices, [n]. */
  readonly search: (price: Float64Array) => Search;
  readonly noEdge: number;
  /** ε of the auction's rounds, falling. They cost or save time and never change the optimum. */
  readonly epsilons: readonly number[];
}

export interface Assignment {
  /** The column of each row, [n] */
  readonly columnOf: Int32Array;
  /** Prices v of the columns, [n]: cost − v is least over a row at its own column, which proves the optimum. */
  readonly price: Float64Array;
}

/** Which column each row has, and the columns' prices. */
class Market {
  readonly columnOf: Int32Array;
  readonly rowOf: Int32Array;
  readonly price: Float64Array;
  readonly search: Search;

  constructor(readonly problem: AssignmentProblem) {
    const { n } = problem;
    this.columnOf = new Int32Array(n).fill(-1);
    this.rowOf = new Int32Array(n).fill(-1);
    this.price = new Float64Array(n);
    this.search = problem.search(this.price);
  }

  /** cost − price. */
  reduced(i: number, j: number): number {
    const cost = this.problem.cost(i, j);
    return cost === this.problem.noEdge ? cost : cost - this.price[j];
  }

  take(i: number, j: number): void {
    this.rowOf[j] = i;
    this.columnOf[i] = j;
  }
}

/**
 * A free row takes its cheapest column, lowers that column's price until the second cheapest is better by ε, and
 * sends away the row that had it, which bids next.
 */
function auction(market: Market): void {
  const { columnOf, rowOf, price, search } = market;
  const { n, noEdge, epsilons } = market.problem;
  let bids = 0;
  for (const epsilon of epsilons) {
    columnOf.fill(-1);
    rowOf.fill(-1);
    for (let first = 0; first < n; first++) {
      let i = columnOf[first] < 0 ? first : -1;
      while (i >= 0 && bids < BIDS_A_ROW * n) {
        bids++;
        search.scan(i);
        const { best, least, second } = search;
        if (least === noEdge) break;
        price[best] -= (second === noEdge ? 0 : second - least) + epsilon;
        search.repriced(best);
        const owner = rowOf[best];
        market.take(i, best);
        if (owner >= 0) columnOf[owner] = -1;
        i = owner;
      }
    }
  }
}

/** Keeps of the auction's pairs what is exactly right at its prices. */
function keepExact(market: Market): void {
  const { columnOf, rowOf, search } = market;
  const { n, noEdge } = market.problem;
  rowOf.fill(-1);
  for (let i = 0; i < n; i++) {
    search.scan(i);
    const own = columnOf[i];
    const column = own >= 0 && market.reduced(i, own) === search.least ? own : search.best;
    columnOf[i] = -1;
    if (search.least !== noEdge && rowOf[column] < 0) market.take(i, column);
  }
}

/** Dijkstra's algorithm on reduced costs from a free row to the nearest free column, and the prices after it. */
function augment(market: Market, free: number, work: Work): void {
  const { columnOf, rowOf, price } = market;
  const { n, noEdge, fill } = market.problem;
  const { costs, distance, from, open, settled } = work;
  fill(free, costs);
  for (let j = 0; j < n; j++) {
    distance[j] = costs[j] === noEdge ? noEdge : costs[j] - price[j];
    from[j] = free;
    open[j] = 1;
  }
  let count = 0;
  let minimum = 0;
  let end = -1;
  let nearest = -1;
  let least = noEdge;
  for (let j = 0; j < n; j++) {
    if (distance[j] < least) {
      least = distance[j];
      nearest = j;
    }
  }
  while (end < 0) {
    if (nearest < 0) {
      // No column can be reached: any free one will have to do.
      end = rowOf.indexOf(-1);
      from[end] = free;
      break;
    }
    minimum = least;
    open[nearest] = 0;
    settled[count++] = nearest;
    const i = rowOf[nearest];
    if (i < 0) {
      end = nearest;
      break;
    }
    fill(i, costs);
    const offset = market.reduced(i, nearest) - minimum;
    nearest = -1;
    least = noEdge;
    for (let j = 0; j < n; j++) {
      if (open[j] === 0) continue;
      const value = costs[j] - price[j] - offset;
      if (value < distance[j] && costs[j] !== noEdge) {
        distance[j] = value;
        from[j] = i;
      }
      if (distance[j] < least) {
        least = distance[j];
        nearest = j;
      }
    }
  }
  for (let k = 0; k < count; k++) price[settled[k]] += distance[settled[k]] - minimum;
  for (let j = end; ; ) {
    const i = from[j];
    const next = columnOf[i];
    market.take(i, j);
    if (i === free) break;
    j = next;
  }
}

interface Work {
  /** The costs of the row at hand. */
  readonly costs: Float64Array;
  readonly distance: Float64Array;
  readonly from: Int32Array;
  readonly open: Uint8Array;
  readonly settled: Int32Array;
}

/**
 * The permutation of least total cost.
 * @returns some permutation where edges are so few that there is none without a missing one
 */
export function assign(problem: AssignmentProblem): Assignment {
  const { n } = problem;
  const market = new Market(problem);
  auction(market);
  keepExact(market);
  const work: Work = {
    costs: new Float64Array(n),
    distance: new Float64Array(n),
    from: new Int32Array(n),
    open: new Uint8Array(n),
    settled: new Int32Array(n),
  };
  for (let i = 0; i < n; i++) if (market.columnOf[i] < 0) augment(market, i, work);
  return { columnOf: market.columnOf, price: market.price };
}

/** The costs of a problem whose matrix [n, n] is in memory. */
export function matrix(
  cost: Float64Array,
  n: number,
  noEdge: number,
): Pick<AssignmentProblem, 'fill' | 'cost' | 'search' | 'noEdge'> {
  const fill = (row: number, into: Float64Array) => into.set(cost.subarray(row * n, (row + 1) * n));
  return {
    fill,
    cost: (row, column) => cost[row * n + column],
    search: (price) => new DenseSearch(price, fill, noEdge),
    noEdge,
  };
}
