import type { columnScale as contract } from '../backend/contracts/columns.js';
import type { Reference } from './reference.js';

/** y[r,c] = factor[c]·x[r,c] */
export const columnScale: Reference<typeof contract> = ({ x, factor, y }, p) => {
  const { rows, cols, accumulate } = p;
  for (let i = 0; i < rows * cols; i++) y[i] = (accumulate ? y[i] : 0) + factor[i % cols] * x[i];
};
