import { canonicalOrder, orderedRows } from '../data/canonical.js';
import { datasetFromPoints } from '../data/dataset.js';
import { badInput } from '../errors.js';
import { columnMoments, rmsOf } from './frame.js';

/** What a baseline is fitted to. */
export interface TrainingPoints {
  /** [n, d], n from 1 */
  points: Float64Array;
  dim: number;
  /** [n] whole numbers from 0: one fit a class. Without them there is one fit of all. */
  labels?: ArrayLike<number>;
}

/** The points of one class. */
export interface ClassPoints {
  /** [n, d], in the order that their values alone fix, so that any order of the rows is fitted to the same bits */
  readonly points: Float64Array;
  readonly dim: number;
  /** [d] standard deviations that stand in for those of columns that do not vary in the class; positive. */
  readonly fallback: Float64Array;
}

/**
 * Checked points by class, undefined for a label that no point has.
 * @throws bad-input as {@link datasetFromPoints}, and for numbers whose differences are beyond float64
 */
export function pointsByClass({ points, dim, labels }: TrainingPoints): (ClassPoints | undefined)[] {
  const { rows, labels: checked, classes } = datasetFromPoints('training points', points, dim, labels);
  // −0 and 0 are the same point.
  const plain = points.map((value) => value + 0);
  const order = canonicalOrder([
    { values: checked, dim: 1 },
    { values: plain, dim },
  ]);
  const sorted = orderedRows(plain, dim, order);
  const spread = columnMoments(sorted, dim).std;
  if (!spread.every((std) => std < 1e150))
    badInput('the training points spread over more than 1e150; give them in other units');
  const typical = rmsOf(spread.filter((std) => std > 0)) || 1;
  const fallback = spread.map((std) => std || typical);
  const parts: (ClassPoints | undefined)[] = [];
  let from = 0;
  for (let label = 0; label < classes; label++) {
    let to = from;
    while (to < rows && checked[order[to]] === label) to++;
    parts.push(to === from ? undefined : { points: sorted.subarray(from * dim, to * dim), dim, fallback });
    from = to;
  }
  return parts;
}

/** Points without their copies, and how often each was there. */
export interface DistinctPoints {
  /** [m, d] */
  readonly points: Float64Array;
  /** [m] */
  readonly counts: Float64Array;
}

/** @param points [n, d] in an order that puts copies side by side */
export function distinctPoints(points: Float64Array, dim: number): DistinctPoints {
  const first: number[] = [];
  const counts: number[] = [];
  for (let row = 0; row < points.length / dim; row++) {
    let i = row === 0 ? dim : 0;
    while (i < dim && points[row * dim + i] === points[(row - 1) * dim + i]) i++;
    if (row > 0 && i === dim) counts[counts.length - 1]++;
    else {
      first.push(row);
      counts.push(1);
    }
  }
  return { points: orderedRows(points, dim, Uint32Array.from(first)), counts: Float64Array.from(counts) };
}
