/** The linear layer on the tape. */
import { linearBackwardInput, linearBackwardWeight, linearForward } from '../../backend/contracts/linear.js';
import type { DeviceArray } from '../../backend/kernel.js';
import type { Parameter } from '../parameters.js';
import type { Tape, Tensor } from '../tape.js';

export interface LinearLayer {
  /** [outputs, inputs] */
  readonly weight: Parameter;
  /** [outputs] */
  readonly bias: Parameter;
}

/**
 * y = x Wᵀ + b (+ residual): [rows, inputs] → [rows, outputs].
 * @param into where to put y; temporary memory if not given
 */
export function linear(
  tape: Tape,
  x: Tensor,
  { weight, bias }: LinearLayer,
  { residual, into }: { residual?: Tensor; into?: DeviceArray | undefined } = {},
): Tensor {
  const [outputs, inputs] = weight.shape;
  const sizes = { batch: x.rows, inputs, outputs };
  const trained = weight.gradient !== null;
  const needsGradient = trained || x.needsGradient || (residual?.needsGradient ?? false);
  const data = into ?? tape.trace.temporary(x.rows * outputs, weight.name);
  const y: Tensor = { data, rows: x.rows, cols: outputs, needsGradient };
  tape.trace.call(
    linearForward,
    { x: x.data, weight: weight.value, bias: bias.value, residual: (residual ?? x).data, y: y.data },
    { ...sizes, hasResidual: residual ? 1 : 0 },
  );
  tape.onForward(() => {
    const dx = tape.tangentOf(x);
    const dresidual = residual ? tape.tangentOf(residual) : null;
    if (dx === null && dresidual === null) return;
    const moving = dx ?? tape.movingTangent(x);
    const dy = tape.tangentTarget(y);
    tape.trace.call(
      linearForward,
      { x: moving, weight: weight.value, bias: tape.zeros, residual: dresidual ?? moving, y: dy.array },
      { ...sizes, batch: x.rows * tape.directions, hasResidual: dresidual ? 1 : 0 },
    );
  });
  tape.onBackward(() => {
    const dy = tape.gradientOf(y);
    if (dy === null) return;
    if (trained) {
      const dweight = tape.parameterGradient(weight);
      const dbias = tape.parameterGradient(bias);
      tape.trace.call(
        linearBackwardWeight,
        { x: x.data, dy, dweight: dweight.array, dbias: dbias.array },
        { ...sizes, accumulate: dweight.accumulate, accumulateBias: dbias.accumulate },
      );
    }
    if (x.needsGradient) {
      const dx = tape.gradientTarget(x);
      tape.trace.call(
        linearBackwardInput,
        { dy, weight: weight.value, dx: dx.array },
        { ...sizes, accumulate: dx.accumulate },
      );
    }
    // Last, because dy is given away: what flows further back is added to it.
    if (residual) tape.passGradient(y, residual);
  });
  return y;
}
