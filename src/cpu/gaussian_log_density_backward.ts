import type { gaussianLogDensityBackward as contract } from '../backend/contracts/gaussian.js';
import type { Reference } from './reference.js';

/** dmean = −dx = dout·(x − mean)·e^−logvar, dlogvar = ½·dout·((x − mean)²·e^−logvar − 1) */
export const gaussianLogDensityBackward: Reference<typeof contract> = (arrays, p) => {
  const { x, mean, logvar, dout, dx, dmean, dlogvar } = arrays;
  for (let i = 0; i < p.rows * p.cols; i++) {
    const cotangent = dout[Math.floor(i / p.cols)];
    const distance = x[i] - mean[i];
    const precision = Math.exp(-logvar[i]);
    const pull = cotangent * distance * precision;
    dx[i] = (p.accumulateX ? dx[i] : 0) - pull;
    dmean[i] = (p.accumulateMean ? dmean[i] : 0) + pull;
    dlogvar[i] =
      (p.accumulateLogvar ? dlogvar[i] : 0) + 0.5 * cotangent * (distance * distance * precision - 1);
  }
};
