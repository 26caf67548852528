import type { mixtureJointBackwardParameters as contract } from '../backend/contracts/mixture.js';
import type { Reference } from './reference.js';

/** dlogWeight = Σ_r dout, dmean = Σ_r dout·(x − mean)·e^−logvar, dlogvar = ½ Σ_r dout·((x − mean)²·e^−logvar − 1) */
export const mixtureJointBackwardParameters: Reference<typeof contract> = (arrays, p) => {
  const { x, mean, logvar, dout, dlogWeight, dmean, dlogvar } = arrays;
  const { rows, cols, components, rowwise } = p;
  for (let own = 0; own < (rowwise ? rows : 1) * components; own++) {
    const k = own % components;
    const [first, end] = rowwise ? [(own - k) / components, (own - k) / components + 1] : [0, rows];
    let weight = p.accumulateWeight ? dlogWeight[own] : 0;
    for (let r = first; r < end; r++) weight += dout[r * components + k];
    dlogWeight[own] = weight;
    for (let at = own * cols; at < (own + 1) * cols; at++) {
      let toMean = p.accumulateMean ? dmean[at] : 0;
      let toLogvar = p.accumulateLogvar ? dlogvar[at] : 0;
      const precision = Math.exp(-logvar[at]);
      for (let r = first; r < end; r++) {
        const cotangent = dout[r * components + k];
        const distance = x[r * cols + (at % cols)] - mean[at];
        toMean += cotangent * distance * precision;
        toLogvar += 0.5 * cotangent * (distance * distance * precision - 1);
      }
      dmean[at] = toMean;
      dlogvar[at] = toLogvar;
    }
  }
};
