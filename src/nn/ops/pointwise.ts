/** Functions of one number on the tape. */
import {
  POINTWISE_ID,
  type PointwiseName,
  pointwiseBackward,
  pointwise as pointwiseKernel,
} from '../../backend/contracts/pointwise.js';
import type { Tape, Tensor } from '../tape.js';

function pointwise(tape: Tape, name: PointwiseName, x: Tensor, [low, high] = [0, 0]): Tensor {
  const p = { n: x.rows * x.cols, operation: POINTWISE_ID[name], low, high };
  const y = tape.result(x.rows, x.cols, name, x.needsGradient);
  tape.trace.call(pointwiseKernel, { x: x.data, y: y.data }, p);
  tape.refuseTangents(name, x);
  tape.onBackward(() => {
    const dy = tape.gradientOf(y);
    if (dy === null || !x.needsGradient) return;
    const { array, accumulate } = tape.gradientTarget(x);
    tape.trace.call(pointwiseBackward, { x: x.data, dy, dx: array }, { ...p, accumulate });
  });
  return y;
}

/** e^x. */
export const exp = (tape: Tape, x: Tensor): Tensor => pointwise(tape, 'exp', x);
/** ln x. */
export const log = (tape: Tape, x: Tensor): Tensor => pointwise(tape, 'log', x);
/** ln(1 + e^x). */
export const softplus = (tape: Tape, x: Tensor): Tensor => pointwise(tape, 'softplus', x);
export const tanh = (tape: Tape, x: Tensor): Tensor => pointwise(tape, 'tanh', x);
/** 1/(1 + e^−x). */
export const sigmoid = (tape: Tape, x: Tensor): Tensor => pointwise(tape, 'sigmoid', x);
/** x². */
export const square = (tape: Tape, x: Tensor): Tensor => pointwise(tape, 'square', x);

/** x moved into [low, high]; gradients stop where it was outside. */
export function clamp(tape: Tape, x: Tensor, low: number, high: number): Tensor {
  if (!(low < high)) throw new RangeError(`clamp: low ${low} should be below high ${high}`);
  return pointwise(tape, 'clamp', x, [low, high]);
}
