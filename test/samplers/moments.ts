import { GaussianMixture } from '../../src/data/mixture.js';
import { type InterpolantConfig, scheduleOf } from '../../src/interpolant/config.js';
import { gaussianBaseOracle } from '../../src/interpolant/oracle.js';
import { combineBlock, evaluateRow, type HostField } from '../../src/samplers/integrate.js';
import { oracleField } from '../../src/samplers/oracle_field.js';
import type { SolverTable } from '../../src/samplers/table.js';

/** N(2, 0.5²), whose interpolants with a Gaussian base have affine fields. */
export const LINE_TARGET = new GaussianMixture({
  dim: 1,
  weights: [1],
  means: Float64Array.of(2),
  variances: Float64Array.of(0.25),
  labels: [0],
});

/** What perfect networks of a config say between N(0, σ0²) and N(2, 0.5²). */
export function lineField(config: InterpolantConfig): HostField {
  return oracleField(config, gaussianBaseOracle(scheduleOf(config), LINE_TARGET));
}

/** x ↦ (x', kept') of one row, for particles and what was kept. */
function applyRow(
  table: SolverTable,
  row: Float64Array,
  field: HostField,
  x: Float64Array,
  kept: Float64Array,
  noise: readonly number[],
): { x: Float64Array; kept: Float64Array } {
  const previous = table.keeps ? kept : null;
  const draw = (i: number) => noise[i];
  const slopes = [...evaluateRow(table, row, field, x, previous, draw), previous];
  return {
    x: combineBlock(table, row, { kind: 'result' }, x, slopes, draw),
    kept: table.keeps ? combineBlock(table, row, { kind: 'kept' }, x, slopes, draw) : kept,
  };
}

/**
 * Mean and standard deviation after all steps, exactly: in an affine field a step is x' = A (x, kept) + b + c ξ,
 * and moments follow without a sample.
 */
export function momentsAfter(
  table: SolverTable,
  field: HostField,
  start: { mean: number; std: number } = { mean: 0, std: table.startScale },
): { mean: number; std: number } {
  let mean = [start.mean, 0];
  // Covariance of (x, kept).
  let cov = [start.std ** 2, 0, 0];
  for (let step = 0; step < table.steps; step++) {
    const row = table.rows.subarray(step * table.stride, (step + 1) * table.stride);
    // Four particles tell the affine map: the origin, one along x, one along what was kept, one of noise.
    const base = Float64Array.of(0, 1, 0, 0);
    const keep = Float64Array.of(0, 0, 1, 0);
    const { x, kept } = applyRow(table, row, field, base, keep, [0, 0, 0, 1]);
    const [b0, b1] = [x[0], kept[0]];
    const [a, b] = [x[1] - b0, x[2] - b0];
    const [c, d] = table.keeps ? [kept[1] - b1, kept[2] - b1] : [0, 0];
    const [n0, n1] = [x[3] - b0, table.keeps ? kept[3] - b1 : 0];
    mean = [a * mean[0] + b * mean[1] + b0, table.keeps ? c * mean[0] + d * mean[1] + b1 : 0];
    const [xx, xk, kk] = cov;
    cov = [
      a * a * xx + 2 * a * b * xk + b * b * kk + n0 * n0,
      a * c * xx + (a * d + b * c) * xk + b * d * kk + n0 * n1,
      c * c * xx + 2 * c * d * xk + d * d * kk + n1 * n1,
    ];
  }
  return { mean: mean[0], std: Math.sqrt(cov[0]) };
}
