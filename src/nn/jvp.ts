import type { Backend } from '../backend/backend.js';
import { divergenceTrace } from '../backend/contracts/divergence.js';
import type { DeviceArray } from '../backend/kernel.js';
import type { Trace } from '../backend/trace.js';
import { badInput } from '../errors.js';
import { Tape, type Tensor } from './tape.js';

/** Above this many coordinates one random probe costs less than all directions. */
export const EXACT_MAX_DIM = 8;

/** Records a field at points: [rows, dim] → [rows, outputs]. */
export type RecordField = (tape: Tape, x: Tensor) => Tensor;

/**
 * Jacobians of fields by forward mode: what its kernels need besides the values. Made once for a number of rows
 * and used for as many traces as wanted.
 */
export class ForwardMode {
  private readonly zeros: DeviceArray;
  private readonly basis: DeviceArray;

  /**
   * @param rows points a trace
   * @param dim their coordinates, at most 8
   * @param widest outputs of the field's widest layer
   * @throws TributaryError('bad-input') for more coordinates: a probe is the way there
   */
  constructor(
    private readonly engine: Backend,
    private readonly rows: number,
    readonly dim: number,
    widest: number,
  ) {
    if (dim > EXACT_MAX_DIM) {
      badInput(
        `an exact divergence takes ${dim} directions for ${dim} coordinates, more than ${EXACT_MAX_DIM}: estimate it by hutchinson`,
      );
    }
    this.zeros = engine.allocate(widest, 'zero bias');
    this.basis = engine.allocate(rows * dim * dim, 'directions');
    // Row b, direction k, coordinate j: the unit matrix for every row.
    engine.write(
      this.basis,
      Float32Array.from({ length: rows * dim * dim }, (_, at) =>
        (at % (dim * dim)) % (dim + 1) === 0 ? 1 : 0,
      ),
    );
  }

  /**
   * Records a field and its Jacobian at points.
   * @param point [rows, dim]
   * @param rows as many as it was made for, or fewer
   * @returns the field, [rows, outputs], and its derivatives along the axes, [rows, dim directions, outputs]
   */
  jacobian(
    trace: Trace,
    point: DeviceArray,
    field: RecordField,
    rows = this.rows,
  ): { value: DeviceArray; tangent: DeviceArray } {
    const tape = new Tape(trace, this.zeros);
    const x = tape.constant(point, rows, this.dim);
    tape.setTangent(x, this.basis, this.dim);
    const output = field(tape, x);
    tape.forward();
    const tangent = tape.tangentOf(output);
    if (tangent === null) throw new Error('the field does not depend on its points');
    return { value: output.data, tangent };
  }

  /** Records a field of as many outputs as coordinates and its exact divergence, [rows]. */
  divergence(
    trace: Trace,
    point: DeviceArray,
    field: RecordField,
    rows = this.rows,
  ): { value: DeviceArray; divergence: DeviceArray } {
    const { value, tangent } = this.jacobian(trace, point, field, rows);
    const divergence = trace.temporary(rows, 'divergence');
    trace.call(divergenceTrace, { tangent, divergence }, { batch: rows, dim: this.dim });
    return { value, divergence };
  }

  destroy(): void {
    for (const array of [this.zeros, this.basis]) this.engine.free(array);
  }
}
