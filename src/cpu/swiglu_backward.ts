import type { swigluBackward as contract } from '../backend/contracts/swiglu.js';
import type { Reference } from './reference.js';

/** dup = da·g·σ(g), dgate = da·up·σ(g)·(1 + g·(1 − σ(g))) */
export const swigluBackward: Reference<typeof contract> = ({ gate, up, da, dgate, dup }, p) => {
  const { n, accumulateGate, accumulateUp } = p;
  for (let i = 0; i < n; i++) {
    const g = gate[i];
    const sigma = 1 / (1 + Math.exp(-g));
    const toUp = da[i] * g * sigma;
    const toGate = da[i] * up[i] * sigma * (1 + g * (1 - sigma));
    dup[i] = accumulateUp ? dup[i] + toUp : toUp;
    dgate[i] = accumulateGate ? dgate[i] + toGate : toGate;
  }
};
