import type { gaussianSampleBackward as contract } from '../backend/contracts/gaussian.js';
import type { Reference } from './reference.js';

/** dmean = dz, dlogvar = ½·dz·e^(½ logvar)·noise */
export const gaussianSampleBackward: Reference<typeof contract> = (arrays, p) => {
  const { logvar, noise, dz, dmean, dlogvar } = arrays;
  for (let i = 0; i < p.rows * p.cols; i++) {
    dmean[i] = (p.accumulateMean ? dmean[i] : 0) + dz[i];
    dlogvar[i] = (p.accumulateLogvar ? dlogvar[i] : 0) + 0.5 * dz[i] * Math.exp(logvar[i] / 2) * noise[i];
  }
};
