import { CLOCK } from '../backend/clock.js';
import { type endpointDraw as contract, DRAW, DRAW_COLUMNS } from '../backend/contracts/coupling.js';
import { CounterRandom, STREAM } from '../random/random.js';
import type { Reference } from './reference.js';

/** x1 = data[row], x0 = data[base] or the normals of that base */
export const endpointDraw: Reference<typeof contract> = ({ clock, data, draw, x0, x1 }, p) => {
  const { n, dim } = p;
  const bases = new CounterRandom([p.seedLow, p.seedHigh], STREAM.base, clock[CLOCK.step]);
  for (let k = 0; k < n; k++) {
    const at = (p.antithetic ? 2 * k : k) * DRAW_COLUMNS;
    const row = draw[at + DRAW.row];
    const base = draw[at + DRAW.base];
    for (let j = 0; j < dim; j++) {
      x1[k * dim + j] = data[row * dim + j];
      x0[k * dim + j] = p.sourceRows ? data[base * dim + j] : bases.normal(base * dim + j);
    }
  }
};
