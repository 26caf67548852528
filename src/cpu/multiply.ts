import type { multiply as contract } from '../backend/contracts/combine.js';
import type { Reference } from './reference.js';

/** y = x·z */
export const multiply: Reference<typeof contract> = ({ x, z, y }, { n, accumulate }) => {
  for (let i = 0; i < n; i++) y[i] = (accumulate ? y[i] : 0) + x[i] * z[i];
};
