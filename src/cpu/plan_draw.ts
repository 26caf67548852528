import { CLOCK } from '../backend/clock.js';
import type { planDraw as contract } from '../backend/contracts/coupling.js';
import { logPolynomial } from '../random/normal.js';
import { CounterRandom, STREAM } from '../random/random.js';
import type { Reference } from './reference.js';

/** −ln(−ln u) */
export function gumbel(u: number): number {
  const w = -logPolynomial(u);
  // The polynomial takes (0, 1), and −ln u lies above 1 for small u.
  return w < 1 ? -logPolynomial(w) : logPolynomial(1 / w);
}

/** pair[j] = argmax_i ((potential[i] − cost[j, i])/ε + G_ji) */
export const planDraw: Reference<typeof contract> = ({ clock, cost, potential, pair }, p) => {
  const { n } = p;
  const random = new CounterRandom([p.seedLow, p.seedHigh], STREAM.coupling, clock[CLOCK.step]);
  for (let j = 0; j < n; j++) {
    let best = 0;
    let largest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < n; i++) {
      const at = j * n + i;
      const value = (potential[i] - cost[at]) / p.regularisation + gumbel(random.uniform(at));
      if (value > largest) {
        largest = value;
        best = i;
      }
    }
    pair[j] = best;
  }
};
