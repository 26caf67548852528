import type { swigluTangentBackwardValues as contract } from '../backend/contracts/tangent_backward.js';
import type { Reference } from './reference.js';

/** togate = Σ_k c·(s″(g)·u·dg + s′(g)·du), toup = Σ_k c·s′(g)·dg, c = dda, s = silu */
export const swigluTangentBackwardValues: Reference<typeof contract> = (arrays, p) => {
  const { gate, up, dgate, dup, dda, togate, toup } = arrays;
  const { batch, directions, width } = p;
  for (let at = 0; at < batch * width; at++) {
    const g = gate[at];
    const sigma = 1 / (1 + Math.exp(-g));
    const rest = 1 / (1 + Math.exp(g));
    const slope = sigma * (1 + g * rest);
    const bend = sigma * rest * (2 + g * (rest - sigma));
    let toGate = p.accumulateGate ? togate[at] : 0;
    let toUp = p.accumulateUp ? toup[at] : 0;
    const row = Math.floor(at / width) * directions;
    for (let k = 0; k < directions; k++) {
      const moving = (row + k) * width + (at % width);
      toGate += dda[moving] * (bend * up[at] * dgate[moving] + slope * dup[moving]);
      toUp += dda[moving] * slope * dgate[moving];
    }
    togate[at] = toGate;
    toup[at] = toUp;
  }
};
