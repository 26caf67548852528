import type { embeddingBackward as contract } from '../backend/contracts/features.js';
import type { Reference } from './reference.js';

/** dtable[r, j] = Σ_{b: label_b = r} dy[b, column + j], summed over b in order */
export const embeddingBackward: Reference<typeof contract> = ({ label, dy, dtable }, p) => {
  const { batch, rows, width, stride, column, accumulate } = p;
  const sums = new Float64Array(rows * width);
  if (accumulate) sums.set(dtable.subarray(0, rows * width));
  for (let b = 0; b < batch; b++) {
    for (let j = 0; j < width; j++) sums[label[b] * width + j] += dy[b * stride + column + j];
  }
  dtable.set(sums);
};
