import type { takeColumns as contract } from '../backend/contracts/rows.js';
import type { Reference } from './reference.js';

/** y[r,c] = x[r, column + c] */
export const takeColumns: Reference<typeof contract> = ({ x, y }, p) => {
  const { rows, cols, stride, column, accumulate } = p;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) {
      const at = r * cols + c;
      y[at] = (accumulate ? y[at] : 0) + x[r * stride + column + c];
    }
  }
};
