import type { swigluTangentBackwardTangents as contract } from '../backend/contracts/tangent_backward.js';
import type { Reference } from './reference.js';

/** ddgate = c·s′(g)·u, ddup = c·s(g), c = dda, s = silu */
export const swigluTangentBackwardTangents: Reference<typeof contract> = (arrays, p) => {
  const { gate, up, dda, ddgate, ddup } = arrays;
  const { batch, directions, width } = p;
  for (let at = 0; at < batch * directions * width; at++) {
    const value = Math.floor(at / width / directions) * width + (at % width);
    const g = gate[value];
    const sigma = 1 / (1 + Math.exp(-g));
    const slope = sigma * (1 + g * (1 - sigma));
    ddgate[at] = (p.accumulateGate ? ddgate[at] : 0) + dda[at] * slope * up[value];
    ddup[at] = (p.accumulateUp ? ddup[at] : 0) + dda[at] * g * sigma;
  }
};
