/** How rows find their cheapest columns while prices change. */

export interface Search {
  /** What the last scan found: the column of least cost − price, that, and the second least; the lower column wins. */
  readonly best: number;
  readonly least: number;
  readonly second: number;
  scan(row: number): void;
  /** Must hear of every change of a price. */
  repriced(column: number): void;
}

/** Looks at all columns. */
export class DenseSearch implements Search {
  best = 0;
  least = 0;
  second = 0;
  private readonly costs: Float64Array;

  /** @param fill writes the costs of a row, [n]; `noEdge` where there is no edge */
  constructor(
    private readonly price: Float64Array,
    private readonly fill: (row: number, into: Float64Array) => void,
    private readonly noEdge: number,
  ) {
    this.costs = new Float64Array(price.length);
  }

  scan(row: number): void {
    const { costs, price, noEdge } = this;
    this.fill(row, costs);
    let best = 0;
    let least = noEdge;
    let second = noEdge;
    for (let j = 0; j < costs.length; j++) {
      const value = costs[j] - price[j];
      if (value >= second || costs[j] === noEdge) continue;
      if (value < least) {
        second = least;
        least = value;
        best = j;
      } else second = value;
    }
    this.best = best;
    this.least = least;
    this.second = second;
  }

  repriced(): void {}
}

/** Points a leaf. */
const LEAF = 8;

/**
 * A k-d tree (Bentley 1975) over the columns' points that knows the largest price in each box: what is inside costs at
 * least the squared distance to the box less that price. For points of few dimensions.
 */
export class TreeSearch implements Search {
  best = 0;
  least = 0;
  second = 0;
  /** Columns, those of a leaf side by side. */
  private readonly order: Int32Array;
  /** By node, whose children are 2k + 1 and 2k + 2: its columns, its box, its largest price. */
  private readonly from: Int32Array;
  private readonly to: Int32Array;
  private readonly low: Float64Array;
  private readonly high: Float64Array;
  private readonly largest: Float64Array;
  private readonly firstLeaf: number;
  private readonly leafOf: Int32Array;
  private readonly stack: Int32Array;
  private readonly bounds: Float64Array;

  /** @param a the rows' points; @param b the columns', both [n, dim] */
  constructor(
    private readonly price: Float64Array,
    private readonly a: Float64Array,
    private readonly b: Float64Array,
    private readonly dim: number,
  ) {
    const n = price.length;
    const depth = Math.max(0, Math.ceil(Math.log2(n / LEAF)));
    const nodes = 2 ** (depth + 1) - 1;
    this.firstLeaf = 2 ** depth - 1;
    this.order = Int32Array.from({ length: n }, (_, j) => j);
    this.from = new Int32Array(nodes);
    this.to = new Int32Array(nodes);
    this.low = new Float64Array(nodes * dim).fill(Number.POSITIVE_INFINITY);
    this.high = new Float64Array(nodes * dim).fill(Number.NEGATIVE_INFINITY);
    this.largest = new Float64Array(nodes);
    this.leafOf = new Int32Array(n);
    this.stack = new Int32Array(2 * depth + 4);
    this.bounds = new Float64Array(2 * depth + 4);
    this.build(0, 0, n);
    for (let k = nodes - 1; k >= 0; k--) this.refresh(k);
  }

  private build(k: number, from: number, to: number): void {
    const { order, b, dim, low, high } = this;
    this.from[k] = from;
    this.to[k] = to;
    for (let at = from; at < to; at++) {
      for (let d = 0; d < dim; d++) {
        const x = b[order[at] * dim + d];
        low[k * dim + d] = Math.min(low[k * dim + d], x);
        high[k * dim + d] = Math.max(high[k * dim + d], x);
      }
    }
    if (k >= this.firstLeaf) {
      for (let at = from; at < to; at++) this.leafOf[order[at]] = k;
      return;
    }
    let widest = 0;
    const width = (d: number) => high[k * dim + d] - low[k * dim + d];
    for (let d = 1; d < dim; d++) if (width(d) > width(widest)) widest = d;
    order.subarray(from, to).sort((i, j) => b[i * dim + widest] - b[j * dim + widest]);
    const middle = (from + to) >> 1;
    this.build(2 * k + 1, from, middle);
    this.build(2 * k + 2, middle, to);
  }

  private refresh(k: number): void {
    const { order, price, largest } = this;
    if (k < this.firstLeaf) {
      largest[k] = Math.max(largest[2 * k + 1], largest[2 * k + 2]);
      return;
    }
    let most = Number.NEGATIVE_INFINITY;
    for (let at = this.from[k]; at < this.to[k]; at++) most = Math.max(most, price[order[at]]);
    largest[k] = most;
  }

  repriced(column: number): void {
    let k = this.leafOf[column];
    for (;;) {
      const before = this.largest[k];
      this.refresh(k);
      if (k === 0 || this.largest[k] === before) return;
      k = (k - 1) >> 1;
    }
  }

  /** What a row's point pays in a box at least. */
  private bound(row: number, k: number): number {
    const { a, dim, low, high } = this;
    let square = 0;
    for (let d = 0; d < dim; d++) {
      const x = a[row * dim + d];
      const outside = Math.max(low[k * dim + d] - x, x - high[k * dim + d], 0);
      square += outside * outside;
    }
    return square - this.largest[k];
  }

  scan(row: number): void {
    const { stack, bounds, order, price, a, b, dim } = this;
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    let second = Number.POSITIVE_INFINITY;
    let size = 1;
    stack[0] = 0;
    bounds[0] = Number.NEGATIVE_INFINITY;
    while (size > 0) {
      const k = stack[--size];
      if (bounds[size] > second) continue;
      if (k < this.firstLeaf) {
        const left = this.bound(row, 2 * k + 1);
        const right = this.bound(row, 2 * k + 2);
        // The nearer one on top.
        const nearer = left <= right ? 1 : 2;
        stack[size] = 2 * k + 3 - nearer;
        bounds[size++] = Math.max(left, right);
        stack[size] = 2 * k + nearer;
        bounds[size++] = Math.min(left, right);
        continue;
      }
      for (let at = this.from[k]; at < this.to[k]; at++) {
        const j = order[at];
        let square = 0;
        for (let d = 0; d < dim; d++) {
          const difference = a[row * dim + d] - b[j * dim + d];
          square += difference * difference;
        }
        const value = square - price[j];
        if (value < least || (value === least && j < best)) {
          second = least;
          least = value;
          best = j;
        } else if (value < second) second = value;
      }
    }
    this.best = best;
    this.least = least;
    this.second = second;
  }
}
