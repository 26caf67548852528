import { CLOCK } from '../backend/clock.js';
import { type adamw as contract, SCHEDULE, SCHEDULE_COLUMNS } from '../backend/contracts/optimizer.js';
import type { Reference } from './reference.js';

/** One AdamW step; the learning rate and the bias corrections of this step come from the schedule. */
export const adamw: Reference<typeof contract> = (arrays, p) => {
  const { clock, schedule, normSquared, gradient, parameter, m, v } = arrays;
  const row = clock[CLOCK.row] * SCHEDULE_COLUMNS;
  const rate = schedule[row + SCHEDULE.learningRate];
  const correction1 = schedule[row + SCHEDULE.correction1];
  const correction2 = schedule[row + SCHEDULE.correction2];
  const norm = Math.sqrt(normSquared[0]);
  const clipping = p.clip > 0 && norm > p.clip ? p.clip / norm : 1;
  for (let i = 0; i < p.n; i++) {
    const g = gradient[i] * clipping;
    const first = p.beta1 * m[i] + (1 - p.beta1) * g;
    const second = p.beta2 * v[i] + (1 - p.beta2) * g * g;
    m[i] = first;
    v[i] = second;
    const step = first / correction1 / (Math.sqrt(second / correction2) + p.eps);
    parameter[i] = parameter[i] * (1 - rate * p.weightDecay) - rate * step;
  }
};
