import type { fill as contract } from '../backend/contracts/combine.js';
import type { Reference } from './reference.js';

/** y = value */
export const fill: Reference<typeof contract> = ({ y }, { n, value, accumulate }) => {
  for (let i = 0; i < n; i++) y[i] = accumulate ? y[i] + value : value;
};
