import { fill } from '../../backend/contracts/combine.js';
import { clamp } from '../../nn/ops/pointwise.js';
import { repeatRows, reshape, takeColumns } from '../../nn/ops/rows.js';
import type { Tape, Tensor } from '../../nn/tape.js';

/**
 * Log variances of latents beyond these leave a point no width, or draw latents so large that networks, which are
 * quadratic in each block, overflow on them: what networks say is moved inside.
 */
const LOG_VARIANCE = [-16, 4] as const;

/** A Gaussian with a diagonal covariance, a row each: [rows, cols] both. */
export interface Gaussian {
  readonly mean: Tensor;
  readonly logvar: Tensor;
}

/** A network's outputs as a Gaussian's mean and log variance, half of the columns each. */
export function diagonalGaussian(tape: Tape, outputs: Tensor): Gaussian {
  const cols = outputs.cols / 2;
  return {
    mean: takeColumns(tape, outputs, 0, cols),
    logvar: clamp(tape, takeColumns(tape, outputs, cols, cols), ...LOG_VARIANCE),
  };
}

/** One number in all columns of all rows. */
export function filled(tape: Tape, rows: number, cols: number, value: number): Tensor {
  const tensor = tape.result(rows, cols, 'constant', false);
  tape.trace.call(fill, { y: tensor.data }, { n: rows * cols, value, accumulate: 0 });
  return tensor;
}

/** The standard normal of so many coordinates, a row each. */
export function standardNormal(tape: Tape, rows: number, cols: number): Gaussian {
  const zeros = filled(tape, rows, cols, 0);
  return { mean: zeros, logvar: zeros };
}

/** A parameter [1, 1] in all columns of all rows. */
export const spread = (tape: Tape, parameter: Tensor, rows: number, cols: number): Tensor =>
  reshape(tape, repeatRows(tape, parameter, rows * cols), rows, cols);

/** The same numbers, which no gradient passes. */
export const detached = (tape: Tape, { data, rows, cols }: Tensor): Tensor => tape.constant(data, rows, cols);

export const detachedGaussian = (tape: Tape, { mean, logvar }: Gaussian): Gaussian => ({
  mean: detached(tape, mean),
  logvar: detached(tape, logvar),
});
