/** The self-normalising activation and its gradient. */
import { binding, int, madd, put, putLane } from './common';
import { exp } from './exp';

const SCALE: f32 = 1.0507009873554805;
/** λα */
const NEGATIVE: f32 = 1.7580993408473768;

/** e^x − 1 for x ≤ 0: near 0 the Taylor polynomial of degree 7, where the difference would keep few digits. */
// @ts-ignore: decorator
@inline
function expm1(x: v128): v128 {
  let e = madd(x, f32x4.splat(1.0 / 5040.0), f32x4.splat(1.0 / 720.0));
  e = madd(x, e, f32x4.splat(1.0 / 120.0));
  e = madd(x, e, f32x4.splat(1.0 / 24.0));
  e = madd(x, e, f32x4.splat(1.0 / 6.0));
  e = madd(x, e, f32x4.splat(0.5));
  e = madd(x, e, f32x4.splat(1));
  const difference = f32x4.sub(exp(x), f32x4.splat(1));
  return v128.bitselect(f32x4.mul(x, e), difference, f32x4.gt(x, f32x4.splat(-0.25)));
}

// @ts-ignore: decorator
@inline
function selu(x: v128): v128 {
  const zero = f32x4.splat(0);
  const negative = f32x4.mul(f32x4.splat(NEGATIVE), expm1(f32x4.pmin(x, zero)));
  return v128.bitselect(f32x4.mul(f32x4.splat(SCALE), x), negative, f32x4.gt(x, zero));
}

// @ts-ignore: decorator
@inline
function slope(x: v128): v128 {
  const zero = f32x4.splat(0);
  const negative = f32x4.mul(f32x4.splat(NEGATIVE), exp(f32x4.pmin(x, zero)));
  return v128.bitselect(f32x4.splat(SCALE), negative, f32x4.gt(x, zero));
}

/** Items are elements. */
export function selu_forward(d: usize, start: u32, end: u32, scratch: usize): void {
  const x = binding(d, 0);
  const y = binding(d, 1);
  const stop = <usize>end << 2;
  let i = <usize>start << 2;
  for (; i + 16 <= stop; i += 16) v128.store(y + i, selu(v128.load(x + i)));
  for (; i < stop; i += 4) store<f32>(y + i, f32x4.extract_lane(selu(v128.load32_splat(x + i)), 0));
}

/** Items are elements. */
export function selu_backward(d: usize, start: u32, end: u32, scratch: usize): void {
  const x = binding(d, 0);
  const dy = binding(d, 1);
  const dx = binding(d, 2);
  const accumulate = int(d, 3, 1) != 0;
  const stop = <usize>end << 2;
  let i = <usize>start << 2;
  for (; i + 16 <= stop; i += 16) {
    put(dx + i, f32x4.mul(v128.load(dy + i), slope(v128.load(x + i))), accumulate);
  }
  for (; i < stop; i += 4) {
    putLane(dx + i, f32x4.mul(v128.load32_splat(dy + i), slope(v128.load32_splat(x + i))), accumulate);
  }
}

/** Items are rows of tangents: `directions` of them share a row of values. */
export function selu_tangent(d: usize, start: u32, end: u32, scratch: usize): void {
  const directions = int(d, 3, 1);
  const width = int(d, 3, 2);
  const stop = <usize>width << 2;
  for (let row = start; row < end; row++) {
    const x = binding(d, 0) + (row / directions) * width * 4;
    const dx = binding(d, 1) + row * width * 4;
    const dy = binding(d, 2) + row * width * 4;
    let i: usize = 0;
    for (; i + 16 <= stop; i += 16) {
      v128.store(dy + i, f32x4.mul(v128.load(dx + i), slope(v128.load(x + i))));
    }
    for (; i < stop; i += 4) {
      store<f32>(dy + i, load<f32>(dx + i) * f32x4.extract_lane(slope(v128.load32_splat(x + i)), 0));
    }
  }
}
