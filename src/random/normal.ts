/**
 * Uniform and normal numbers from random bits, in arithmetic that a GPU can repeat: WGSL's own sin, cos and
 * log may be off by 2⁻¹¹, so these are polynomials with the same coefficients here and in
 * `shaders/common/random.wgsl`. Which cell a word falls in and which quarter turn an angle lies in are whole numbers
 * and so the same everywhere.
 */

/**
 * The centre of one of 2³² equal cells of (0, 1): never 0, never 1, exact in float64. A float32 holds it or 1 less it
 * to full precision, not both: what needs both ends takes each from the bits, as `log_uniform` of
 * `shaders/common/random.wgsl` does.
 * @param bits an unsigned 32-bit integer
 */
export function uniformFromBits(bits: number): number {
  return (bits + 0.5) * 2 ** -32;
}

const SQRT_HALF = Math.SQRT1_2;
const LN_2 = Math.LN2;

/**
 * ln u for u in (0, 1): u = m·2^e with m in [√½, √2), then 2·artanh((m − 1)/(m + 1)) by its odd series, whose
 * first dropped term is below 2e-9 of the first on that range.
 */
export function logPolynomial(u: number): number {
  let exponent = 0;
  let mantissa = u;
  while (mantissa < SQRT_HALF) {
    mantissa *= 2;
    exponent--;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  const s2 = s * s;
  const series = 1 + s2 * (1 / 3 + s2 * (1 / 5 + s2 * (1 / 7 + s2 * (1 / 9 + s2 * (1 / 11)))));
  return exponent * LN_2 + 2 * s * series;
}

/** sin θ on [−π/4, π/4] by its Taylor polynomial of degree 11 (error below 2e-12). */
export function sinPolynomial(theta: number): number {
  const q = theta * theta;
  return (
    theta * (1 + q * (-1 / 6 + q * (1 / 120 + q * (-1 / 5040 + q * (1 / 362880 + q * (-1 / 39916800))))))
  );
}

/** cos θ on [−π/4, π/4] by its Taylor polynomial of degree 10 (error below 1e-10). */
export function cosPolynomial(theta: number): number {
  const q = theta * theta;
  return 1 + q * (-1 / 2 + q * (1 / 24 + q * (-1 / 720 + q * (1 / 40320 + q * (-1 / 3628800)))));
}

/**
 * sin and cos of an angle given in turns, by reduction to the nearest quarter turn.
 * @param turns any finite number; 1 is a full circle
 */
export function sinCosTurns(turns: number, out: [number, number] = [0, 0]): [number, number] {
  const reduced = turns - Math.floor(turns + 0.5);
  const quadrant = Math.floor(reduced * 4 + 0.5);
  const theta = (reduced - quadrant * 0.25) * (2 * Math.PI);
  const s = sinPolynomial(theta);
  const c = cosPolynomial(theta);
  switch (quadrant & 3) {
    case 0:
      out[0] = s;
      out[1] = c;
      break;
    case 1:
      out[0] = c;
      out[1] = -s;
      break;
    case 2:
      out[0] = -s;
      out[1] = -c;
      break;
    default:
      out[0] = -c;
      out[1] = s;
  }
  return out;
}

const scratch: [number, number] = [0, 0];

/**
 * Two independent standard normals from two words of random bits (Box & Muller 1958): the radius from the
 * first, the angle from the second. |value| is at most √(2 ln 2³³) ≈ 6.76, so that what is cut off is 1e-11 of all.
 */
export function normalsFromBits(
  radiusBits: number,
  angleBits: number,
  out: [number, number] = [0, 0],
): [number, number] {
  const radius = Math.sqrt(-2 * logPolynomial(uniformFromBits(radiusBits)));
  sinCosTurns(uniformFromBits(angleBits), scratch);
  out[0] = radius * scratch[1];
  out[1] = radius * scratch[0];
  return out;
}
