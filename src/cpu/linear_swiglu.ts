import type { linearSwiglu as contract } from '../backend/contracts/swiglu.js';
import type { Reference } from './reference.js';

/** a[b,o] = g·σ(g)·u of g = gateBias[o] + Σ_i x[b,i]·gateWeight[o,i] and u likewise, summed over i in order. */
export const linearSwiglu: Reference<typeof contract> = (
  { x, gateWeight, gateBias, upWeight, upBias, a },
  { batch, inputs, outputs },
) => {
  for (let b = 0; b < batch; b++) {
    for (let o = 0; o < outputs; o++) {
      let gate = gateBias[o];
      let up = upBias[o];
      for (let i = 0; i < inputs; i++) {
        gate += x[b * inputs + i] * gateWeight[o * inputs + i];
        up += x[b * inputs + i] * upWeight[o * inputs + i];
      }
      a[b * outputs + o] = (gate / (1 + Math.exp(-gate))) * up;
    }
  }
};
