import type { rowDot as contract } from '../backend/contracts/divergence.js';
import type { Reference } from './reference.js';

/** out[b] = Σ_j x[b,j]·y[b,j] */
export const rowDot: Reference<typeof contract> = ({ x, y, out }, { batch, dim }) => {
  for (let b = 0; b < batch; b++) {
    let sum = 0;
    for (let i = b * dim; i < (b + 1) * dim; i++) sum += x[i] * y[i];
    out[b] = sum;
  }
};
