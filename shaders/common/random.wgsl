// Random numbers addressed by (seed, stream, step, element), as in src/random/random.ts and normal.ts.
// @include common/artanh.wgsl
// @include common/philox.wgsl
// @include common/sincos.wgsl

struct Random {
  key: vec2u,
  stream: u32,
  step: u32,
}

// An element's address as (low, high) words: particle·dim passes 2³² for large samples of high dimension.
fn wide_element(particle: u32, dim: u32, i: u32) -> vec2u {
  let low = particle * dim;
  let sum = low + i;
  return vec2u(sum, mul_high(particle, dim) + select(0u, 1u, sum < low));
}

// The block that holds an element; the element is its word number `element.x & 3`.
fn random_block(random: Random, element: vec2u) -> vec4u {
  let low = (element.x >> 2u) | (element.y << 30u);
  return philox(vec4u(low, element.y >> 2u, random.step, random.stream), random.key);
}

fn random_bits(random: Random, element: u32) -> u32 {
  return random_block(random, vec2u(element, 0u))[element & 3u];
}

// A whole number below n.
fn random_integer(random: Random, element: u32, n: u32) -> u32 {
  return mul_high(random_bits(random, element), n);
}

// ln u of any positive number: u = m·2^e with m in [√½, √2), then 2·artanh((m − 1)/(m + 1)).
fn log_polynomial(u: f32) -> f32 {
  let bits = bitcast<u32>(u);
  let fraction = bitcast<f32>((bits & 0x007fffffu) | 0x3f800000u);
  let large = fraction >= 1.4142135623730951;
  let mantissa = select(fraction, fraction * 0.5, large);
  let biased = i32(bits >> 23u);
  let exponent = f32(biased - select(127, 126, large));
  return exponent * 0.6931471805599453 + twice_artanh((mantissa - 1.0) / (mantissa + 1.0));
}

// ln u where u is the centre of one of 2³² cells of (0, 1). Above √½ a float32 would round away what u lacks of 1, and
// with it the logarithm: there it is taken from v = 1 − u, as ln(1 − v) = −2·artanh(v/(2 − v)).
fn log_uniform(bits: u32) -> f32 {
  if (bits < 0xb504f334u) {
    return log_polynomial((f32(bits) + 0.5) * 0x1p-32);
  }
  let v = (f32(~bits) + 0.5) * 0x1p-32;
  return -twice_artanh(v / (2.0 - v));
}

// (sin, cos) of u turns, u the centre of one of 2³² cells. Whole numbers take the nearest quarter turn out, so that a
// float32 keeps all of the angle that is left.
fn sincos_uniform(bits: u32) -> vec2f {
  let quadrant = (bits + 0x20000000u) >> 30u;
  let rest = bitcast<i32>(bits - (quadrant << 30u));
  return sincos_turned((f32(rest) + 0.5) * 0x1p-32 * TWO_PI, i32(quadrant));
}

// The two normals that two words make (Box & Muller 1958).
fn normals_from_bits(radius_bits: u32, angle_bits: u32) -> vec2f {
  return sqrt(-2.0 * log_uniform(radius_bits)) * sincos_uniform(angle_bits).yx;
}

fn random_normal(random: Random, element: vec2u) -> f32 {
  let words = random_block(random, element);
  let pair = select(words.xy, words.zw, (element.x & 2u) != 0u);
  let normals = normals_from_bits(pair.x, pair.y);
  return normals[element.x & 1u];
}
