import type { gaussianSample as contract } from '../backend/contracts/gaussian.js';
import type { Reference } from './reference.js';

/** z = mean + e^(½ logvar)·noise */
export const gaussianSample: Reference<typeof contract> = ({ mean, logvar, noise, z }, p) => {
  for (let i = 0; i < p.rows * p.cols; i++) z[i] = mean[i] + Math.exp(logvar[i] / 2) * noise[i];
};
