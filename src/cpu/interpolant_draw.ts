import { CLOCK } from '../backend/clock.js';
import {
  type interpolantDraw as contract,
  DRAW,
  DRAW_COLUMNS,
  TIME_COLUMNS,
  TIME_TABLE,
} from '../backend/contracts/draw.js';
import { CounterRandom, STREAM } from '../random/random.js';
import type { Reference } from './reference.js';

/** x_t = c_0 x0 + c_1 x1 + c_z z and each head's target alike, with the weights of the row's cell. */
export const interpolantDraw: Reference<typeof contract> = (arrays, p) => {
  const { clock, data, table, draw, pair, x, first, second } = arrays;
  const { dim } = p;
  const stream = (id: number) => new CounterRandom([p.seedLow, p.seedHigh], id, clock[CLOCK.step]);
  const bases = stream(STREAM.base);
  const latents = stream(STREAM.latent);
  for (let b = 0; b < p.batch; b++) {
    // Both rows of an antithetic pair are the same draw but for the sign of z.
    const k = p.antithetic ? b >>> 1 : b;
    const sign = p.antithetic && b % 2 === 1 ? -1 : 1;
    const row = draw[b * DRAW_COLUMNS + DRAW.row];
    const giver = p.coupled ? pair[k] * (p.antithetic ? 2 : 1) : b;
    const base = draw[giver * DRAW_COLUMNS + DRAW.base];
    const at = draw[b * DRAW_COLUMNS + DRAW.cell] * TIME_COLUMNS;
    /** The combination whose three weights begin at a column of the cell's row. */
    const combine = (column: number, x0: number, x1: number, z: number): number =>
      table[at + column] * x0 + table[at + column + 1] * x1 + table[at + column + 2] * z;
    for (let j = 0; j < dim; j++) {
      const x0 = p.sourceRows ? data[base * dim + j] : bases.normal(base * dim + j);
      const x1 = data[row * dim + j];
      const z = sign * latents.normal(k * dim + j);
      x[b * dim + j] = combine(TIME_TABLE.x, x0, x1, z);
      first[b * dim + j] = combine(TIME_TABLE.first, x0, x1, z);
      if (p.heads > 1) second[b * dim + j] = combine(TIME_TABLE.second, x0, x1, z);
    }
  }
};
