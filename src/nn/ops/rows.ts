/** Rows and columns on the tape: what cuts out, puts together, repeats, scales and sums them. */
import { rowDot as rowDotKernel } from '../../backend/contracts/divergence.js';
import {
  groupReduceBackward,
  groupReduce as groupReduceKernel,
  REDUCTION_ID,
  type ReductionName,
} from '../../backend/contracts/reduce.js';
import {
  putColumns,
  repeatRows as repeatRowsKernel,
  rowScale as rowScaleKernel,
  takeColumns as takeColumnsKernel,
} from '../../backend/contracts/rows.js';
import type { Tape, Tensor } from '../tape.js';
import { combine } from './arithmetic.js';
import { checkAlike, checkShape } from './shapes.js';

/** Each row of x, [rows, cols], times its own factor, [rows, 1]. */
export function rowScale(tape: Tape, x: Tensor, factor: Tensor): Tensor {
  checkShape('row_scale', factor, x.rows, 1);
  const { rows, cols } = x;
  const y = tape.result(rows, cols, 'scaled rows', x.needsGradient || factor.needsGradient);
  tape.trace.call(
    rowScaleKernel,
    { x: x.data, factor: factor.data, y: y.data },
    { rows, cols, accumulate: 0 },
  );
  tape.refuseTangents('row_scale', x, factor);
  tape.onBackward(() => {
    const dy = tape.gradientOf(y);
    if (dy === null) return;
    if (x.needsGradient) {
      const { array, accumulate } = tape.gradientTarget(x);
      tape.trace.call(rowScaleKernel, { x: dy, factor: factor.data, y: array }, { rows, cols, accumulate });
    }
    if (factor.needsGradient) {
      const dfactor = tape.trace.temporary(rows, 'gradient of a factor');
      tape.trace.call(rowDotKernel, { x: x.data, y: dy, out: dfactor }, { batch: rows, dim: cols });
      tape.adoptGradient(factor, dfactor);
    }
  });
  return y;
}

/** The inner product of each row of x with the same row of z: [rows, 1]. */
export function rowDot(tape: Tape, x: Tensor, z: Tensor): Tensor {
  checkAlike('row_dot', x, z);
  const { rows, cols } = x;
  const y = tape.result(rows, 1, 'inner products', x.needsGradient || z.needsGradient);
  tape.trace.call(rowDotKernel, { x: x.data, y: z.data, out: y.data }, { batch: rows, dim: cols });
  tape.refuseTangents('row_dot', x, z);
  tape.onBackward(() => {
    const dy = tape.gradientOf(y);
    if (dy === null) return;
    for (const [of, other] of [
      [x, z],
      [z, x],
    ]) {
      if (!of.needsGradient) continue;
      const { array, accumulate } = tape.gradientTarget(of);
      tape.trace.call(rowScaleKernel, { x: other.data, factor: dy, y: array }, { rows, cols, accumulate });
    }
  });
  return y;
}

/** Columns first … first + cols − 1 of x. */
export function takeColumns(tape: Tape, x: Tensor, first: number, cols: number): Tensor {
  if (first < 0 || cols < 1 || first + cols > x.cols)
    throw new RangeError(`take_columns: columns ${first} … ${first + cols - 1} of ${x.cols}`);
  const p = { rows: x.rows, cols, stride: x.cols, column: first };
  const y = tape.result(x.rows, cols, 'columns', x.needsGradient);
  tape.trace.call(takeColumnsKernel, { x: x.data, y: y.data }, { ...p, accumulate: 0 });
  tape.refuseTangents('take_columns', x);
  tape.onBackward(() => {
    const dy = tape.gradientOf(y);
    if (dy === null || !x.needsGradient) return;
    const { array, accumulate } = tape.gradientTarget(x);
    tape.trace.call(putColumns, { x: dy, y: array }, { ...p, clear: 1 - accumulate, accumulate });
  });
  return y;
}

/** Tensors of as many rows beside one another. */
export function joinColumns(tape: Tape, parts: readonly Tensor[]): Tensor {
  const { rows } = parts[0];
  const stride = parts.reduce((sum, { cols }) => sum + cols, 0);
  const needsGradient = parts.some((part) => part.needsGradient);
  const y = tape.result(rows, stride, 'joined columns', needsGradient);
  let column = 0;
  const places = parts.map((part) => {
    checkShape('join_columns', part, rows, part.cols);
    const place = { rows, cols: part.cols, stride, column };
    column += part.cols;
    tape.trace.call(putColumns, { x: part.data, y: y.data }, { ...place, clear: 0, accumulate: 0 });
    return place;
  });
  tape.refuseTangents('join_columns', ...parts);
  tape.onBackward(() => {
    const dy = tape.gradientOf(y);
    if (dy === null) return;
    for (const [i, part] of parts.entries()) {
      if (!part.needsGradient) continue;
      const { array, accumulate } = tape.gradientTarget(part);
      tape.trace.call(takeColumnsKernel, { x: dy, y: array }, { ...places[i], accumulate });
    }
  });
  return y;
}

/** Each row `times` times, one copy after the other: [rows·times, cols]. */
export function repeatRows(tape: Tape, x: Tensor, times: number): Tensor {
  const { rows, cols } = x;
  const y = tape.result(rows * times, cols, 'repeated rows', x.needsGradient);
  tape.trace.call(repeatRowsKernel, { x: x.data, y: y.data }, { rows, cols, times, accumulate: 0 });
  tape.refuseTangents('repeat_rows', x);
  tape.onBackward(() => {
    const dy = tape.gradientOf(y);
    if (dy === null || !x.needsGradient) return;
    const { array, accumulate } = tape.gradientTarget(x);
    const p = { outer: rows, size: times, inner: cols, reduction: REDUCTION_ID.sum, accumulate };
    tape.trace.call(groupReduceKernel, { x: dy, y: array }, p);
  });
  return y;
}

/** The same numbers, row by row, as another number of rows: nothing is copied. */
export function reshape(tape: Tape, x: Tensor, rows: number, cols: number): Tensor {
  if (rows * cols !== x.rows * x.cols)
    throw new RangeError(`reshape: [${x.rows}, ${x.cols}] into [${rows}, ${cols}]`);
  const y: Tensor = { data: x.data, rows, cols, needsGradient: x.needsGradient };
  tape.refuseTangents('reshape', x);
  tape.onBackward(() => tape.passGradient(y, x));
  return y;
}

function reduce(
  tape: Tape,
  name: ReductionName,
  x: Tensor,
  [outer, size, inner]: readonly [number, number, number],
): Tensor {
  const p = { outer, size, inner, reduction: REDUCTION_ID[name] };
  const y = tape.result(outer, inner, name, x.needsGradient);
  tape.trace.call(groupReduceKernel, { x: x.data, y: y.data }, { ...p, accumulate: 0 });
  tape.refuseTangents(`group_reduce (${name})`, x);
  tape.onBackward(() => {
    const dy = tape.gradientOf(y);
    if (dy === null || !x.needsGradient) return;
    const { array, accumulate } = tape.gradientTarget(x);
    tape.trace.call(groupReduceBackward, { x: x.data, dy, dx: array }, { ...p, accumulate });
  });
  return y;
}

/** Groups of `size` consecutive rows, each summed or as ln Σ e^x: [rows/size, cols]. */
export function reduceRows(tape: Tape, name: ReductionName, x: Tensor, size: number): Tensor {
  if (x.rows % size !== 0) throw new RangeError(`reduce: ${x.rows} rows in groups of ${size}`);
  return reduce(tape, name, x, [x.rows / size, size, x.cols]);
}

/** Groups of `size` consecutive columns, all of them if not given, each summed or as ln Σ e^x: [rows, cols/size]. */
export function reduceColumns(tape: Tape, name: ReductionName, x: Tensor, size = x.cols): Tensor {
  if (x.cols % size !== 0) throw new RangeError(`reduce: ${x.cols} columns in groups of ${size}`);
  const groups = x.cols / size;
  const y = reduce(tape, name, x, [x.rows * groups, size, 1]);
  return groups === 1 ? y : reshape(tape, y, x.rows, groups);
}

/** The sum of each row: [rows, 1]. */
export const rowSum = (tape: Tape, x: Tensor): Tensor => reduceColumns(tape, 'sum', x);

/** x − ln Σ e^x, a row at a time: the logarithms of weights that sum to 1. */
export function logSoftmax(tape: Tape, x: Tensor): Tensor {
  const total = repeatRows(tape, reduceColumns(tape, 'logsumexp', x), x.cols);
  return combine(tape, 1, x, -1, reshape(tape, total, x.rows, x.cols));
}
