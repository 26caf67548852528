import type { Tensor } from '../tape.js';

const text = ({ data, rows, cols }: Tensor) => `${data.label} [${rows}, ${cols}]`;

/** @throws RangeError unless all have the first one's rows and columns */
export function checkAlike(operation: string, first: Tensor, ...others: readonly Tensor[]): void {
  for (const other of others) checkShape(operation, other, first.rows, first.cols);
}

/** @throws RangeError unless a tensor has these rows and columns */
export function checkShape(operation: string, tensor: Tensor, rows: number, cols: number): void {
  if (tensor.rows === rows && tensor.cols === cols) return;
  throw new RangeError(`${operation}: ${text(tensor)} should be [${rows}, ${cols}]`);
}
