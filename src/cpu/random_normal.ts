import { CLOCK } from '../backend/clock.js';
import type { randomNormal as contract } from '../backend/contracts/draw.js';
import { CounterRandom } from '../random/random.js';
import type { Reference } from './reference.js';

/** out[i] = scale·N(seed, stream, clock.step, clock.particle·dim + i) */
export const randomNormal: Reference<typeof contract> = ({ clock, out }, p) => {
  const random = new CounterRandom([p.seedLow, p.seedHigh], p.stream, clock[CLOCK.step]);
  const first = clock[CLOCK.particle] * p.dim;
  for (let i = 0; i < p.n; i++) out[i] = p.scale * random.normal(first + i);
};
