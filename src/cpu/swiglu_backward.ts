import type { swigluBackward as contract } from '../backend/contracts/swiglu.js';
import type { Reference } from './reference.js';

/** dup = da·g·σ(g), dgate = da·up·σ(g)·(1 + g·(1 − σ(g))) */
export const swigluBackward: Reference<typeof contract> = ({ gate, up, da, dgate, dup }, { n }) => {
  for (let i = 0; i < n; i++) {
    const g = gate[i];
    const sigma = 1 / (1 + Math.exp(-g));
    dup[i] = da[i] * g * sigma;
    dgate[i] = da[i] * up[i] * sigma * (1 + g * (1 - sigma));
  }
};
