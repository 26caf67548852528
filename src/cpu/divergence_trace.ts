import type { divergenceTrace as contract } from '../backend/contracts/divergence.js';
import type { Reference } from './reference.js';

/** div[b] = Σ_j tangent[b, j, j] */
export const divergenceTrace: Reference<typeof contract> = ({ tangent, divergence }, { batch, dim }) => {
  for (let b = 0; b < batch; b++) {
    let sum = 0;
    for (let j = 0; j < dim; j++) sum += tangent[(b * dim + j) * dim + j];
    divergence[b] = sum;
  }
};
