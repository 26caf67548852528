/** Elementwise arithmetic on the tape. */
import { combine as combineKernel, multiply as multiplyKernel } from '../../backend/contracts/combine.js';
import type { Tape, Tensor } from '../tape.js';
import { checkAlike } from './shapes.js';

/** a·x + c, elementwise. */
export function affine(tape: Tape, a: number, x: Tensor, c = 0): Tensor {
  return combine(tape, a, x, 0, x, c);
}

/** a·x + b·z + c, elementwise; a term whose factor is 0 is left out. */
export function combine(tape: Tape, a: number, x: Tensor, b: number, z: Tensor, c = 0): Tensor {
  checkAlike('combine', x, z);
  const n = x.rows * x.cols;
  const terms = [
    { factor: a, of: x },
    { factor: b, of: z },
  ].filter(({ factor, of }) => factor !== 0 && of.needsGradient);
  const y = tape.result(x.rows, x.cols, 'combination', terms.length > 0);
  tape.trace.call(combineKernel, { x: x.data, z: z.data, y: y.data }, { n, a, b, c, accumulate: 0 });
  tape.refuseTangents('combine', x, z);
  tape.onBackward(() => {
    const dy = tape.gradientOf(y);
    if (dy === null) return;
    for (const { factor, of } of terms) {
      const { array, accumulate } = tape.gradientTarget(of);
      tape.trace.call(combineKernel, { x: dy, z: dy, y: array }, { n, a: factor, b: 0, c: 0, accumulate });
    }
  });
  return y;
}

/** x·z, elementwise. */
export function multiply(tape: Tape, x: Tensor, z: Tensor): Tensor {
  checkAlike('multiply', x, z);
  const n = x.rows * x.cols;
  const y = tape.result(x.rows, x.cols, 'product', x.needsGradient || z.needsGradient);
  tape.trace.call(multiplyKernel, { x: x.data, z: z.data, y: y.data }, { n, accumulate: 0 });
  tape.refuseTangents('multiply', x, z);
  tape.onBackward(() => {
    const dy = tape.gradientOf(y);
    if (dy === null) return;
    for (const [of, other] of [
      [x, z],
      [z, x],
    ]) {
      if (!of.needsGradient) continue;
      const { array, accumulate } = tape.gradientTarget(of);
      tape.trace.call(multiplyKernel, { x: dy, z: other.data, y: array }, { n, accumulate });
    }
  });
  return y;
}
