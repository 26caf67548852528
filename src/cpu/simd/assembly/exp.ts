import { madd } from './common';

/**
 * e^x for |x| ≤ 87, relative error below 2e-7: x = n·ln 2 + r with |r| ≤ ½ ln 2, the Taylor polynomial of
 * degree 7 in r (first dropped term 5e-9), and n added to the exponent's bits. ln 2 comes in two parts, of
 * which the first times n is exact.
 */
// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  // These two are one instruction each and let a NaN through, as min and max would in several.
  x = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-87)), f32x4.splat(87));
  // Adding 1.5·2²³ rounds to the nearest integer and leaves it in the low bits.
  const magic = f32x4.splat(12582912);
  const shifted = f32x4.add(f32x4.mul(x, f32x4.splat(1.4426950408889634)), magic);
  const n = f32x4.sub(shifted, magic);
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.add(r, f32x4.mul(n, f32x4.splat(2.12194440e-4)));
  let e = madd(r, f32x4.splat(1.0 / 5040.0), f32x4.splat(1.0 / 720.0));
  e = madd(r, e, f32x4.splat(1.0 / 120.0));
  e = madd(r, e, f32x4.splat(1.0 / 24.0));
  e = madd(r, e, f32x4.splat(1.0 / 6.0));
  e = madd(r, e, f32x4.splat(0.5));
  e = madd(r, e, f32x4.splat(1));
  e = madd(r, e, f32x4.splat(1));
  return i32x4.add(e, i32x4.shl(shifted, 23));
}
