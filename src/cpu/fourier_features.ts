import type { fourierFeatures as contract } from '../backend/contracts/features.js';
import { sinCosTurns } from '../random/normal.js';
import type { Reference } from './reference.js';

/** y[b, column…] = (x_b, sin 2π f_k·x_b …, cos 2π f_k·x_b …) */
export const fourierFeatures: Reference<typeof contract> = ({ x, frequency, y }, p) => {
  const { batch, dim, frequencies, stride, column } = p;
  const wave: [number, number] = [0, 0];
  for (let b = 0; b < batch; b++) {
    const row = b * stride + column;
    for (let j = 0; j < dim; j++) y[row + j] = x[b * dim + j];
    for (let k = 0; k < frequencies; k++) {
      let turns = 0;
      for (let j = 0; j < dim; j++) turns += frequency[k * dim + j] * x[b * dim + j];
      sinCosTurns(turns, wave);
      y[row + dim + k] = wave[0];
      y[row + dim + frequencies + k] = wave[1];
    }
  }
};
