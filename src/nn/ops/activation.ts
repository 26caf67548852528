/** What stands between the layers of a network, on the tape. */
import { seluBackward, seluForward } from '../../backend/contracts/selu.js';
import { swigluBackward, swigluForward } from '../../backend/contracts/swiglu.js';
import { seluTangent, swigluTangent } from '../../backend/contracts/tangent.js';
import {
  swigluTangentBackwardTangents,
  swigluTangentBackwardValues,
} from '../../backend/contracts/tangent_backward.js';
import type { Tape, Tensor } from '../tape.js';

/** silu(gate) ⊙ up, elementwise. */
export function swiglu(tape: Tape, gate: Tensor, up: Tensor): Tensor {
  const n = gate.rows * gate.cols;
  const needsGradient = gate.needsGradient || up.needsGradient;
  const a = tape.result(gate.rows, gate.cols, 'swiglu', needsGradient);
  tape.trace.call(swigluForward, { gate: gate.data, up: up.data, a: a.data }, { n });
  tape.onForward(() => {
    if (tape.tangentOf(gate) === null && tape.tangentOf(up) === null) return;
    const [dgate, dup] = [tape.movingTangent(gate), tape.movingTangent(up)];
    const p = { batch: gate.rows, directions: tape.directions, width: gate.cols };
    const values = { gate: gate.data, up: up.data };
    const inputs = [gate, up, dgate, dup];
    const { tangent } = tape.tangentTarget(
      a,
      inputs.some((input) => input.needsGradient),
    );
    tape.trace.call(swigluTangent, { ...values, dgate: dgate.data, dup: dup.data, da: tangent.data }, p);
    tape.onBackward(() => {
      const dda = tape.gradientOf(tangent);
      if (dda === null) return;
      if (needsGradient)
        tape.gradientTargets([gate, up], ([togate, toup]) =>
          tape.trace.call(
            swigluTangentBackwardValues,
            {
              ...{ ...values, dgate: dgate.data, dup: dup.data, dda },
              ...{ togate: togate.array, toup: toup.array },
            },
            { ...p, accumulateGate: togate.accumulate, accumulateUp: toup.accumulate },
          ),
        );
      if (dgate.needsGradient || dup.needsGradient)
        tape.gradientTargets([dgate, dup], ([toGate, toUp]) =>
          tape.trace.call(
            swigluTangentBackwardTangents,
            { ...values, dda, ddgate: toGate.array, ddup: toUp.array },
            { ...p, accumulateGate: toGate.accumulate, accumulateUp: toUp.accumulate },
          ),
        );
    });
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
    const moving = x.needsGradient || (tape.tangentTensor(x)?.needsGradient ?? false);
    const { tangent } = tape.tangentTarget(y, moving);
    tape.trace.call(
      seluTangent,
      { x: x.data, dx, dy: tangent.data },
      { batch: x.rows, directions: tape.directions, width: x.cols },
    );
    tape.onBackward(() => {
      if (tape.gradientOf(tangent) !== null) throw new Error('selu: its tangents have no gradients yet');
    });
  });
  tape.onBackward(() => {
    const dy = tape.gradientOf(y);
    if (dy === null) return;
    const dx = tape.gradientTarget(x);
    tape.trace.call(seluBackward, { x: x.data, dy, dx: dx.array }, { n, accumulate: dx.accumulate });
  });
  return y;
}
