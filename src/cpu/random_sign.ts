import { CLOCK } from '../backend/clock.js';
import type { randomSign as contract } from '../backend/contracts/divergence.js';
import { CounterRandom } from '../random/random.js';
import type { Reference } from './reference.js';

/** out[i] = ±1 by the top bit of word clock.particle·dim + i */
export const randomSign: Reference<typeof contract> = ({ clock, out }, p) => {
  const random = new CounterRandom([p.seedLow, p.seedHigh], p.stream, clock[CLOCK.step]);
  const first = clock[CLOCK.particle] * p.dim;
  for (let i = 0; i < p.n; i++) out[i] = random.bits(first + i) >= 2 ** 31 ? 1 : -1;
};
