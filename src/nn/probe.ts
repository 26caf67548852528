import { rowDot } from '../backend/contracts/divergence.js';
import type { DeviceArray } from '../backend/kernel.js';
import { contractOf } from '../backend/kernels.js';
import type { Trace } from '../backend/trace.js';
import type { RecordField } from './jvp.js';
import { Tape } from './tape.js';

/**
 * Records a field and Hutchinson's estimate of its divergence, εᵀJε, by one reverse pass that starts from ε.
 * Its mean over probes with independent entries of mean 0 and variance 1 is the divergence: Hutchinson 1990;
 * Grathwohl et al., arXiv 1810.01367, eq. 7.
 * @param point [rows, dim]
 * @param probe [rows, dim] ε, fixed along a trajectory: a new one at every stage would not be the derivative of
 *   anything
 * @returns the field, [rows, dim], and the estimate, [rows]
 */
export function probedDivergence(
  trace: Trace,
  point: DeviceArray,
  rows: number,
  dim: number,
  probe: DeviceArray,
  field: RecordField,
): { value: DeviceArray; divergence: DeviceArray } {
  const tape = new Tape(trace);
  const x = tape.input(point, rows, dim);
  const first = trace.calls.length;
  const output = field(tape, x);
  tape.adoptGradient(output, probe);
  tape.backward();
  const pulled = tape.gradientOf(x);
  if (pulled === null) throw new Error('the field does not depend on its points');
  // The probe stands in for a gradient, and gradients may be added to in place.
  for (const { kernel, arrays } of trace.calls.slice(first)) {
    const { bindings } = contractOf(kernel);
    for (const [name, array] of Object.entries(arrays))
      if (array.storage === probe.storage && bindings[name].access !== 'read')
        throw new Error(`${kernel} of the field's backward pass would overwrite the probe`);
  }
  const divergence = trace.temporary(rows, 'divergence');
  trace.call(rowDot, { x: probe, y: pulled, out: divergence }, { batch: rows, dim });
  return { value: output.data, divergence };
}
