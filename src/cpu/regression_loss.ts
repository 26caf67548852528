import type { regressionLoss as contract } from '../backend/contracts/loss.js';
import type { Reference } from './reference.js';

/** rowLoss[b] = scale·w_b·Σ_j (p − y)², gradient = 2·scale·w_b·(p − y) */
export const regressionLoss: Reference<typeof contract> = (arrays, p) => {
  const { prediction, target, weight, rowLoss, gradient } = arrays;
  const { batch, dim, scale, weighted } = p;
  for (let b = 0; b < batch; b++) {
    const factor = weighted ? scale * weight[b] : scale;
    let sum = 0;
    for (let i = b * dim; i < (b + 1) * dim; i++) {
      const error = prediction[i] - target[i];
      sum += error * error;
      gradient[i] = 2 * factor * error;
    }
    rowLoss[b] = factor * sum;
  }
};
