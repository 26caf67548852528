/**
 * How a kernel finds its arguments. A call's descriptor holds one 32-bit address for each binding of the
 * kernel's contract, in the contract's order, then, from the next multiple of 8 bytes, each parameter as a
 * float64 (exact for every u32), then what the compiler of programs adds. Every exported kernel has the
 * signature (descriptor, first item, end item, scratch) and touches nothing but its items.
 */

/** The address of binding `k`. */
// @ts-ignore: decorator
@inline
export function binding(d: usize, k: usize): usize {
  return <usize>load<u32>(d + (k << 2));
}

/** Parameter `k` of a kernel with `bindings` bindings. */
// @ts-ignore: decorator
@inline
export function param(d: usize, bindings: usize, k: usize): f64 {
  return load<f64>(d + (((bindings + 1) >> 1) << 3) + (k << 3));
}

/** The same as an unsigned integer. */
// @ts-ignore: decorator
@inline
export function int(d: usize, bindings: usize, k: usize): u32 {
  return <u32>param(d, bindings, k);
}

/** Words of the clock, see src/backend/clock.ts. */
export const CLOCK_STEP: usize = 0;
export const CLOCK_ROW: usize = 4;
export const CLOCK_PARTICLE: usize = 8;

/**
 * a·b + c. With relaxed SIMD one rounding on every processor that has a fused multiply-add, and so twice the
 * speed; without it two roundings. Which of the two builds runs is decided when an engine is created.
 */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Stores four numbers, or adds them to what is there. */
// @ts-ignore: decorator
@inline
export function put(to: usize, v: v128, accumulate: bool): void {
  v128.store(to, accumulate ? f32x4.add(v128.load(to), v) : v);
}

/** The same for one number, from the low lane. */
// @ts-ignore: decorator
@inline
export function putLane(to: usize, v: v128, accumulate: bool): void {
  const value = f32x4.extract_lane(v, 0);
  store<f32>(to, accumulate ? load<f32>(to) + value : value);
}

/** Copies `count` < 4 floats from the low lanes. */
// @ts-ignore: decorator
@inline
export function storeLanes(to: usize, v: v128, count: u32): void {
  if (count == 0) return;
  store<f32>(to, f32x4.extract_lane(v, 0));
  if (count == 1) return;
  store<f32>(to, f32x4.extract_lane(v, 1), 4);
  if (count == 2) return;
  store<f32>(to, f32x4.extract_lane(v, 2), 8);
}
