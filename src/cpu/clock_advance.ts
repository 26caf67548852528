import { CLOCK } from '../backend/clock.js';
import type { clockAdvance as contract } from '../backend/contracts/optimizer.js';
import type { Reference } from './reference.js';

/** step ← step + by, row ← row + by */
export const clockAdvance: Reference<typeof contract> = ({ clock }, { by }) => {
  clock[CLOCK.step] += by;
  clock[CLOCK.row] += by;
};
