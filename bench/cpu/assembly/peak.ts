/** Multiply-adds in registers alone: twelve independent chains, as the register tiles of the products have. */
import { madd } from '../../../src/cpu/simd/assembly/common';

/** 96·n floating-point operations. */
export function chains(n: i32, value: f32): f32 {
  const a = f32x4.splat(value);
  const b = f32x4.splat(value);
  let c0 = b;
  let c1 = b;
  let c2 = b;
  let c3 = b;
  let c4 = b;
  let c5 = b;
  let c6 = b;
  let c7 = b;
  let c8 = b;
  let c9 = b;
  let c10 = b;
  let c11 = b;
  for (let i = 0; i < n; i++) {
    c0 = madd(a, b, c0);
    c1 = madd(a, b, c1);
    c2 = madd(a, b, c2);
    c3 = madd(a, b, c3);
    c4 = madd(a, b, c4);
    c5 = madd(a, b, c5);
    c6 = madd(a, b, c6);
    c7 = madd(a, b, c7);
    c8 = madd(a, b, c8);
    c9 = madd(a, b, c9);
    c10 = madd(a, b, c10);
    c11 = madd(a, b, c11);
  }
  c0 = f32x4.add(f32x4.add(f32x4.add(c0, c1), f32x4.add(c2, c3)), f32x4.add(f32x4.add(c4, c5), f32x4.add(c6, c7)));
  c0 = f32x4.add(c0, f32x4.add(f32x4.add(c8, c9), f32x4.add(c10, c11)));
  return f32x4.extract_lane(c0, 0);
}
