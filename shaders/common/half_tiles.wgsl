// Tiles in workgroup memory as float16: half of what is read from there, and a relative error of 2⁻¹¹ a number. Packed,
// for that every adapter can do; numbers beyond ±65504, the largest that float16 has, count as that.
alias Kept = vec2u;

const LARGEST_HALF = 65504.0;

fn keep(four: vec4f) -> Kept {
  let bounded = clamp(four, vec4f(-LARGEST_HALF), vec4f(LARGEST_HALF));
  return vec2u(pack2x16float(bounded.xy), pack2x16float(bounded.zw));
}

fn kept(four: Kept) -> vec4f {
  return vec4f(unpack2x16float(four.x), unpack2x16float(four.y));
}
