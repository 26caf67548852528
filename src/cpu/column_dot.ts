import type { columnDot as contract } from '../backend/contracts/columns.js';
import type { Reference } from './reference.js';

/** out[c] = Σ_r x[r,c]·y[r,c] */
export const columnDot: Reference<typeof contract> = ({ x, y, out }, { rows, cols, accumulate }) => {
  for (let c = 0; c < cols; c++) {
    let sum = accumulate ? out[c] : 0;
    for (let i = c; i < rows * cols; i += cols) sum += x[i] * y[i];
    out[c] = sum;
  }
};
