import type { marginalError as contract } from '../backend/contracts/coupling.js';
import type { Reference } from './reference.js';

/** out = ½ · mean_i |exp((before[i] − after[i])/ε) − 1| */
export const marginalError: Reference<typeof contract> = ({ before, after, out }, p) => {
  let sum = 0;
  for (let i = 0; i < p.n; i++) sum += Math.abs(Math.exp((before[i] - after[i]) / p.regularisation) - 1);
  out[0] = sum / (2 * p.n);
};
