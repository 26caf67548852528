import type { mixtureJointBackwardInput as contract } from '../backend/contracts/mixture.js';
import type { Reference } from './reference.js';

/** dx[r,c] = Σ_k dout[r,k]·(mean[k,c] − x[r,c])·e^−logvar[k,c] */
export const mixtureJointBackwardInput: Reference<typeof contract> = (arrays, p) => {
  const { x, mean, logvar, dout, dx } = arrays;
  const { rows, cols, components, rowwise, accumulate } = p;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) {
      const place = r * cols + c;
      let sum = accumulate ? dx[place] : 0;
      for (let k = 0; k < components; k++) {
        const at = ((rowwise ? r * components : 0) + k) * cols + c;
        sum += dout[r * components + k] * (mean[at] - x[place]) * Math.exp(-logvar[at]);
      }
      dx[place] = sum;
    }
  }
};
