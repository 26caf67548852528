import type { repeatRows as contract } from '../backend/contracts/rows.js';
import type { Reference } from './reference.js';

/** y[r·times + i, c] = x[r,c] */
export const repeatRows: Reference<typeof contract> = ({ x, y }, p) => {
  const { rows, cols, times, accumulate } = p;
  for (let row = 0; row < rows * times; row++) {
    for (let c = 0; c < cols; c++) {
      const at = row * cols + c;
      y[at] = (accumulate ? y[at] : 0) + x[Math.floor(row / times) * cols + c];
    }
  }
};
