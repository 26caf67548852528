/** What brings rows to one size, on the tape. */
import { columnDot, columnScale as columnScaleKernel } from '../../backend/contracts/columns.js';
import {
  RMS_EPSILON,
  rmsNormForward,
  rmsNormTangent,
  rmsNormTangentBackward,
} from '../../backend/contracts/rms_norm.js';
import type { Tape, Tensor } from '../tape.js';
import { checkShape } from './shapes.js';

/** Each row of x divided by its root mean square (Zhang & Sennrich, arXiv 1910.07467, eq. 4, without the gain). */
export function rmsNorm(tape: Tape, x: Tensor): Tensor {
  const p = { batch: x.rows, width: x.cols, epsilon: RMS_EPSILON };
  const y = tape.result(x.rows, x.cols, 'normalised', x.needsGradient);
  tape.trace.call(rmsNormForward, { x: x.data, y: y.data }, p);
  /** The Jacobian, which is symmetric, times directions. */
  const product = (dx: Tensor['data'], dy: Tensor['data'], directions: number, accumulate: number) =>
    tape.trace.call(rmsNormTangent, { x: x.data, dx, dy }, { ...p, directions, accumulate });
  tape.onForward(() => {
    const dx = tape.tangentTensor(x);
    if (dx === null) return;
    const { directions } = tape;
    const { tangent } = tape.tangentTarget(y, x.needsGradient || dx.needsGradient);
    product(dx.data, tangent.data, directions, 0);
    tape.onBackward(() => {
      const dda = tape.gradientOf(tangent);
      if (dda === null) return;
      if (x.needsGradient) {
        const { array, accumulate } = tape.gradientTarget(x);
        tape.trace.call(
          rmsNormTangentBackward,
          { x: x.data, dx: dx.data, dda, tox: array },
          { ...p, directions, accumulate },
        );
      }
      if (dx.needsGradient) {
        const { array, accumulate } = tape.gradientTarget(dx);
        product(dda, array, directions, accumulate);
      }
    });
  });
  tape.onBackward(() => {
    const dy = tape.gradientOf(y);
    if (dy === null || !x.needsGradient) return;
    const { array, accumulate } = tape.gradientTarget(x);
    product(dy, array, 1, accumulate);
  });
  return y;
}

/**
 * Each column of x times its own factor.
 * @param factor [1, cols]; it does not move where x has tangents
 */
export function columnScale(tape: Tape, x: Tensor, factor: Tensor): Tensor {
  checkShape('column_scale', factor, 1, x.cols);
  const { rows, cols } = x;
  const y = tape.result(rows, cols, 'scaled columns', x.needsGradient || factor.needsGradient);
  const product = (of: Tensor['data'], to: Tensor['data'], count: number, accumulate: number) =>
    tape.trace.call(
      columnScaleKernel,
      { x: of, factor: factor.data, y: to },
      { rows: count, cols, accumulate },
    );
  /** The gradients of what has been made of x, values or tangents. */
  const sendBack = (from: Tensor, made: Tensor) => {
    const dy = tape.gradientOf(made);
    if (dy === null) return;
    if (factor.needsGradient) {
      const { array, accumulate } = tape.gradientTarget(factor);
      tape.trace.call(columnDot, { x: from.data, y: dy, out: array }, { rows: from.rows, cols, accumulate });
    }
    if (from.needsGradient) {
      const { array, accumulate } = tape.gradientTarget(from);
      product(dy, array, from.rows, accumulate);
    }
  };
  product(x.data, y.data, rows, 0);
  tape.refuseTangents('the factor of column_scale', factor);
  tape.onForward(() => {
    const dx = tape.tangentTensor(x);
    if (dx === null) return;
    const { tangent } = tape.tangentTarget(y, dx.needsGradient || factor.needsGradient);
    product(dx.data, tangent.data, dx.rows, 0);
    tape.onBackward(() => sendBack(dx, tangent));
  });
  tape.onBackward(() => sendBack(x, y));
  return y;
}
