import type { rmsNormTangent as contract } from '../backend/contracts/rms_norm.js';
import type { Reference } from './reference.js';
import { inverseRootMeanSquare } from './root_mean_square.js';

/** dy = (dx − x·Σ_j x_j·dx_j/(width·ρ²))/ρ for every direction */
export const rmsNormTangent: Reference<typeof contract> = ({ x, dx, dy }, p) => {
  const { batch, directions, width, epsilon, accumulate } = p;
  for (let b = 0; b < batch; b++) {
    const inverse = inverseRootMeanSquare(x, b * width, width, epsilon);
    for (let k = 0; k < directions; k++) {
      const row = (b * directions + k) * width;
      let along = 0;
      for (let i = 0; i < width; i++) along += x[b * width + i] * dx[row + i];
      along *= (inverse * inverse) / width;
      for (let i = 0; i < width; i++) {
        const value = inverse * (dx[row + i] - along * x[b * width + i]);
        dy[row + i] = accumulate ? dy[row + i] + value : value;
      }
    }
  }
};
