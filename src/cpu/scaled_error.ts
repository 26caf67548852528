import type { scaledError as contract } from '../backend/contracts/solver.js';
import type { Reference } from './reference.js';

/** out = (error / (absolute + relative·max(|x|, |y|)))² */
export const scaledError: Reference<typeof contract> = ({ error, x, y, out }, p) => {
  for (let i = 0; i < p.n; i++) {
    const tolerance = p.absolute + p.relative * Math.max(Math.abs(x[i]), Math.abs(y[i]));
    out[i] = (error[i] / tolerance) ** 2;
  }
};
