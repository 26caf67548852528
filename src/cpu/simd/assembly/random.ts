/**
 * Philox 4×32-10 and the normals of src/random, operation for operation in float64: the same bits as the
 * reference before they are rounded to float32.
 */

const MULTIPLIER_0: u64 = 0xd2511f53;
const MULTIPLIER_1: u64 = 0xcd9e8d57;
const WEYL_0: u32 = 0x9e3779b9;
const WEYL_1: u32 = 0xbb67ae85;

/** Writes the four words of block `index` of (key, stream, step) to `out`. */
export function philox(
  out: usize,
  index: u64,
  step: u32,
  stream: u32,
  key0: u32,
  key1: u32,
): void {
  let x0 = <u32>index;
  let x1 = <u32>(index >> 32);
  let x2 = step;
  let x3 = stream;
  for (let round = 0; round < 10; round++) {
    const p0 = MULTIPLIER_0 * <u64>x0;
    const p1 = MULTIPLIER_1 * <u64>x2;
    x0 = <u32>(p1 >> 32) ^ x1 ^ key0;
    x1 = <u32>p1;
    x2 = <u32>(p0 >> 32) ^ x3 ^ key1;
    x3 = <u32>p0;
    key0 += WEYL_0;
    key1 += WEYL_1;
  }
  store<u32>(out, x0);
  store<u32>(out, x1, 4);
  store<u32>(out, x2, 8);
  store<u32>(out, x3, 12);
}

/** uniformFromBits */
// @ts-ignore: decorator
@inline
export function uniform(bits: u32): f64 {
  return (<f64>bits + 0.5) * (1.0 / 4294967296.0);
}

/** logPolynomial; the exponent is read from the bits where the reference doubles. */
export function logarithm(u: f64): f64 {
  const bits = reinterpret<u64>(u);
  let exponent = <i32>(bits >> 52) - 1022;
  let mantissa = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3fe0000000000000);
  if (mantissa < 0.7071067811865476) {
    mantissa *= 2;
    exponent--;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  const s2 = s * s;
  const series =
    1 + s2 * (1.0 / 3.0 + s2 * (1.0 / 5.0 + s2 * (1.0 / 7.0 + s2 * (1.0 / 9.0 + s2 * (1.0 / 11.0)))));
  return <f64>exponent * 0.6931471805599453 + 2 * s * series;
}

/** sinCosTurns: sin to `out`, cos to `out + 8`. */
export function sinCosTurns(turns: f64, out: usize): void {
  const reduced = turns - Math.floor(turns + 0.5);
  const quadrant = Math.floor(reduced * 4 + 0.5);
  const theta = (reduced - quadrant * 0.25) * 6.283185307179586;
  const q = theta * theta;
  const s =
    theta *
    (1 +
      q *
        (-1.0 / 6.0 +
          q * (1.0 / 120.0 + q * (-1.0 / 5040.0 + q * (1.0 / 362880.0 + q * (-1.0 / 39916800.0))))));
  const c =
    1 +
    q *
      (-1.0 / 2.0 +
        q * (1.0 / 24.0 + q * (-1.0 / 720.0 + q * (1.0 / 40320.0 + q * (-1.0 / 3628800.0)))));
  const turn = <i32>quadrant & 3;
  const sine = turn & 1 ? c : s;
  const cosine = turn & 1 ? s : c;
  store<f64>(out, turn & 2 ? -sine : sine);
  store<f64>(out, turn == 1 || turn == 2 ? -cosine : cosine, 8);
}

/** Two normals from two words: the first to `out`, the second to `out + 8`. */
export function normals(radiusBits: u32, angleBits: u32, out: usize): void {
  const radius = Math.sqrt(-2 * logarithm(uniform(radiusBits)));
  sinCosTurns(uniform(angleBits), out);
  const sine = load<f64>(out);
  store<f64>(out, radius * load<f64>(out, 8));
  store<f64>(out, radius * sine, 8);
}

/**
 * A reader of one stream, as CounterRandom: `state` holds the block's words, its index, and the last pair of
 * normals with its index, so that neighbours share the work.
 */
export const READER: usize = 64;
const WORDS: usize = 0;
const BLOCK: usize = 16;
const PAIR: usize = 24;
const NORMALS: usize = 32;

export function openReader(state: usize): void {
  store<u64>(state, u64.MAX_VALUE, BLOCK);
  store<u64>(state, u64.MAX_VALUE, PAIR);
}

export function bitsAt(state: usize, element: u64, step: u32, stream: u32, key0: u32, key1: u32): u32 {
  const block = element >> 2;
  if (load<u64>(state, BLOCK) != block) {
    philox(state + WORDS, block, step, stream, key0, key1);
    store<u64>(state, block, BLOCK);
  }
  return load<u32>(state + ((<usize>element & 3) << 2), WORDS);
}

export function normalAt(state: usize, element: u64, step: u32, stream: u32, key0: u32, key1: u32): f64 {
  const pair = element >> 1;
  if (load<u64>(state, PAIR) != pair) {
    const radius = bitsAt(state, pair << 1, step, stream, key0, key1);
    const angle = bitsAt(state, (pair << 1) + 1, step, stream, key0, key1);
    normals(radius, angle, state + NORMALS);
    store<u64>(state, pair, PAIR);
  }
  return load<f64>(state + ((<usize>element & 1) << 3), NORMALS);
}
