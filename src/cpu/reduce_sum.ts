import { CLOCK } from '../backend/clock.js';
import type { reduceSum as contract } from '../backend/contracts/loss.js';
import type { Reference } from './reference.js';

/** out[k] = Σ_{i in chunk k} x_i^power, in order */
export const reduceSum: Reference<typeof contract> = ({ clock, x, out }, p) => {
  const { n, chunk, power, history } = p;
  for (let k = 0; k * chunk < n; k++) {
    let sum = 0;
    for (let i = k * chunk; i < Math.min(n, (k + 1) * chunk); i++) sum += power === 2 ? x[i] * x[i] : x[i];
    out[history ? clock[CLOCK.row] : k] = sum;
  }
};
