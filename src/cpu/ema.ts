import { CLOCK } from '../backend/clock.js';
import { type ema as contract, SCHEDULE, SCHEDULE_COLUMNS } from '../backend/contracts/optimizer.js';
import type { Reference } from './reference.js';

/** average ← decay·average + (1 − decay)·parameter */
export const ema: Reference<typeof contract> = ({ clock, schedule, parameter, average }, { n }) => {
  const decay = schedule[clock[CLOCK.row] * SCHEDULE_COLUMNS + SCHEDULE.emaDecay];
  for (let i = 0; i < n; i++) average[i] = decay * average[i] + (1 - decay) * parameter[i];
};
