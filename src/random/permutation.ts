import { CounterRandom } from './random.js';

/** The bits of a Feistel half: the least h with 4^h ≥ n. */
const halfBits = (n: number): number => (33 - Math.clz32(n - 1)) >>> 1;

function round(half: number, word: number, bits: number): number {
  let x = Math.imul(half ^ word, 0x9e3779b1);
  x = Math.imul(x ^ (x >>> 15), 0x85ebca77);
  return x >>> (32 - bits);
}

/**
 * Where place k of 0 … n − 1 goes in a permutation that the seed, the stream and `epoch` choose: a Feistel
 * network of four rounds over the next power of four, walked until it lands below n. Nothing has to be shuffled
 * or kept, so that any device finds the row of any step on its own.
 * Source: Luby & Rackoff 1988; Black & Rogaway 2002 for the walk.
 */
export function permuted(
  k: number,
  n: number,
  key: readonly [number, number],
  stream: number,
  epoch: number,
): number {
  if (n === 1) return 0;
  const bits = halfBits(n);
  const random = new CounterRandom(key, stream, epoch);
  const words = [0, 1, 2, 3].map((i) => random.bits(i));
  const mask = 2 ** bits - 1;
  let at = k;
  do {
    let left = at >>> bits;
    let right = at & mask;
    for (const word of words) [left, right] = [right, left ^ round(right, word, bits)];
    at = ((left << bits) | right) >>> 0;
  } while (at >= n);
  return at;
}

/** The epoch of a draw and its place there, when each step takes `draws` of `rows` rows and drops what is left. */
export function epochOf(
  step: number,
  draw: number,
  draws: number,
  rows: number,
): { epoch: number; place: number } {
  if (draws <= rows) {
    const steps = Math.floor(rows / draws);
    return { epoch: Math.floor(step / steps), place: (step % steps) * draws + draw };
  }
  const laps = Math.ceil(draws / rows);
  return { epoch: (Math.imul(step, laps) + Math.floor(draw / rows)) >>> 0, place: draw % rows };
}

/**
 * The first `count` rows of a random order of `rows`: [count].
 * @param step one of the stream's, as for any draw
 */
export function permutedRows(
  rows: number,
  count: number,
  seed: number,
  stream: number,
  step: number,
): Uint32Array {
  const random = new CounterRandom(seed, stream, step);
  const order = Uint32Array.from({ length: rows }, (_, row) => row);
  for (let at = 0; at < count; at++) {
    const other = at + random.integer(at, rows - at);
    [order[at], order[other]] = [order[other], order[at]];
  }
  return order.subarray(0, count);
}

/**
 * `count` rows of `rows` in turns: every one once, in a random order, before any comes again. [count]
 * @param step one of the stream's; the turns after the first take steps of their own, 2¹⁶ apart
 */
export function permutedTurns(
  count: number,
  rows: number,
  seed: number,
  stream: number,
  step: number,
): Uint32Array {
  const result = new Uint32Array(count);
  for (let at = 0, turn = 0; at < count; turn++) {
    const taken = Math.min(rows, count - at);
    result.set(permutedRows(rows, taken, seed, stream, step + 2 ** 16 * turn), at);
    at += taken;
  }
  return result;
}
