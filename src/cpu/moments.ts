import type { moments as contract } from '../backend/contracts/metrics.js';
import type { Reference } from './reference.js';

/** out = (Σ_b x_bi; Σ_b x_bi·x_bj, i ≤ j by rows) */
export const moments: Reference<typeof contract> = ({ x, out }, { n, dim }) => {
  let at = 0;
  const sum = (term: (row: number) => number) => {
    let total = 0;
    for (let b = 0; b < n; b++) total += term(b * dim);
    out[at++] = total;
  };
  for (let i = 0; i < dim; i++) sum((row) => x[row + i]);
  for (let i = 0; i < dim; i++) {
    for (let j = i; j < dim; j++) sum((row) => x[row + i] * x[row + j]);
  }
};
