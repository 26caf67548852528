import { CLOCK } from '../backend/clock.js';
import type { broadcastTime as contract } from '../backend/contracts/solver.js';
import type { Reference } from './reference.js';

/** t[b] = table[clock.row·stride + column] */
export const broadcastTime: Reference<typeof contract> = ({ clock, table, t }, p) => {
  t.fill(table[clock[CLOCK.row] * p.stride + p.column], 0, p.batch);
};
