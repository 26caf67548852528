import { type seluBackward as contract, SELU_ALPHA, SELU_SCALE } from '../backend/contracts/selu.js';
import type { Reference } from './reference.js';

/** dx = λ·dy for x > 0, else λα·e^x·dy */
export const seluBackward: Reference<typeof contract> = ({ x, dy, dx }, { n, accumulate }) => {
  for (let i = 0; i < n; i++) {
    const gradient = SELU_SCALE * dy[i] * (x[i] > 0 ? 1 : SELU_ALPHA * Math.exp(x[i]));
    dx[i] = accumulate ? dx[i] + gradient : gradient;
  }
};
