import type { mixtureJoint as contract } from '../backend/contracts/mixture.js';
import type { Reference } from './reference.js';

/** out[r,k] = logWeight[k] − ½ Σ_c (ln 2π + logvar[k,c] + (x[r,c] − mean[k,c])²·e^(−logvar[k,c])) */
export const mixtureJoint: Reference<typeof contract> = (arrays, p) => {
  const { x, logWeight, mean, logvar, out } = arrays;
  const { rows, cols, components, rowwise } = p;
  for (let r = 0; r < rows; r++) {
    for (let k = 0; k < components; k++) {
      const own = (rowwise ? r * components : 0) + k;
      let sum = 0;
      for (let c = 0; c < cols; c++) {
        const at = own * cols + c;
        sum += Math.log(2 * Math.PI) + logvar[at] + (x[r * cols + c] - mean[at]) ** 2 * Math.exp(-logvar[at]);
      }
      out[r * components + k] = logWeight[own] - 0.5 * sum;
    }
  }
};
