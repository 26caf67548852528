import { CLOCK } from '../backend/clock.js';
import {
  type batchDraw as contract,
  DRAW,
  DRAW_COLUMNS,
  PAIRING_ID,
  TIME_COLUMNS,
  TIME_SAMPLING_ID,
  TIME_TABLE,
} from '../backend/contracts/draw.js';
import { epochOf, permutationWords, permutedBy } from '../random/permutation.js';
import { mulHigh } from '../random/philox.js';
import { CounterRandom, STREAM } from '../random/random.js';
import type { Reference } from './reference.js';

/** draw[b] = (data row, base, cell); whole numbers only, so that every device draws the same. */
export const batchDraw: Reference<typeof contract> = (arrays, p) => {
  const { clock, label, table, draw, drawnLabel, t, weight } = arrays;
  const key = [p.seedLow, p.seedHigh] as const;
  const step = clock[CLOCK.step];
  const stream = (id: number) => new CounterRandom(key, id, step);
  const indexes = stream(STREAM.batchIndex);
  const times = stream(STREAM.time);
  const bases = stream(STREAM.base);
  const drops = stream(STREAM.labelDropout);
  const draws = p.antithetic ? p.batch / 2 : p.batch;

  // Neighbouring draws are of the same epoch.
  const words = new Map<string, Uint32Array>();
  const wordsOf = (id: number, epoch: number): Uint32Array => {
    const name = `${id} ${epoch}`;
    const known = words.get(name) ?? permutationWords(key, id, epoch);
    words.set(name, known);
    return known;
  };
  /** One of n rows for draw k. */
  const rowOf = (random: CounterRandom, id: number, k: number, n: number): number => {
    if (!p.epochs) return random.integer(k, n);
    const { epoch, place } = epochOf(step, k, draws, n);
    return permutedBy(wordsOf(id, epoch), place, n);
  };
  const cellOf = (k: number): number => {
    const own = p.timeSampling === TIME_SAMPLING_ID['low-discrepancy'] ? 0 : k;
    const within = mulHigh(times.bits(own), p.cells);
    if (p.timeSampling === TIME_SAMPLING_ID.uniform) return within;
    return Math.floor((k * p.cells + within) / draws);
  };

  for (let b = 0; b < p.batch; b++) {
    const k = p.antithetic ? b >>> 1 : b;
    const row = rowOf(indexes, STREAM.batchIndex, k, p.rows);
    const cell = cellOf(k);
    let base = k;
    if (p.sourceRows) {
      const paired = p.pairing === PAIRING_ID.paired;
      base = p.rows + (paired ? row : rowOf(bases, STREAM.base, k, p.sourceRows));
    }
    draw[b * DRAW_COLUMNS + DRAW.row] = row;
    draw[b * DRAW_COLUMNS + DRAW.base] = base;
    draw[b * DRAW_COLUMNS + DRAW.cell] = cell;
    drawnLabel[b] = drops.uniform(k) < p.labelDropout ? p.classes : label[row];
    t[b] = table[cell * TIME_COLUMNS + TIME_TABLE.time];
    for (let h = 0; h < p.heads; h++)
      weight[h * p.weightStride + b] = table[cell * TIME_COLUMNS + TIME_TABLE.weight + h];
  }
};
