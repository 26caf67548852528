import { badInput } from '../errors.js';
import { CounterRandom, STREAM } from '../random/random.js';
import type { Distribution } from './distribution.js';

/** Labels may have gaps up to this number, or up to as many labels as there are rows. */
const MOST_SPARE_LABELS = 1000;

/** Points to train on or to judge against. */
export interface Dataset {
  name: string;
  dim: number;
  rows: number;
  /** [rows, dim] */
  points: Float64Array;
  /** [rows]; all 0 where there are none */
  labels: Uint32Array;
  /** One more than the largest label. */
  classes: number;
  /** [m, dim] points that x0 is drawn from, in the coordinates of the transformed data; Gaussian if not given. */
  base?: Float64Array;
  /** The truth the points came from, where it is known. */
  distribution?: Distribution;
}

/** `rows` labelled points of a known distribution, a pure function of the seed. */
export function trainingSet(distribution: Distribution, rows: number, seed: number): Dataset {
  if (!Number.isInteger(rows) || rows < 1)
    badInput(`a training set needs a whole number of rows from 1, got ${rows}`);
  const { points, labels } = distribution.sample(rows, seed);
  const { name, dim, classes } = distribution;
  return { name, dim, rows, points, labels, classes, distribution };
}

/**
 * A user's own points as a data set, checked.
 * @param points [rows, dim]
 * @param labels [rows] whole numbers from 0
 * @throws bad-input that names the row and the column (both counted from 1) of the first number that is not
 * finite, or what else is wrong
 */
export function datasetFromPoints(
  name: string,
  points: Float64Array,
  dim: number,
  labels?: ArrayLike<number>,
): Dataset {
  if (!Number.isInteger(dim) || dim < 1) badInput(`${name}: points need at least one column, got ${dim}`);
  if (points.length === 0) badInput(`${name}: no rows`);
  if (points.length % dim !== 0)
    badInput(`${name}: ${points.length} numbers are not whole rows of ${dim} columns`);
  const rows = points.length / dim;
  for (let at = 0; at < points.length; at++) {
    if (!Number.isFinite(points[at]))
      badInput(
        `${name}: row ${Math.floor(at / dim) + 1}, column ${(at % dim) + 1} is ${points[at]}; ` +
          'every coordinate must be a finite number',
      );
  }
  const checked = new Uint32Array(rows);
  let classes = 1;
  if (labels) {
    if (labels.length !== rows) badInput(`${name}: ${rows} rows need ${rows} labels, got ${labels.length}`);
    for (let row = 0; row < rows; row++) {
      const label = labels[row];
      if (!Number.isInteger(label) || label < 0 || label >= 2 ** 32 - 1)
        badInput(`${name}: the label of row ${row + 1} is ${label}; labels are whole numbers from 0`);
      checked[row] = label;
      classes = Math.max(classes, label + 1);
      // A network has a row for every label up to the largest.
      if (label >= Math.max(rows, MOST_SPARE_LABELS))
        badInput(
          `${name}: the label of row ${row + 1} is ${label}, far more than there are rows (${rows}); number the labels 0, 1, 2 …`,
        );
    }
  }
  return { name, dim, rows, points, labels: checked, classes };
}

/**
 * Where n particles start whose base is a set of points: rows of it, drawn with replacement, a pure function of the
 * seed.
 * @param base [m, dim]
 * @returns [n, dim]
 */
export function drawStarts(base: Float64Array, dim: number, n: number, seed: number): Float64Array {
  const random = new CounterRandom(seed, STREAM.start);
  const start = new Float64Array(n * dim);
  for (let i = 0; i < n; i++) {
    const row = random.integer(i, base.length / dim);
    start.set(base.subarray(row * dim, (row + 1) * dim), i * dim);
  }
  return start;
}
