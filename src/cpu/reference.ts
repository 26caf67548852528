import type { BindingSpec, KernelContract } from '../backend/kernel.js';

/** Float data in the CPU's precision: float32 by default, float64 for checks by finite differences. */
export type FloatArray = Float32Array | Float64Array;

type ArraysOf<B> = {
  readonly [K in keyof B]: B[K] extends { readonly dtype: 'u32' } ? Uint32Array : FloatArray;
};

/** A kernel in plain TypeScript: the bindings' memory and the parameters in, results written in place. */
export type Reference<C> =
  C extends KernelContract<infer B extends Record<string, BindingSpec>, infer P>
    ? (arrays: ArraysOf<B>, params: { readonly [K in keyof P]: number }) => void
    : never;
