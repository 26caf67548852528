import type { gatherRows as contract } from '../backend/contracts/rows.js';
import type { Reference } from './reference.js';

/** y[r,c] = x[index[r·stride + column], c] */
export const gatherRows: Reference<typeof contract> = ({ x, index, y }, p) => {
  const { rows, cols, stride, column } = p;
  for (let r = 0; r < rows; r++) {
    const from = index[r * stride + column] * cols;
    for (let c = 0; c < cols; c++) y[r * cols + c] = x[from + c];
  }
};
