/** Points of a leaf. */
const LEAF = 12;

/**
 * The k nearest other points of each, by a k-d tree (Bentley 1975); nearest first, ties by row.
 * @param points [n, d] without copies, more than k of them
 * @returns [n, k] rows
 */
export function nearestNeighbours(points: Float64Array, d: number, k: number): Uint32Array {
  const tree = new NeighbourTree(points, d);
  const n = points.length / d;
  const result = new Uint32Array(n * k);
  for (let row = 0; row < n; row++) tree.find(row, k, result.subarray(row * k, (row + 1) * k));
  return result;
}

class NeighbourTree {
  /** Rows, those of a leaf side by side. */
  private readonly order: Uint32Array;
  /** By node, whose children are 2k + 1 and 2k + 2: its first and last row in the order, and its box. */
  private readonly from: Int32Array;
  private readonly to: Int32Array;
  private readonly low: Float64Array;
  private readonly high: Float64Array;
  private readonly firstLeaf: number;
  private squares = new Float64Array(0);
  private found = 0;

  constructor(
    private readonly points: Float64Array,
    private readonly d: number,
  ) {
    const n = points.length / d;
    const depth = Math.max(0, Math.ceil(Math.log2(n / LEAF)));
    const nodes = 2 ** (depth + 1) - 1;
    this.firstLeaf = 2 ** depth - 1;
    this.order = Uint32Array.from({ length: n }, (_, row) => row);
    this.from = new Int32Array(nodes);
    this.to = new Int32Array(nodes);
    this.low = new Float64Array(nodes * d).fill(Number.POSITIVE_INFINITY);
    this.high = new Float64Array(nodes * d).fill(Number.NEGATIVE_INFINITY);
    this.build(0, 0, n);
  }

  private build(node: number, from: number, to: number): void {
    const { order, points, d, low, high } = this;
    this.from[node] = from;
    this.to[node] = to;
    for (let at = from; at < to; at++)
      for (let i = 0; i < d; i++) {
        const x = points[order[at] * d + i];
        if (x < low[node * d + i]) low[node * d + i] = x;
        if (x > high[node * d + i]) high[node * d + i] = x;
      }
    if (node >= this.firstLeaf) return;
    let widest = 0;
    const width = (i: number) => high[node * d + i] - low[node * d + i];
    for (let i = 1; i < d; i++) if (width(i) > width(widest)) widest = i;
    order.subarray(from, to).sort((a, b) => points[a * d + widest] - points[b * d + widest] || a - b);
    const middle = (from + to) >> 1;
    this.build(2 * node + 1, from, middle);
    this.build(2 * node + 2, middle, to);
  }

  /** Squared distance of a row from the box of a node. */
  private outside(row: number, node: number): number {
    const { points, d, low, high } = this;
    let square = 0;
    for (let i = 0; i < d; i++) {
      const x = points[row * d + i];
      const gap = Math.max(low[node * d + i] - x, x - high[node * d + i], 0);
      square += gap * gap;
    }
    return square;
  }

  /** Writes the k nearest rows other than `row` to `into`. */
  find(row: number, k: number, into: Uint32Array): void {
    if (this.squares.length !== k) this.squares = new Float64Array(k);
    this.squares.fill(Number.POSITIVE_INFINITY);
    this.found = 0;
    this.visit(row, 0, into);
  }

  private visit(row: number, node: number, into: Uint32Array): void {
    const { squares, order, points, d } = this;
    if (node < this.firstLeaf) {
      const [left, right] = [2 * node + 1, 2 * node + 2];
      const [a, b] = [this.outside(row, left), this.outside(row, right)];
      const last = squares.length - 1;
      const nearer = a <= b ? left : right;
      if (Math.min(a, b) <= squares[last]) this.visit(row, nearer, into);
      if (Math.max(a, b) <= squares[last]) this.visit(row, left + right - nearer, into);
      return;
    }
    for (let at = this.from[node]; at < this.to[node]; at++) {
      const other = order[at];
      if (other === row) continue;
      let square = 0;
      for (let i = 0; i < d; i++) square += (points[row * d + i] - points[other * d + i]) ** 2;
      this.insert(other, square, into);
    }
  }

  private insert(other: number, square: number, into: Uint32Array): void {
    const { squares } = this;
    const k = squares.length;
    const before = (at: number) => squares[at] < square || (squares[at] === square && into[at] < other);
    if (this.found === k && before(k - 1)) return;
    let at = Math.min(this.found, k - 1);
    for (; at > 0 && !before(at - 1); at--) {
      squares[at] = squares[at - 1];
      into[at] = into[at - 1];
    }
    squares[at] = square;
    into[at] = other;
    this.found = Math.min(this.found + 1, k);
  }
}
