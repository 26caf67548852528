/**
 * The operations of the tape: each records its forward kernel, its backward kernels for the way back, and what
 * carries tangents through it.
 */
import {
  embedding,
  embeddingBackward,
  fourierFeatures,
  fourierFeaturesBackward,
} from '../backend/contracts/features.js';
import { linearBackwardInput, linearBackwardWeight, linearForward } from '../backend/contracts/linear.js';
import { regressionLoss } from '../backend/contracts/loss.js';
import { seluBackward, seluForward } from '../backend/contracts/selu.js';
import { swigluBackward, swigluForward } from '../backend/contracts/swiglu.js';
import { fourierFeaturesTangent, seluTangent, swigluTangent } from '../backend/contracts/tangent.js';
import type { DeviceArray } from '../backend/kernel.js';
import type { Parameter } from './parameters.js';
import type { Tape, Tensor } from './tape.js';

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
    if (dx === null) throw new Error(`${weight.name}: only the residual has tangents`);
    const dy = tape.tangentTarget(y);
    tape.trace.call(
      linearForward,
      { x: dx, weight: weight.value, bias: tape.zeros, residual: dresidual ?? dx, y: dy.array },
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
        { ...sizes, accumulate: dweight.accumulate },
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
    if (residual?.needsGradient) tape.adoptGradient(residual, dy);
  });
  return y;
}

/** silu(gate) ⊙ up, elementwise. */
export function swiglu(tape: Tape, gate: Tensor, up: Tensor): Tensor {
  const n = gate.rows * gate.cols;
  const needsGradient = gate.needsGradient || up.needsGradient;
  const a = tape.result(gate.rows, gate.cols, 'swiglu', needsGradient);
  tape.trace.call(swigluForward, { gate: gate.data, up: up.data, a: a.data }, { n });
  tape.onForward(() => {
    const dgate = tape.tangentOf(gate);
    const dup = tape.tangentOf(up);
    if (dgate === null && dup === null) return;
    if (dgate === null || dup === null) throw new Error('swiglu needs tangents of both its inputs');
    tape.trace.call(
      swigluTangent,
      { gate: gate.data, up: up.data, dgate, dup, da: tape.tangentTarget(a).array },
      { batch: gate.rows, directions: tape.directions, width: gate.cols },
    );
  });
  tape.onBackward(() => {
    const da = tape.gradientOf(a);
    if (da === null) return;
    const dgate = tape.gradientTarget(gate);
    const dup = tape.gradientTarget(up);
    if (dgate.accumulate || dup.accumulate) throw new Error('swiglu needs inputs of its own');
    tape.trace.call(
      swigluBackward,
      { gate: gate.data, up: up.data, da, dgate: dgate.array, dup: dup.array },
      { n },
    );
  });
  return a;
}

/** Scaled exponential linear unit, elementwise. */
export function selu(tape: Tape, x: Tensor): Tensor {
  const n = x.rows * x.cols;
  const y = tape.result(x.rows, x.cols, 'selu', x.needsGradient);
  tape.trace.call(seluForward, { x: x.data, y: y.data }, { n });
  tape.onForward(() => {
    const dx = tape.tangentOf(x);
    if (dx === null) return;
    tape.trace.call(
      seluTangent,
      { x: x.data, dx, dy: tape.tangentTarget(y).array },
      { batch: x.rows, directions: tape.directions, width: x.cols },
    );
  });
  tape.onBackward(() => {
    const dy = tape.gradientOf(y);
    if (dy === null) return;
    const dx = tape.gradientTarget(x);
    if (dx.accumulate) throw new Error('selu needs an input of its own');
    tape.trace.call(seluBackward, { x: x.data, dy, dx: dx.array }, { n });
  });
  return y;
}

/** Writes x and its Fourier features into columns of `into`; returns the first column behind them. */
export function writeFourierFeatures(
  tape: Tape,
  x: Tensor,
  frequency: { readonly array: DeviceArray | null; readonly count: number },
  into: Tensor,
  column: number,
): number {
  const p = { batch: x.rows, dim: x.cols, frequencies: frequency.count, stride: into.cols, column };
  const frequencies = frequency.array ?? x.data;
  tape.trace.call(fourierFeatures, { x: x.data, frequency: frequencies, y: into.data }, p);
  tape.onForward(() => {
    const dx = tape.tangentOf(x);
    if (dx === null) return;
    const { array: dy, clear } = tape.tangentTarget(into);
    tape.trace.call(
      fourierFeaturesTangent,
      { x: x.data, frequency: frequencies, dx, dy },
      { ...p, directions: tape.directions, clear },
    );
  });
  if (x.needsGradient) {
    tape.onBackward(() => {
      const dy = tape.gradientOf(into);
      if (dy === null) return;
      const dx = tape.gradientTarget(x);
      tape.trace.call(
        fourierFeaturesBackward,
        { x: x.data, frequency: frequencies, dy, dx: dx.array },
        { ...p, accumulate: dx.accumulate },
      );
    });
  }
  return column + x.cols + 2 * frequency.count;
}

/** Writes the embedded labels into columns of `into`; returns the first column behind them. */
export function writeEmbedding(
  tape: Tape,
  label: DeviceArray,
  table: Parameter,
  into: Tensor,
  column: number,
): number {
  const [rows, width] = table.shape;
  const p = { batch: into.rows, rows, width, stride: into.cols, column };
  tape.trace.call(embedding, { label, table: table.value, y: into.data }, p);
  if (table.gradient !== null) {
    tape.onBackward(() => {
      const dy = tape.gradientOf(into);
      if (dy === null) return;
      const dtable = tape.parameterGradient(table);
      tape.trace.call(
        embeddingBackward,
        { label, dy, dtable: dtable.array },
        { ...p, accumulate: dtable.accumulate },
      );
    });
  }
  return column + width;
}

/**
 * scale·Σ_b w_b‖prediction_b − target_b‖²: returns the rows' losses, [rows], and starts the backward pass from
 * `prediction`.
 */
export function squaredError(
  tape: Tape,
  prediction: Tensor,
  target: DeviceArray,
  scale: number,
  weight?: DeviceArray,
): DeviceArray {
  const rowLoss = tape.trace.temporary(prediction.rows, 'row losses');
  const gradient = tape.gradientTarget(prediction);
  if (gradient.accumulate) throw new Error('a prediction has one loss');
  tape.trace.call(
    regressionLoss,
    { prediction: prediction.data, target, weight: weight ?? target, rowLoss, gradient: gradient.array },
    { batch: prediction.rows, dim: prediction.cols, scale, weighted: weight ? 1 : 0 },
  );
  return rowLoss;
}
