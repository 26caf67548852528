/**
 * Costs as whole numbers below 2²⁷. Sums and differences of a few of them are exact in 32 bits, so that an
 * assignment comes out the same on every device and in every order of the work. What is rounded away is at most
 * 2⁻²⁶ of the largest cost, less than float32 holds of it.
 */
export const COST_BITS = 27;

/** Stands for an edge that there is not. */
export const NO_EDGE = 2 ** 31 - 1;

const view = new DataView(new ArrayBuffer(4));

/**
 * 2^k such that the largest cost times it is in [2²⁶, 2²⁷), as far as float32 has such a k: the product of a
 * float32 and a power of two is exact.
 * @param largest a float32, not negative
 */
export function costScale(largest: number): number {
  if (!(largest > 0)) return 1;
  view.setFloat32(0, largest);
  const exponent = ((view.getUint32(0) >>> 23) & 255) - 127;
  return 2 ** Math.min(COST_BITS - 1 - exponent, 126);
}
