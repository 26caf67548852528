import type { rmsNormTangentBackward as contract } from '../backend/contracts/rms_norm.js';
import type { Reference } from './reference.js';
import { inverseRootMeanSquare } from './root_mean_square.js';

/** tox = −Σ_k (x·(P − 3MQ/(width·ρ²)) + dx·Q + dda·M)/(width·ρ³), M = Σ x·dx, P = Σ dda·dx, Q = Σ dda·x */
export const rmsNormTangentBackward: Reference<typeof contract> = ({ x, dx, dda, tox }, p) => {
  const { batch, directions, width, epsilon, accumulate } = p;
  for (let b = 0; b < batch; b++) {
    const from = b * width;
    const inverse = inverseRootMeanSquare(x, from, width, epsilon);
    const sums = new Float64Array(width);
    for (let k = 0; k < directions; k++) {
      const row = from * directions + k * width;
      let [m, q, both] = [0, 0, 0];
      for (let i = 0; i < width; i++) {
        m += x[from + i] * dx[row + i];
        q += x[from + i] * dda[row + i];
        both += dx[row + i] * dda[row + i];
      }
      const own = both - (3 * m * q * inverse * inverse) / width;
      for (let i = 0; i < width; i++) sums[i] += x[from + i] * own + dx[row + i] * q + dda[row + i] * m;
    }
    const factor = inverse ** 3 / width;
    for (let i = 0; i < width; i++) tox[from + i] = (accumulate ? tox[from + i] : 0) - factor * sums[i];
  }
};
