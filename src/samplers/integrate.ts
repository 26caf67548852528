import { UPDATE } from '../backend/contracts/solver.js';
import { CounterRandom, STREAM } from '../random/random.js';
import type { SolverTable } from './table.js';

/** A field on the host: velocities (and denoisers, for an SDE) of points [n·d] at one time, [n·d] each. */
export interface HostField {
  velocity(t: number, x: Float64Array): Float64Array;
  denoiser?(t: number, x: Float64Array): Float64Array;
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
  const { stages, stride, stageColumn, stepColumn, rows, solver } = table;
  let y: Float64Array = x.slice();
  for (let step = 0; step < table.steps; step++) {
    const row = rows.subarray(step * stride, (step + 1) * stride);
    const slopes: Float64Array[] = [];
    const combine = (column: number, keep: number): Float64Array => {
      const out = new Float64Array(y.length);
      for (let i = 0; i < y.length; i++) {
        let sum = keep * y[i];
        for (let s = 0; s < slopes.length; s++) sum += row[column + UPDATE.k1 + s] * slopes[s][i];
        out[i] = sum;
      }
      return out;
    };
    for (let s = 0; s < stages; s++) {
      const point = s === 0 ? y : combine(stageColumn(s), row[stageColumn(s) + UPDATE.x]);
      slopes.push(field.velocity(row[s], point));
    }
    if (solver.stochastic && field.denoiser) slopes.push(field.denoiser(row[0], y));
    y = combine(stepColumn, row[stepColumn + UPDATE.y]);
    const amplitude = row[stepColumn + UPDATE.noise];
    if (amplitude !== 0) {
      const random = new CounterRandom(seed, STREAM.brownian, step);
      for (let i = 0; i < y.length; i++) y[i] += amplitude * random.normal(i);
    }
    onStep?.(step + 1, y);
  }
  return y;
}
