import { SELU_ALPHA, SELU_SCALE } from '../backend/contracts/selu.js';
import type { seluTangent as contract } from '../backend/contracts/tangent.js';
import type { Reference } from './reference.js';

/** dy = λ·dx for x > 0, else λα·e^x·dx, for every direction */
export const seluTangent: Reference<typeof contract> = ({ x, dx, dy }, { batch, directions, width }) => {
  for (let row = 0; row < batch * directions; row++) {
    for (let i = 0; i < width; i++) {
      const value = x[Math.floor(row / directions) * width + i];
      const slope = SELU_SCALE * (value > 0 ? 1 : SELU_ALPHA * Math.exp(value));
      dy[row * width + i] = slope * dx[row * width + i];
    }
  }
};
