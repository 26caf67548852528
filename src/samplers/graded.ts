import { badInput } from '../errors.js';
import { uniformGrid } from './table.js';

/**
 * `steps + 1` times from 1, the data, to 0, the noise, that grow denser towards the data: there the flow resolves
 * what is as fine as `finest`. 1 − t = finest·((1 + 1/finest)^u − 1) with u evenly spaced: even in t far from the
 * data, even in ln(1 − t) close to it.
 * @param finest the scale, in 1 − t, of the finest detail: the data's least standard deviation beside the noise's
 *   for a path without γ, its square where γ is of the square-root type; Infinity for an even grid
 */
export function gradedGrid(steps: number, finest: number): Float64Array {
  if (!(finest > 0)) badInput(`the finest scale of a time grid is ${finest}; it must be above 0`);
  const even = uniformGrid(steps);
  const range = Math.log1p(1 / finest);
  const grid = even.map((u) => (range === 0 ? 1 - u : 1 - finest * Math.expm1(u * range)));
  grid[steps] = 0;
  return grid;
}

/** The grid with a time put halfway into every step. */
export function halvedGrid(grid: ArrayLike<number>): Float64Array {
  const steps = grid.length - 1;
  return Float64Array.from({ length: 2 * steps + 1 }, (_, i) =>
    i % 2 === 0 ? grid[i / 2] : (grid[(i - 1) / 2] + grid[(i + 1) / 2]) / 2,
  );
}
