import type { swigluForward as contract } from '../backend/contracts/swiglu.js';
import type { Reference } from './reference.js';

/** a = g·σ(g)·up */
export const swigluForward: Reference<typeof contract> = ({ gate, up, a }, { n }) => {
  for (let i = 0; i < n; i++) {
    const g = gate[i];
    a[i] = (g / (1 + Math.exp(-g))) * up[i];
  }
};
