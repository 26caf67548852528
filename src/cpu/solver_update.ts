import { CLOCK } from '../backend/clock.js';
import { type solverUpdate as contract, UPDATE } from '../backend/contracts/solver.js';
import { CounterRandom } from '../random/random.js';
import type { Reference } from './reference.js';

/** y = c_y y + c_x x + Σ c_s k_s + c_ξ ξ; a term whose coefficient is 0 is not read */
export const solverUpdate: Reference<typeof contract> = (arrays, p) => {
  const { clock, table, x, k1, k2, k3, k4, y } = arrays;
  const at = clock[CLOCK.row] * p.stride + p.column;
  const terms = [
    { coefficient: p.accumulate ? table[at + UPDATE.y] : 0, values: y },
    { coefficient: table[at + UPDATE.x], values: x },
    { coefficient: table[at + UPDATE.k1], values: k1 },
    { coefficient: table[at + UPDATE.k2], values: k2 },
    { coefficient: table[at + UPDATE.k3], values: k3 },
    { coefficient: table[at + UPDATE.k4], values: k4 },
  ].filter(({ coefficient }) => coefficient !== 0);
  const amplitude = table[at + UPDATE.noise];
  const random = new CounterRandom([p.seedLow, p.seedHigh], p.stream, clock[CLOCK.step]);
  const first = clock[CLOCK.particle] * p.dim;
  for (let i = 0; i < p.n; i++) {
    let sum = 0;
    for (const { coefficient, values } of terms) sum += coefficient * values[i];
    if (amplitude !== 0) sum += amplitude * random.normal(first + i);
    y[i] = sum;
  }
};
