import type { rmsNormForward as contract } from '../backend/contracts/rms_norm.js';
import type { Reference } from './reference.js';
import { inverseRootMeanSquare } from './root_mean_square.js';

/** y = x/ρ, ρ = √(ε + Σ_j x_j²/width) */
export const rmsNormForward: Reference<typeof contract> = ({ x, y }, { batch, width, epsilon }) => {
  for (let b = 0; b < batch; b++) {
    const inverse = inverseRootMeanSquare(x, b * width, width, epsilon);
    for (let i = b * width; i < (b + 1) * width; i++) y[i] = x[i] * inverse;
  }
};
