import { type seluForward as contract, SELU_ALPHA, SELU_SCALE } from '../backend/contracts/selu.js';
import type { Reference } from './reference.js';

/** y = λx for x > 0, else λα(e^x − 1) */
export const seluForward: Reference<typeof contract> = ({ x, y }, { n }) => {
  for (let i = 0; i < n; i++) y[i] = SELU_SCALE * (x[i] > 0 ? x[i] : SELU_ALPHA * Math.expm1(x[i]));
};
