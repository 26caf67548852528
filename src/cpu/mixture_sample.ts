import type { mixtureSample as contract } from '../backend/contracts/mixture.js';
import type { Reference } from './reference.js';

/** z = mean_k + e^(½ logvar_k)·noise, k the first with Σ_{j ≤ k} e^logWeight[j] > uniform, or the last */
export const mixtureSample: Reference<typeof contract> = (arrays, p) => {
  const { uniform, noise, logWeight, mean, logvar, z } = arrays;
  const { rows, cols, components, rowwise } = p;
  for (let r = 0; r < rows; r++) {
    const set = rowwise ? r * components : 0;
    let k = 0;
    let below = Math.exp(logWeight[set]);
    while (k < components - 1 && below <= uniform[r]) {
      k++;
      below += Math.exp(logWeight[set + k]);
    }
    for (let c = 0; c < cols; c++) {
      const at = (set + k) * cols + c;
      z[r * cols + c] = mean[at] + Math.exp(logvar[at] / 2) * noise[r * cols + c];
    }
  }
};
