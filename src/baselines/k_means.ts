import type { CounterRandom } from '../random/random.js';

const MOST_ROUNDS = 30;

/** Squared distance of row `a` of x and row `b` of y. */
export function squareBetween(x: Float64Array, a: number, y: Float64Array, b: number, d: number): number {
  let sum = 0;
  for (let i = 0, p = a * d, q = b * d; i < d; i++) sum += (x[p + i] - y[q + i]) ** 2;
  return sum;
}

/**
 * Seeds by k-means++ (Arthur & Vassilvitskii 2007): every next one with a probability in proportion to the squared
 * distance from those before. Fewer than k where there are fewer distinct points.
 * @returns [k', d]
 */
function spreadSeeds(rows: Float64Array, d: number, k: number, random: CounterRandom): Float64Array {
  const n = rows.length / d;
  const nearest = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  const seeds: number[] = [random.integer(0, n)];
  for (;;) {
    const newest = seeds[seeds.length - 1];
    let total = 0;
    for (let row = 0; row < n; row++) {
      nearest[row] = Math.min(nearest[row], squareBetween(rows, row, rows, newest, d));
      total += nearest[row];
    }
    if (seeds.length === k || !(total > 0)) break;
    let rest = random.uniform(seeds.length) * total;
    let chosen = -1;
    for (let row = 0; row < n; row++) {
      if (nearest[row] === 0) continue;
      chosen = row;
      rest -= nearest[row];
      if (rest < 0) break;
    }
    seeds.push(chosen);
  }
  const result = new Float64Array(seeds.length * d);
  seeds.forEach((row, at) => {
    result.set(rows.subarray(row * d, (row + 1) * d), at * d);
  });
  return result;
}

/**
 * The clusters of rows [n, d] by k-means from k-means++ seeds (Lloyd 1982).
 * @returns the cluster of each row, [n], numbered from 0 without gaps, and how many there are
 */
export function kMeans(
  rows: Float64Array,
  d: number,
  k: number,
  random: CounterRandom,
): { clusters: Uint32Array; count: number } {
  const n = rows.length / d;
  const centres = spreadSeeds(rows, d, k, random);
  const count = centres.length / d;
  const clusters = new Uint32Array(n);
  const sizes = new Float64Array(count);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    let changed = round === 0;
    for (let row = 0; row < n; row++) {
      let [best, least] = [0, Number.POSITIVE_INFINITY];
      for (let c = 0; c < count; c++) {
        const square = squareBetween(rows, row, centres, c, d);
        if (square < least) [best, least] = [c, square];
      }
      if (clusters[row] !== best) changed = true;
      clusters[row] = best;
    }
    if (!changed) break;
    const sums = new Float64Array(centres.length);
    sizes.fill(0);
    for (let row = 0; row < n; row++) {
      sizes[clusters[row]]++;
      for (let i = 0; i < d; i++) sums[clusters[row] * d + i] += rows[row * d + i];
    }
    // A cluster that lost all its points keeps its place and may win some again.
    for (let at = 0; at < sums.length; at++) {
      const size = sizes[Math.floor(at / d)];
      if (size > 0) centres[at] = sums[at] / size;
    }
  }
  const number = new Int32Array(count).fill(-1);
  let used = 0;
  for (let row = 0; row < n; row++) {
    if (number[clusters[row]] < 0) number[clusters[row]] = used++;
    clusters[row] = number[clusters[row]];
  }
  return { clusters, count: used };
}
