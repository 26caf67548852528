/** The gated activation and its gradient, on an exponential of our own. */
import { binding, int, madd, put, putLane } from './common';
import { exp } from './exp';

// @ts-ignore: decorator
@inline
function sigmoid(g: v128): v128 {
  const one = f32x4.splat(1);
  const s = f32x4.div(one, f32x4.add(one, exp(f32x4.neg(g))));
  // Where the exponential was cut off the result is 0, even times a huge gate.
  return v128.andnot(s, f32x4.lt(g, f32x4.splat(-87)));
}

// @ts-ignore: decorator
@inline
function silu(gate: v128, up: v128): v128 {
  return f32x4.mul(f32x4.mul(gate, sigmoid(gate)), up);
}

/** Items are elements. */
export function swiglu_forward(d: usize, start: u32, end: u32, scratch: usize): void {
  let gate = binding(d, 0) + (start << 2);
  let up = binding(d, 1) + (start << 2);
  let a = binding(d, 2) + (start << 2);
  let left: i32 = end - start;
  for (; left >= 4; left -= 4) {
    v128.store(a, silu(v128.load(gate), v128.load(up)));
    gate += 16;
    up += 16;
    a += 16;
  }
  for (; left > 0; left--) {
    store<f32>(a, f32x4.extract_lane(silu(v128.load32_splat(gate), v128.load32_splat(up)), 0));
    gate += 4;
    up += 4;
    a += 4;
  }
}

/** Items are elements. */
export function swiglu_backward(d: usize, start: u32, end: u32, scratch: usize): void {
  const one = f32x4.splat(1);
  const gate = binding(d, 0);
  const up = binding(d, 1);
  const da = binding(d, 2);
  const dgate = binding(d, 3);
  const dup = binding(d, 4);
  const addGate = int(d, 5, 1) != 0;
  const addUp = int(d, 5, 2) != 0;
  const stop = <usize>end << 2;
  let i = <usize>start << 2;
  for (; i + 16 <= stop; i += 16) {
    const g = v128.load(gate + i);
    const s = sigmoid(g);
    const cotangent = v128.load(da + i);
    const slope = f32x4.mul(s, madd(g, f32x4.sub(one, s), one));
    put(dgate + i, f32x4.mul(f32x4.mul(cotangent, v128.load(up + i)), slope), addGate);
    put(dup + i, f32x4.mul(cotangent, f32x4.mul(g, s)), addUp);
  }
  for (; i < stop; i += 4) {
    const g = v128.load32_splat(gate + i);
    const s = sigmoid(g);
    const cotangent = v128.load32_splat(da + i);
    const slope = f32x4.mul(s, madd(g, f32x4.sub(one, s), one));
    const gradient = f32x4.mul(f32x4.mul(cotangent, v128.load32_splat(up + i)), slope);
    putLane(dgate + i, gradient, addGate);
    putLane(dup + i, f32x4.mul(cotangent, f32x4.mul(g, s)), addUp);
  }
}

/** Items are rows of tangents: `directions` of them share a row of gates. */
export function swiglu_tangent(d: usize, start: u32, end: u32, scratch: usize): void {
  const one = f32x4.splat(1);
  const directions = int(d, 5, 1);
  const width = int(d, 5, 2);
  for (let row = start; row < end; row++) {
    const primal = (row / directions) * width * 4;
    const gate = binding(d, 0) + primal;
    const up = binding(d, 1) + primal;
    const dgate = binding(d, 2) + row * width * 4;
    const dup = binding(d, 3) + row * width * 4;
    const da = binding(d, 4) + row * width * 4;
    const stop = <usize>width << 2;
    let i: usize = 0;
    for (; i + 16 <= stop; i += 16) {
      const g = v128.load(gate + i);
      const s = sigmoid(g);
      const slope = f32x4.mul(f32x4.mul(s, madd(g, f32x4.sub(one, s), one)), v128.load(up + i));
      const silu = f32x4.mul(f32x4.mul(g, s), v128.load(dup + i));
      v128.store(da + i, madd(slope, v128.load(dgate + i), silu));
    }
    for (; i < stop; i += 4) {
      const g = v128.load32_splat(gate + i);
      const s = sigmoid(g);
      const slope = f32x4.mul(f32x4.mul(s, madd(g, f32x4.sub(one, s), one)), v128.load32_splat(up + i));
      const silu = f32x4.mul(f32x4.mul(g, s), v128.load32_splat(dup + i));
      store<f32>(da + i, f32x4.extract_lane(madd(slope, v128.load32_splat(dgate + i), silu), 0));
    }
  }
}
