/** What a network sees of its inputs, on the tape: operations that write into columns of a wider tensor. */
import {
  embedding,
  embeddingBackward,
  fourierFeatures,
  fourierFeaturesBackward,
} from '../../backend/contracts/features.js';
import { fourierFeaturesTangent } from '../../backend/contracts/tangent.js';
import { fourierFeaturesTangentBackward } from '../../backend/contracts/tangent_backward.js';
import type { DeviceArray } from '../../backend/kernel.js';
import type { Parameter } from '../parameters.js';
import type { Tape, Tensor } from '../tape.js';

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
    const moving = tape.movingTangent(x);
    const needsGradient = x.needsGradient || moving.needsGradient;
    const { tangent, clear } = tape.tangentTarget(into, into.needsGradient || moving.needsGradient);
    const { directions } = tape;
    tape.trace.call(
      fourierFeaturesTangent,
      { x: x.data, frequency: frequencies, dx, dy: tangent.data },
      { ...p, directions, clear },
    );
    tape.onBackward(() => {
      const ddy = tape.gradientOf(tangent);
      if (ddy === null || !needsGradient) return;
      tape.gradientTargets([x, moving], ([tox, todx]) =>
        tape.trace.call(
          fourierFeaturesTangentBackward,
          { x: x.data, frequency: frequencies, dx, ddy, tox: tox.array, todx: todx.array },
          { ...p, directions, accumulate: tox.accumulate, accumulateTangent: todx.accumulate },
        ),
      );
    });
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
