import type { Dataset } from '../data/dataset.js';

/** One coordinate of samples beside the same coordinate of the data, in its own units. */
export interface ColumnMoments {
  readonly name: string;
  readonly data: { readonly mean: number; readonly deviation: number };
  readonly samples: { readonly mean: number; readonly deviation: number };
  /** Deviation of the samples over that of the data: 1 is perfect. */
  readonly ratio: number;
}

/** Mean and deviation (divided by n) of every coordinate. @param points [n, dim] */
export function columnMoments(points: Float64Array, dim: number): { mean: number; deviation: number }[] {
  const rows = points.length / dim;
  return Array.from({ length: dim }, (_, column) => {
    let mean = 0;
    for (let row = 0; row < rows; row++) mean += points[row * dim + column] / rows;
    let square = 0;
    for (let row = 0; row < rows; row++) square += (points[row * dim + column] - mean) ** 2 / rows;
    return { mean, deviation: Math.sqrt(square) };
  });
}

export const columnName = (column: number, names?: readonly string[]): string =>
  names?.[column] ?? `x${column + 1}`;

/** Deviations further apart than this share no scale: a network's error is that of the largest. */
const UNLIKE = 30;

/**
 * One line where columns deviate so differently that one scale for all hides the small ones; null where it does not.
 * @param names of the columns
 */
export function unlikeColumns(
  { points, dim }: Pick<Dataset, 'points' | 'dim'>,
  names?: readonly string[],
): string | null {
  const columns = columnMoments(points, dim)
    .map(({ deviation }, column) => ({ deviation, name: columnName(column, names) }))
    .filter(({ deviation }) => deviation > 0)
    .sort((a, b) => a.deviation - b.deviation);
  if (columns.length < 2) return null;
  const [least, most] = [columns[0], columns[columns.length - 1]];
  const factor = most.deviation / least.deviation;
  if (!(factor > UNLIKE)) return null;
  const show = (value: number) => Number(value.toPrecision(2));
  return (
    `one scale serves all columns, and their deviations run from ${show(least.deviation)} (${least.name}) to ` +
    `${show(most.deviation)} (${most.name}): what is ${show(factor)} times smaller is learned as roughly as the largest; bring the columns to like deviations first`
  );
}

/** Every coordinate of samples beside that of the data. @param samples [n, dim] */
export function compareColumns(
  samples: Float64Array,
  { points, dim }: Pick<Dataset, 'points' | 'dim'>,
  names?: readonly string[],
): ColumnMoments[] {
  const own = columnMoments(samples, dim);
  return columnMoments(points, dim).map((data, column) => ({
    name: columnName(column, names),
    data,
    samples: own[column],
    ratio: own[column].deviation / data.deviation,
  }));
}

/** A column whose samples spread over more than this many times its deviation, or less than a part of it, is not learned. */
const UNRESOLVED = 1.5;

/** A line for each column that the samples do not resolve, the worst first. */
export function unresolvedColumns(columns: readonly ColumnMoments[]): string[] {
  const show = (value: number) => String(Number(value.toPrecision(3)));
  return columns
    .filter(({ data, ratio }) => data.deviation > 0 && (!(ratio < UNRESOLVED) || ratio < 1 / UNRESOLVED))
    .sort((a, b) => Math.abs(Math.log(b.ratio)) - Math.abs(Math.log(a.ratio)))
    .map(
      ({ name, data, samples, ratio }) =>
        `column ${name} is not resolved: its samples deviate by ${show(samples.deviation)} where the data deviate by ${show(data.deviation)}, ${show(ratio)} times as much`,
    );
}
