import type { combine as contract } from '../backend/contracts/combine.js';
import type { Reference } from './reference.js';

/** y = a·x + b·z + c, without the terms whose factor is 0 */
export const combine: Reference<typeof contract> = ({ x, z, y }, { n, a, b, c, accumulate }) => {
  for (let i = 0; i < n; i++) {
    let sum = accumulate ? y[i] + c : c;
    if (a !== 0) sum += a * x[i];
    if (b !== 0) sum += b * z[i];
    y[i] = sum;
  }
};
