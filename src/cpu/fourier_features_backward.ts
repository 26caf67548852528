import type { fourierFeaturesBackward as contract } from '../backend/contracts/features.js';
import { sinCosTurns } from '../random/normal.js';
import type { Reference } from './reference.js';

/** dx_j = dy_j + Σ_k 2π f_kj (dy_sin,k·cos 2π f_k·x − dy_cos,k·sin 2π f_k·x) */
export const fourierFeaturesBackward: Reference<typeof contract> = ({ x, frequency, dy, dx }, p) => {
  const { batch, dim, frequencies, stride, column, accumulate } = p;
  const wave: [number, number] = [0, 0];
  const sums = new Float64Array(dim);
  for (let b = 0; b < batch; b++) {
    const row = b * stride + column;
    for (let j = 0; j < dim; j++) sums[j] = (accumulate ? dx[b * dim + j] : 0) + dy[row + j];
    for (let k = 0; k < frequencies; k++) {
      let turns = 0;
      for (let j = 0; j < dim; j++) turns += frequency[k * dim + j] * x[b * dim + j];
      sinCosTurns(turns, wave);
      const slope = 2 * Math.PI * (dy[row + dim + k] * wave[1] - dy[row + dim + frequencies + k] * wave[0]);
      for (let j = 0; j < dim; j++) sums[j] += frequency[k * dim + j] * slope;
    }
    for (let j = 0; j < dim; j++) dx[b * dim + j] = sums[j];
  }
};
