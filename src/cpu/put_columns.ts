import type { putColumns as contract } from '../backend/contracts/rows.js';
import type { Reference } from './reference.js';

/** y[r, column + c] = x[r,c]; with clear, 0 in every other column */
export const putColumns: Reference<typeof contract> = ({ x, y }, p) => {
  const { rows, cols, stride, column, clear, accumulate } = p;
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < stride; j++) {
      const at = r * stride + j;
      const own = j >= column && j < column + cols;
      if (own) y[at] = (accumulate ? y[at] : 0) + x[r * cols + j - column];
      else if (clear) y[at] = 0;
    }
  }
};
