const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * The positive number at which f is greatest: the best of a geometric grid brackets a maximum, golden section on its
 * logarithm finds it. A finer one between two points of the grid can be missed.
 * @param low where the maximum is at least; @param high where it is at most
 * @param ratio of neighbours on the grid
 * @param tolerance relative
 */
export function maximiseLog(
  f: (x: number) => number,
  low: number,
  high: number,
  ratio = 2,
  tolerance = 1e-5,
): { at: number; value: number } {
  const count = Math.max(1, Math.ceil(Math.log(high / low) / Math.log(ratio)));
  const step = Math.log(high / low) / count;
  const at = (k: number) => Math.log(low) + k * step;
  let best = 0;
  let value = Number.NEGATIVE_INFINITY;
  for (let k = 0; k <= count; k++) {
    const own = f(Math.exp(at(k)));
    if (own > value) [best, value] = [k, own];
  }
  let from = at(Math.max(0, best - 1));
  let to = at(Math.min(count, best + 1));
  let [left, right] = [to - GOLDEN * (to - from), from + GOLDEN * (to - from)];
  let [atLeft, atRight] = [f(Math.exp(left)), f(Math.exp(right))];
  while (to - from > tolerance) {
    if (atLeft >= atRight) {
      [to, right, atRight] = [right, left, atLeft];
      left = to - GOLDEN * (to - from);
      atLeft = f(Math.exp(left));
    } else {
      [from, left, atLeft] = [left, right, atRight];
      right = from + GOLDEN * (to - from);
      atRight = f(Math.exp(right));
    }
  }
  const middle = Math.exp((from + to) / 2);
  const own = f(middle);
  return own >= value ? { at: middle, value: own } : { at: Math.exp(at(best)), value };
}
