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
    const dresidual = residual ? tape.tangentTensor(residual) : null;
    if (tape.tangentOf(x) === null && dresidual === null) return;
    const dx = tape.movingTangent(x);
    const moves = trained || dx.needsGradient || (dresidual?.needsGradient ?? false);
    const dy = tape.tangentTarget(y, moves).tangent;
    const p = { ...sizes, batch: x.rows * tape.directions };
    tape.trace.call(
      linearForward,
      {
        ...{ x: dx.data, weight: weight.value, bias: tape.zeros },
        ...{ residual: (dresidual ?? dx).data, y: dy.data },
      },
      { ...p, hasResidual: dresidual ? 1 : 0 },
    );
    // Tangents have no bias: what is summed for it is nobody's.
    tape.onBackward(() => sendBack(tape, dx, { weight, bias: null }, dresidual, dy));
  });
  tape.onBackward(() => sendBack(tape, x, { weight, bias }, residual ?? null, y));
  return y;
}

/** The gradients of y = x Wᵀ + b (+ residual). */
function sendBack(
  tape: Tape,
  x: Tensor,
  { weight, bias }: { weight: Parameter; bias: Parameter | null },
  residual: Tensor | null,
  y: Tensor,
): void {
  const dy = tape.gradientOf(y);
  if (dy === null) return;
  const sizes = { batch: x.rows, inputs: x.cols, outputs: y.cols };
  if (weight.gradient !== null) {
    const dweight = tape.parameterGradient(weight);
    const dbias = bias
      ? tape.parameterGradient(bias)
      : { array: tape.trace.temporary(y.cols, `no bias of ${weight.name}`), accumulate: 0 };
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
}
