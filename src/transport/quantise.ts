/**
 * Costs as whole numbers below 2²⁷. Sums and differences of a few of them are exact in 32 bits, so that an
 * assignment comes out the same on every device and in every order of the work. What is rounded away is at most
 * 2⁻²⁶ of the largest cost, less than float32 holds of it.
 */
import { type Assignment, assign, matrix } from './assignment.js';

const COST_BITS = 27;

/** Stands for an edge that there is not. */
const NO_EDGE = 2 ** 31 - 1;

/**
 * ε of the auction's rounds. Between point clouds of some hundred points these take least work together with the
 * paths: 11 000 scans of a row for 512 points where paths alone take 46 000.
 */
const EPSILONS = [4, 6, 8, 10].map((bits) => 2 ** (COST_BITS - bits));

const view = new DataView(new ArrayBuffer(4));

/**
 * 2^k such that the largest cost times it is in [2²⁶, 2²⁷), as far as float32 has such a k: the product of a
 * float32 and a power of two is exact.
 * @param largest a float32, not negative
 */
function costScale(largest: number): number {
  if (!(largest > 0)) return 1;
  view.setFloat32(0, largest);
  const exponent = ((view.getUint32(0) >>> 23) & 255) - 127;
  return 2 ** Math.min(COST_BITS - 1 - exponent, 126);
}

/**
 * The permutation of least total cost, costs rounded down to whole multiples of 2^−k, about 2⁻²⁷ of the largest.
 * @param cost [n, n], not negative, as float32 has it
 * @param forbidden edges of this cost and more are left out
 */
export function assignWhole(cost: ArrayLike<number>, n: number, forbidden: number): Assignment {
  let largest = 0;
  for (let at = 0; at < n * n; at++) if (cost[at] > largest && cost[at] < forbidden) largest = cost[at];
  const scale = costScale(Math.fround(largest));
  const whole = Float64Array.from({ length: n * n }, (_, at) =>
    cost[at] < forbidden ? Math.trunc(Math.fround(cost[at]) * scale) : NO_EDGE,
  );
  const { columnOf, price } = assign({ n, epsilons: EPSILONS, ...matrix(whole, n, NO_EDGE) });
  return { columnOf, price: price.map((value) => value / scale) };
}
