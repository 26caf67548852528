import type { fourierFeaturesTangentBackward as contract } from '../backend/contracts/tangent_backward.js';
import { sinCosTurns } from '../random/normal.js';
import type { Reference } from './reference.js';

/** todx = c_x + Σ_j 2π f_j (c_sin,j·C_j − c_cos,j·S_j), tox = −Σ_k Σ_j 2π f_j·w_j (c_sin,j·S_j + c_cos,j·C_j), w_j = 2π f_j·dx */
export const fourierFeaturesTangentBackward: Reference<typeof contract> = (arrays, p) => {
  const { x, frequency, dx, ddy, tox, todx } = arrays;
  const { batch, directions, dim, frequencies, stride, column } = p;
  const wave: [number, number] = [0, 0];
  const toTangent = new Float64Array(dim);
  const toPoint = new Float64Array(dim);
  for (let b = 0; b < batch; b++) {
    toPoint.fill(0);
    for (let k = 0; k < directions; k++) {
      const row = (b * directions + k) * stride + column;
      const from = (b * directions + k) * dim;
      for (let i = 0; i < dim; i++) toTangent[i] = ddy[row + i];
      for (let j = 0; j < frequencies; j++) {
        let turns = 0;
        let slope = 0;
        for (let i = 0; i < dim; i++) {
          turns += frequency[j * dim + i] * x[b * dim + i];
          slope += 2 * Math.PI * frequency[j * dim + i] * dx[from + i];
        }
        sinCosTurns(turns, wave);
        const [toSine, toCosine] = [ddy[row + dim + j], ddy[row + dim + frequencies + j]];
        for (let i = 0; i < dim; i++) {
          const f = 2 * Math.PI * frequency[j * dim + i];
          toTangent[i] += f * (toSine * wave[1] - toCosine * wave[0]);
          toPoint[i] -= f * slope * (toSine * wave[0] + toCosine * wave[1]);
        }
      }
      for (let i = 0; i < dim; i++)
        todx[from + i] = (p.accumulateTangent ? todx[from + i] : 0) + toTangent[i];
    }
    for (let i = 0; i < dim; i++) tox[b * dim + i] = (p.accumulate ? tox[b * dim + i] : 0) + toPoint[i];
  }
};
