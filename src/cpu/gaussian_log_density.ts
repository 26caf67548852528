import type { gaussianLogDensity as contract } from '../backend/contracts/gaussian.js';
import type { Reference } from './reference.js';

/** out[r] = −½ Σ_c (ln 2π + logvar + (x − mean)²·e^(−logvar)) */
export const gaussianLogDensity: Reference<typeof contract> = ({ x, mean, logvar, out }, p) => {
  const { rows, cols } = p;
  for (let r = 0; r < rows; r++) {
    let sum = 0;
    for (let i = r * cols; i < (r + 1) * cols; i++) {
      sum += Math.log(2 * Math.PI) + logvar[i] + (x[i] - mean[i]) ** 2 * Math.exp(-logvar[i]);
    }
    out[r] = -0.5 * sum;
  }
};
