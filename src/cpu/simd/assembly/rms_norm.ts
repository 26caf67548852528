/** Normalisation by the root mean square, and its gain. Sums of rows run in float64: what they are of may be large. */
import { binding, int, param, put, putLane } from './common';

/** Σ a·b over `bytes` of float32. */
// @ts-ignore: decorator
@inline
function dot(a: usize, b: usize, bytes: usize): f64 {
  let sums = f64x2.splat(0);
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) {
    const low = f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(a + i)), f64x2.promote_low_f32x4(v128.load64_zero(b + i)));
    const high = f64x2.mul(
      f64x2.promote_low_f32x4(v128.load64_zero(a + i, 8)),
      f64x2.promote_low_f32x4(v128.load64_zero(b + i, 8)),
    );
    sums = f64x2.add(sums, f64x2.add(low, high));
  }
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  for (; i < bytes; i += 4) sum += <f64>load<f32>(a + i) * <f64>load<f32>(b + i);
  return sum;
}

/** Items are rows. */
export function rms_norm_forward(d: usize, start: u32, end: u32, scratch: usize): void {
  const width = int(d, 2, 1);
  const epsilon = param(d, 2, 2);
  const bytes = <usize>width << 2;
  for (let row = start; row < end; row++) {
    const x = binding(d, 0) + row * bytes;
    const y = binding(d, 1) + row * bytes;
    const inverse = <f32>(1 / Math.sqrt(epsilon + dot(x, x, bytes) / <f64>width));
    const factor = f32x4.splat(inverse);
    let i: usize = 0;
    for (; i + 16 <= bytes; i += 16) v128.store(y + i, f32x4.mul(factor, v128.load(x + i)));
    for (; i < bytes; i += 4) store<f32>(y + i, inverse * load<f32>(x + i));
  }
}

/** Items are rows of tangents: `directions` of them share a row of values. */
export function rms_norm_tangent(d: usize, start: u32, end: u32, scratch: usize): void {
  const directions = int(d, 3, 1);
  const width = int(d, 3, 2);
  const epsilon = param(d, 3, 3);
  const accumulate = int(d, 3, 4) != 0;
  const bytes = <usize>width << 2;
  for (let row = start; row < end; row++) {
    const x = binding(d, 0) + (row / directions) * bytes;
    const dx = binding(d, 1) + row * bytes;
    const dy = binding(d, 2) + row * bytes;
    const inverse = 1 / Math.sqrt(epsilon + dot(x, x, bytes) / <f64>width);
    const along = (dot(x, dx, bytes) * inverse * inverse) / <f64>width;
    const factor = f32x4.splat(<f32>inverse);
    const share = f32x4.splat(<f32>along);
    let i: usize = 0;
    for (; i + 16 <= bytes; i += 16) {
      const rest = f32x4.sub(v128.load(dx + i), f32x4.mul(share, v128.load(x + i)));
      put(dy + i, f32x4.mul(factor, rest), accumulate);
    }
    for (; i < bytes; i += 4) {
      const rest = f32x4.sub(v128.load32_splat(dx + i), f32x4.mul(share, v128.load32_splat(x + i)));
      putLane(dy + i, f32x4.mul(factor, rest), accumulate);
    }
  }
}

/** Items are rows. */
export function column_scale(d: usize, start: u32, end: u32, scratch: usize): void {
  const factor = binding(d, 1);
  const bytes = <usize>int(d, 3, 1) << 2;
  const accumulate = int(d, 3, 2) != 0;
  for (let row = start; row < end; row++) {
    const x = binding(d, 0) + row * bytes;
    const y = binding(d, 2) + row * bytes;
    let i: usize = 0;
    for (; i + 16 <= bytes; i += 16) {
      put(y + i, f32x4.mul(v128.load(factor + i), v128.load(x + i)), accumulate);
    }
    for (; i < bytes; i += 4) {
      putLane(y + i, f32x4.mul(v128.load32_splat(factor + i), v128.load32_splat(x + i)), accumulate);
    }
  }
}

/** Items are columns. Rows are added in order, in float64. */
export function column_dot(d: usize, start: u32, end: u32, scratch: usize): void {
  const rows = int(d, 3, 0);
  const stride = <usize>int(d, 3, 1) << 2;
  const accumulate = int(d, 3, 2) != 0;
  const out = binding(d, 2);
  let c = start;
  for (; c + 4 <= end; c += 4) {
    let x = binding(d, 0) + ((<usize>c) << 2);
    let y = binding(d, 1) + ((<usize>c) << 2);
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    for (let r: u32 = 0; r < rows; r++) {
      low = f64x2.add(
        low,
        f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(x)), f64x2.promote_low_f32x4(v128.load64_zero(y))),
      );
      high = f64x2.add(
        high,
        f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(x, 8)), f64x2.promote_low_f32x4(v128.load64_zero(y, 8))),
      );
      x += stride;
      y += stride;
    }
    const sums = v128.shuffle<f32>(
      f32x4.demote_f64x2_zero(low),
      f32x4.demote_f64x2_zero(high),
      0,
      1,
      4,
      5,
    );
    put(out + ((<usize>c) << 2), sums, accumulate);
  }
  for (; c < end; c++) {
    let x = binding(d, 0) + ((<usize>c) << 2);
    let y = binding(d, 1) + ((<usize>c) << 2);
    let sum: f64 = 0;
    for (let r: u32 = 0; r < rows; r++) {
      sum += <f64>load<f32>(x) * <f64>load<f32>(y);
      x += stride;
      y += stride;
    }
    const at = out + ((<usize>c) << 2);
    store<f32>(at, accumulate ? load<f32>(at) + <f32>sum : <f32>sum);
  }
}
