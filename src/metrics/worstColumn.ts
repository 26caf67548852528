import { type Metric, measure, rowsOf, type Samples, type Truth } from './truth.js';

/** Every column of points [n, dim], sorted. */
function sortedColumns(points: Float64Array, dim: number): Float64Array[] {
  const n = rowsOf(points, dim, 1, 'the worst column');
  return Array.from({ length: dim }, (_, column) =>
    Float64Array.from({ length: n }, (_, row) => points[row * dim + column]).sort(),
  );
}

/** sup |F − G| of two sorted samples: the statistic of Kolmogorov and Smirnov. */
export function kolmogorovSmirnov(a: Float64Array, b: Float64Array): number {
  let most = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const at = Math.min(a[i], b[j]);
    while (i < a.length && a[i] === at) i++;
    while (j < b.length && b[j] === at) j++;
    most = Math.max(most, Math.abs(i / a.length - j / b.length));
  }
  return most;
}

/**
 * The largest Kolmogorov–Smirnov distance of a column of the samples from the same column of the truth, 0 to 1. It does
 * not see the units of a column, so that a column of small deviation cannot hide behind a large one. Columns in which
 * all true points agree have no scale to be judged on.
 */
export function worstColumn(samples: Samples, truth: Truth, training?: Samples): Metric {
  const { dim } = truth;
  const references = new Map<Float64Array, Float64Array[]>();
  return measure(
    samples,
    truth,
    'lower',
    ({ points }, against) => {
      const reference = references.get(against) ?? sortedColumns(against, dim);
      references.set(against, reference);
      return sortedColumns(points, dim).reduce(
        (most, column, k) =>
          reference[k][0] === reference[k][reference[k].length - 1]
            ? most
            : Math.max(most, kolmogorovSmirnov(column, reference[k])),
        0,
      );
    },
    training,
  );
}
