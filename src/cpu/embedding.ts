import type { embedding as contract } from '../backend/contracts/features.js';
import type { Reference } from './reference.js';

/** y[b, column + j] = table[label_b, j] */
export const embedding: Reference<typeof contract> = ({ label, table, y }, p) => {
  const { batch, width, stride, column } = p;
  for (let b = 0; b < batch; b++) {
    for (let j = 0; j < width; j++) y[b * stride + column + j] = table[label[b] * width + j];
  }
};
