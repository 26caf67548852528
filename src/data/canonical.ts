/** Rows of numbers, [n, dim], of which row i belongs to row i of others. */
export interface Rows {
  readonly values: ArrayLike<number>;
  readonly dim: number;
}

/** Below 0 where a comes first; −0 before 0, which differ in their bits. */
const compare = (a: number, b: number): number =>
  a < b ? -1 : a > b ? 1 : a === 0 ? (Object.is(a, -0) ? 0 : 1) - (Object.is(b, -0) ? 0 : 1) : 0;

/**
 * The order of rows that only their values fix: by the first number, then by the second, and so on through all parts.
 * Whatever is computed along it is the same to the bit for the same rows in any order, for rows that tie are the same.
 * @param parts such as points and their labels, all of n rows
 * @returns [n] the row that comes first, the row that comes second …
 */
export function canonicalOrder(parts: readonly Rows[]): Uint32Array {
  const n = parts[0].values.length / parts[0].dim;
  const order = Uint32Array.from({ length: n }, (_, row) => row);
  return order.sort((a, b) => {
    for (const { values, dim } of parts) {
      for (let j = 0; j < dim; j++) {
        const difference = compare(values[a * dim + j], values[b * dim + j]);
        if (difference !== 0) return difference;
      }
    }
    return 0;
  });
}

/** Rows in a given order. @param values [n, dim] @returns [order.length, dim] */
export function orderedRows<T extends Float64Array | Uint32Array>(
  values: T,
  dim: number,
  order: Uint32Array,
): T {
  const out = new (values.constructor as new (length: number) => T)(order.length * dim);
  order.forEach((row, at) => {
    for (let j = 0; j < dim; j++) out[at * dim + j] = values[row * dim + j];
  });
  return out;
}
