import type { rowScale as contract } from '../backend/contracts/rows.js';
import type { Reference } from './reference.js';

/** y[r,c] = factor[r]·x[r,c] */
export const rowScale: Reference<typeof contract> = ({ x, factor, y }, p) => {
  const { rows, cols, accumulate } = p;
  for (let r = 0; r < rows; r++) {
    for (let i = r * cols; i < (r + 1) * cols; i++) y[i] = (accumulate ? y[i] : 0) + factor[r] * x[i];
  }
};
