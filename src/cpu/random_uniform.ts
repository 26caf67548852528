import { CLOCK } from '../backend/clock.js';
import type { randomUniform as contract } from '../backend/contracts/draw.js';
import { CounterRandom } from '../random/random.js';
import type { Reference } from './reference.js';

/** out[i] = (⌊w/2⁹⌋ + ½)·2⁻²³, w = word clock.particle·dim + i of (seed, stream, clock.step) */
export const randomUniform: Reference<typeof contract> = ({ clock, out }, p) => {
  const random = new CounterRandom([p.seedLow, p.seedHigh], p.stream, clock[CLOCK.step]);
  const first = clock[CLOCK.particle] * p.dim;
  for (let i = 0; i < p.n; i++) out[i] = ((random.bits(first + i) >>> 9) + 0.5) * 2 ** -23;
};
