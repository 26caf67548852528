import { distanceRange, normalInterval, spreadOf } from './chance.js';
import { withRange } from './measure.js';
import { type Measured, rowsOf, type Samples, type Truth } from './truth.js';

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
 * all true points agree have no scale to be judged on. An empirical distribution function deviates by ½/√n at most,
 * which its interval takes for the error of the value.
 */
export function worstColumn(samples: Samples, truth: Truth, beside: readonly Samples[] = []): Measured {
  const { dim } = truth;
  const n = rowsOf(samples.points, dim, 1, 'the worst column');
  const worst = (points: Float64Array, against: readonly Float64Array[]): number =>
    sortedColumns(points, dim).reduce((most, column, k) => {
      const reference = against[k];
      if (reference[0] === reference[reference.length - 1]) return most;
      return Math.max(most, kolmogorovSmirnov(column, reference));
    }, 0);
  const reference = sortedColumns(truth.comparison, dim);
  const value = worst(samples.points, reference);
  const draws = truth.floors.map((draw) => worst(draw.points, sortedColumns(draw.against(), dim)));
  const { mean: floor, std: floorStd } = spreadOf(draws);
  return {
    ...{ value, floor, floorStd, n },
    interval: normalInterval(value, 0.5 / Math.sqrt(n), 0),
    ...withRange(truth, distanceRange(draws, false, truth.tail)),
    floorN: truth.floors[0].points.length / dim,
    better: 'lower',
    beside: beside.map(({ points }) => worst(points, reference)),
  };
}
