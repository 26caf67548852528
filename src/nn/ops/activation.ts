/** What stands between the layers of a network, on the tape. */
import { seluBackward, seluForward } from '../../backend/contracts/selu.js';
import { swigluBackward, swigluForward } from '../../backend/contracts/swiglu.js';
import { seluTangent, swigluTangent } from '../../backend/contracts/tangent.js';
import type { Tape, Tensor } from '../tape.js';

/** silu(gate) ⊙ up, elementwise. */
export function swiglu(tape: Tape, gate: Tensor, up: Tensor): Tensor {
  const n = gate.rows * gate.cols;
  const needsGradient = gate.needsGradient || up.needsGradient;
  const a = tape.result(gate.rows, gate.cols, 'swiglu', needsGradient);
  tape.trace.call(swigluForward, { gate: gate.data, up: up.data, a: a.data }, { n });
  tape.onForward(() => {
    if (tape.tangentOf(gate) === null && tape.tangentOf(up) === null) return;
    tape.trace.call(
      swigluTangent,
      {
        ...{ gate: gate.data, up: up.data, da: tape.tangentTarget(a).array },
        ...{ dgate: tape.movingTangent(gate), dup: tape.movingTangent(up) },
      },
      { batch: gate.rows, directions: tape.directions, width: gate.cols },
    );
  });
  tape.onBackward(() => {
    const da = tape.gradientOf(a);
    if (da === null) return;
    tape.gradientTargets([gate, up], ([dgate, dup]) =>
      tape.trace.call(
        swigluBackward,
        { gate: gate.data, up: up.data, da, dgate: dgate.array, dup: dup.array },
        { n, accumulateGate: dgate.accumulate, accumulateUp: dup.accumulate },
      ),
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
    tape.trace.call(seluBackward, { x: x.data, dy, dx: dx.array }, { n, accumulate: dx.accumulate });
  });
  return y;
}
