// sin and cos of angles in turns, by the polynomials of src/random/normal.ts: WGSL's own may be off by 2⁻¹¹.
const TWO_PI = 6.283185307179586;

// sin θ on [−π/4, π/4].
fn sin_polynomial(theta: f32) -> f32 {
  let q = theta * theta;
  return theta * (1.0 + q * (-1.0 / 6.0 + q * (1.0 / 120.0 + q * (-1.0 / 5040.0 + q * (1.0 / 362880.0
    + q * (-1.0 / 39916800.0))))));
}

// cos θ on [−π/4, π/4].
fn cos_polynomial(theta: f32) -> f32 {
  let q = theta * theta;
  return 1.0 + q * (-1.0 / 2.0 + q * (1.0 / 24.0 + q * (-1.0 / 720.0 + q * (1.0 / 40320.0
    + q * (-1.0 / 3628800.0)))));
}

// (sin, cos) of θ in [−π/4, π/4] and `quadrant` quarter turns.
fn sincos_turned(theta: f32, quadrant: i32) -> vec2f {
  let s = sin_polynomial(theta);
  let c = cos_polynomial(theta);
  let turned = select(vec2f(s, c), vec2f(c, -s), (quadrant & 1) != 0);
  return select(turned, -turned, (quadrant & 2) != 0);
}

// (sin, cos) of an angle in turns. Both reductions subtract nearby floats, which is exact.
fn sincos_turns(turns: f32) -> vec2f {
  let reduced = turns - floor(turns + 0.5);
  let quadrant = floor(reduced * 4.0 + 0.5);
  return sincos_turned((reduced - quadrant * 0.25) * TWO_PI, i32(quadrant));
}

// a·b up to whole turns, exact but for the last additions. Each factor is cut into two halves of 12 bits, whose
// products a float32 holds exactly and which are then reduced one by one: rounding a·b itself would cost a
// phase of many turns its fraction. The cuts are made in the bits, out of reach of an optimiser's algebra.
fn product_turns(a: f32, b: f32) -> f32 {
  let a_high = bitcast<f32>(bitcast<u32>(a) & 0xfffff000u);
  let b_high = bitcast<f32>(bitcast<u32>(b) & 0xfffff000u);
  let a_low = a - a_high;
  let b_low = b - b_high;
  let high = a_high * b_high;
  let middle = a_high * b_low;
  let other = a_low * b_high;
  return (high - floor(high + 0.5)) + (middle - floor(middle + 0.5)) + (other - floor(other + 0.5))
    + a_low * b_low;
}
