import { CounterRandom } from './random.js';

/** Rounds of the network; one word more decides about the last exchange. */
const ROUNDS = 23;
/** Words of random bits that choose a permutation: six blocks of the generator. */
const WORDS = ROUNDS + 1;

/** The bits of a Feistel half: the least h with 4^h ≥ n. */
const halfBits = (n: number): number => (33 - Math.clz32(n - 1)) >>> 1;

function round(half: number, word: number, bits: number): number {
  let x = Math.imul(half ^ word, 0x9e3779b1);
  x = Math.imul(x ^ (x >>> 15), 0x85ebca77);
  return x >>> (32 - bits);
}

/** The random bits that choose the permutation of the seed, the stream and `epoch`: the same for every n. */
export function permutationWords(key: readonly [number, number], stream: number, epoch: number): Uint32Array {
  const random = new CounterRandom(key, stream, epoch);
  return Uint32Array.from({ length: WORDS }, (_, i) => random.bits(i));
}

/**
 * Where place k of 0 … n − 1 goes in the permutation that `words` choose: a Feistel network over the next power of
 * four, walked until it lands below n. Nothing has to be shuffled or kept, so that any device finds the row of any
 * step on its own.
 *
 * Every round halves how far two places are from a uniformly random pair, in total variation: with random round
 * functions over 4 and over 16 places it is 8e-8 and 2e-7 after 24 rounds and 0.08 and 0.17 after four, which is where
 * the classical bound stops helping so small a domain. Rounds over more than four places are even permutations, so
 * that in the end places 0 and 1 are exchanged or not by one more bit.
 * Source: Luby & Rackoff 1988; Black & Rogaway 2002 for the walk.
 */
export function permutedBy(words: Uint32Array, k: number, n: number): number {
  if (n === 1) return 0;
  const bits = halfBits(n);
  const mask = 2 ** bits - 1;
  let at = k;
  do {
    let left = at >>> bits;
    let right = at & mask;
    for (let i = 0; i < ROUNDS; i++) {
      const next = left ^ round(right, words[i], bits);
      left = right;
      right = next;
    }
    at = ((left << bits) | right) >>> 0;
  } while (at >= n);
  return at < 2 ? at ^ (words[ROUNDS] >>> 31) : at;
}

/** The same with its words: where place k goes in the permutation that the seed, the stream and `epoch` choose. */
export function permuted(
  k: number,
  n: number,
  key: readonly [number, number],
  stream: number,
  epoch: number,
): number {
  return permutedBy(permutationWords(key, stream, epoch), k, n);
}

/**
 * The epoch of a draw and its place there: draws are counted through all steps, so that every row has its turn once in
 * every epoch, and one batch may end an epoch and begin the next. Epochs are counted modulo 2³².
 */
export function epochOf(
  step: number,
  draw: number,
  draws: number,
  rows: number,
): { epoch: number; place: number } {
  // Whole numbers below 2⁵³, as steps stay below 2³¹ and draws below 2²¹.
  const count = step * draws + draw;
  return { epoch: Math.floor(count / rows) % 2 ** 32, place: count % rows };
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
