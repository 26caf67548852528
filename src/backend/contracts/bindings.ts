/** Bindings that many kernels have alike. */
import type { Access } from '../kernel.js';

type Sizes<P extends string> = { readonly [K in P]: number };

const floats =
  <P extends string>(shape: string, length: (p: Sizes<P>) => number) =>
  <A extends Access>(access: A, accumulate?: string) =>
    ({ dtype: 'float', access, shape, length, ...(accumulate !== undefined && { accumulate }) }) as const;

/** Elements without rows. */
export const vector = floats<'n'>('[n]', (p) => p.n);
export const matrix = floats<'rows' | 'cols'>('[rows, cols]', (p) => p.rows * p.cols);
/** A number a row. */
export const column = floats<'rows'>('[rows, 1]', (p) => p.rows);
