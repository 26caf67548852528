import type { swigluTangent as contract } from '../backend/contracts/tangent.js';
import type { Reference } from './reference.js';

/** da = silu′(g)·u·dg + silu(g)·du for every direction */
export const swigluTangent: Reference<typeof contract> = ({ gate, up, dgate, dup, da }, p) => {
  const { batch, directions, width } = p;
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < width; i++) {
      const g = gate[b * width + i];
      const sigma = 1 / (1 + Math.exp(-g));
      const slope = sigma * (1 + g * (1 - sigma)) * up[b * width + i];
      for (let k = 0; k < directions; k++) {
        const at = (b * directions + k) * width + i;
        da[at] = slope * dgate[at] + g * sigma * dup[at];
      }
    }
  }
};
