import type { fourierFeaturesTangent as contract } from '../backend/contracts/tangent.js';
import { sinCosTurns } from '../random/normal.js';
import type { Reference } from './reference.js';

/** dy = (dx, 2π(f_j·dx)·cos 2π f_j·x …, −2π(f_j·dx)·sin 2π f_j·x …) for every direction */
export const fourierFeaturesTangent: Reference<typeof contract> = ({ x, frequency, dx, dy }, p) => {
  const { batch, directions, dim, frequencies, stride, column } = p;
  const wave: [number, number] = [0, 0];
  for (let b = 0; b < batch; b++) {
    for (let k = 0; k < directions; k++) {
      const start = (b * directions + k) * stride;
      const from = (b * directions + k) * dim;
      const row = start + column;
      if (p.clear) dy.fill(0, start, start + stride);
      for (let i = 0; i < dim; i++) dy[row + i] = dx[from + i];
      for (let j = 0; j < frequencies; j++) {
        let turns = 0;
        let slope = 0;
        for (let i = 0; i < dim; i++) {
          turns += frequency[j * dim + i] * x[b * dim + i];
          slope += 2 * Math.PI * frequency[j * dim + i] * dx[from + i];
        }
        sinCosTurns(turns, wave);
        dy[row + dim + j] = slope * wave[1];
        dy[row + dim + frequencies + j] = -slope * wave[0];
      }
    }
  }
};
