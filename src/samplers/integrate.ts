import { UPDATE, UPDATE_COLUMNS } from '../backend/contracts/solver.js';
import type { Head } from '../interpolant/heads.js';
import { CounterRandom, STREAM } from '../random/random.js';
import { type Block, blockColumn, SLOPES_A_LAUNCH, type SolverTable } from './table.js';

/**
 * Fields on the host in place of networks, by head: the raw outputs [n·d] for points [n·d] at one time, both as a
 * network is given them (EDM's sees c_in x and ¼ ln σ). `unlabelled` is true where guidance asks for "no label"; `particles` are
 * the points' numbers where they are not all of them in order.
 */
export type HostField = {
  readonly [H in Head]?: (
    time: number,
    x: Float64Array,
    unlabelled: boolean,
    particles?: readonly number[],
  ) => Float64Array;
};

/** A block of a row on numbers: own·x + Σ slopes + noise. */
export function combineBlock(
  table: SolverTable,
  row: Float64Array,
  block: Block,
  x: Float64Array,
  slopes: readonly (Float64Array | null)[],
  noise: ((i: number) => number) | null,
): Float64Array {
  const column = blockColumn(table, block);
  const own = row[column + (block.kind === 'result' ? UPDATE.y : UPDATE.x)];
  const amplitude = row[column + UPDATE.noise];
  const out = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) out[i] = own === 0 ? 0 : own * x[i];
  slopes.forEach((slope, s) => {
    const launch = Math.floor(s / SLOPES_A_LAUNCH);
    const factor = row[column + launch * UPDATE_COLUMNS + UPDATE.k1 + (s % SLOPES_A_LAUNCH)];
    if (factor !== 0 && slope !== null) for (let i = 0; i < x.length; i++) out[i] += factor * slope[i];
  });
  if (amplitude !== 0 && noise) for (let i = 0; i < x.length; i++) out[i] += amplitude * noise(i);
  return out;
}

/** The evaluations of a row, one after the other: their outputs. */
export function evaluateRow(
  table: SolverTable,
  row: Float64Array,
  field: HostField,
  x: Float64Array,
  previous: Float64Array | null,
  noise: ((i: number) => number) | null,
): (Float64Array | null)[] {
  const outputs: (Float64Array | null)[] = table.evaluations.map(() => null);
  table.evaluations.forEach(({ head, unlabelled }, s) => {
    const evaluate = field[table.heads[head]];
    if (evaluate === undefined) throw new Error(`the field has no ${table.heads[head]}`);
    const point = combineBlock(
      table,
      row,
      { kind: 'point', evaluation: s },
      x,
      [...outputs, previous],
      noise,
    );
    outputs[s] = evaluate(row[s], point, unlabelled);
  });
  return outputs;
}

/**
 * Runs a solver's table on a field that is not a network, in float64: the oracle, or a test's closed form.
 * The same table drives networks on a device.
 * @param x [n·d] starting points, not changed
 * @param onStep sees the points after each step; step counts from 1
 * @returns [n·d]
 */
export function integrate(
  table: SolverTable,
  field: HostField,
  x: Float64Array,
  { seed = 0, onStep }: { seed?: number; onStep?: (step: number, x: Float64Array) => void } = {},
): Float64Array {
  let y: Float64Array = x.slice();
  let previous: Float64Array | null = table.keeps ? new Float64Array(x.length) : null;
  for (let step = 0; step < table.steps; step++) {
    const row = table.rows.subarray(step * table.stride, (step + 1) * table.stride);
    const random = new CounterRandom(seed, STREAM.brownian, step);
    const noise = (i: number) => random.normal(i);
    const outputs = evaluateRow(table, row, field, y, previous, noise);
    const slopes = [...outputs, previous];
    const next = combineBlock(table, row, { kind: 'result' }, y, slopes, noise);
    if (table.keeps) previous = combineBlock(table, row, { kind: 'kept' }, y, slopes, noise);
    y = next;
    onStep?.(step + 1, y);
  }
  return y;
}
