// Philox 4×32-10 (Salmon et al., SC 2011), word for word as in src/random/philox.ts.
const PHILOX_MULTIPLIER_0 = 0xd2511f53u;
const PHILOX_MULTIPLIER_1 = 0xcd9e8d57u;
const PHILOX_WEYL = vec2u(0x9e3779b9u, 0xbb67ae85u);

// The upper 32 bits of the 64-bit product, by 16-bit halves: WGSL has no wide multiplication.
fn mul_high(a: u32, b: u32) -> u32 {
  let a_low = a & 0xffffu;
  let a_high = a >> 16u;
  let b_low = b & 0xffffu;
  let b_high = b >> 16u;
  let middle = a_high * b_low + ((a_low * b_low) >> 16u);
  let carry = a_low * b_high + (middle & 0xffffu);
  return a_high * b_high + (middle >> 16u) + (carry >> 16u);
}

fn philox(counter: vec4u, key: vec2u) -> vec4u {
  var x = counter;
  var k = key;
  for (var round = 0u; round < 10u; round++) {
    let high_0 = mul_high(PHILOX_MULTIPLIER_0, x.x);
    let high_1 = mul_high(PHILOX_MULTIPLIER_1, x.z);
    x = vec4u(
      high_1 ^ x.y ^ k.x,
      PHILOX_MULTIPLIER_1 * x.z,
      high_0 ^ x.w ^ k.y,
      PHILOX_MULTIPLIER_0 * x.x,
    );
    k = k + PHILOX_WEYL;
  }
  return x;
}
