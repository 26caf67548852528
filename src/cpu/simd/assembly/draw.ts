/** Random numbers on the device, and the interpolant's draw. */
import { binding, CLOCK_PARTICLE, CLOCK_STEP, int, param } from './common';
import { bitsAt, normalAt, openReader, philox, READER, uniform } from './random';

/** Streams, see src/random/random.ts. */
const BATCH_INDEX: u32 = 3;
const TIME: u32 = 4;
const BASE: u32 = 5;
const LATENT: u32 = 6;
const LABEL_DROPOUT: u32 = 7;

/** Items are elements. */
export function random_normal(d: usize, start: u32, end: u32, scratch: usize): void {
  const clock = binding(d, 0);
  const out = binding(d, 1);
  const key0 = int(d, 2, 0);
  const key1 = int(d, 2, 1);
  const stream = int(d, 2, 2);
  const scale = param(d, 2, 5);
  const step = load<u32>(clock + CLOCK_STEP);
  const first = <u64>load<u32>(clock + CLOCK_PARTICLE) * <u64>int(d, 2, 4);
  openReader(scratch);
  for (let i = start; i < end; i++) {
    const value = normalAt(scratch, first + i, step, stream, key0, key1);
    store<f32>(out + (i << 2), <f32>(scale * value));
  }
}

/** A whole number below n, as CounterRandom.integer. */
// @ts-ignore: decorator
@inline
function below(bits: u32, n: u32): u32 {
  return <u32>((<u64>bits * <u64>n) >> 32);
}

/** Columns of a time table and of a draw, see src/backend/contracts/draw.ts. */
const TIME_COLUMNS: u32 = 12;
const DRAW_COLUMNS: u32 = 3;

/** As src/random/permutation.ts. */
function feistelRound(half: u32, word: u32, bits: u32): u32 {
  let x = (half ^ word) * 0x9e3779b1;
  x = (x ^ (x >> 15)) * 0x85ebca77;
  return x >> (32 - bits);
}

/** The network's rounds; the words of a permutation, then the epoch and stream that they belong to. */
const ROUNDS: usize = 23;
const WORDS_EPOCH: usize = 4 * (ROUNDS + 1);
const WORDS_STREAM: usize = WORDS_EPOCH + 8;

function permuted(words: usize, k: u32, n: u32, epoch: u32, stream: u32, key0: u32, key1: u32): u32 {
  if (n == 1) return 0;
  const bits: u32 = (33 - <u32>clz<u32>(n - 1)) / 2;
  if (load<u64>(words, WORDS_EPOCH) != <u64>epoch || load<u32>(words, WORDS_STREAM) != stream) {
    for (let block: usize = 0; block < (ROUNDS + 1) / 4; block++) {
      philox(words + (block << 4), block, epoch, stream, key0, key1);
    }
    store<u64>(words, epoch, WORDS_EPOCH);
    store<u32>(words, stream, WORDS_STREAM);
  }
  const mask: u32 = (1 << bits) - 1;
  let at = k;
  do {
    let left = at >> bits;
    let right = at & mask;
    for (let i: usize = 0; i < ROUNDS; i++) {
      const next = left ^ feistelRound(right, load<u32>(words + (i << 2)), bits);
      left = right;
      right = next;
    }
    at = (left << bits) | right;
  } while (at >= n);
  return at < 2 ? at ^ (load<u32>(words, ROUNDS << 2) >> 31) : at;
}

/** One of n rows for draw k. */
function rowOf(
  reader: usize,
  words: usize,
  epochs: bool,
  stream: u32,
  k: u32,
  n: u32,
  draws: u32,
  step: u32,
  key0: u32,
  key1: u32,
): u32 {
  if (!epochs) return below(bitsAt(reader, k, step, stream, key0, key1), n);
  const count = <u64>step * <u64>draws + <u64>k;
  return permuted(words, <u32>(count % n), n, <u32>(count / n), stream, key0, key1);
}

/** Items are rows of the batch. */
export function batch_draw(d: usize, start: u32, end: u32, scratch: usize): void {
  const step = load<u32>(binding(d, 0) + CLOCK_STEP);
  const label = binding(d, 1);
  const table = binding(d, 2);
  const draw = binding(d, 3);
  const drawnLabel = binding(d, 4);
  const t = binding(d, 5);
  const weight = binding(d, 6);
  const key0 = int(d, 7, 0);
  const key1 = int(d, 7, 1);
  const batch = int(d, 7, 2);
  const rows = int(d, 7, 3);
  const sourceRows = int(d, 7, 4);
  const cells = int(d, 7, 5);
  const timeSampling = int(d, 7, 6);
  const antithetic = int(d, 7, 7) != 0;
  const epochs = int(d, 7, 8) != 0;
  const paired = int(d, 7, 9) == 1;
  const classes = int(d, 7, 10);
  const labelDropout = param(d, 7, 11);
  const heads = int(d, 7, 12);
  const weightStride = int(d, 7, 13);
  const draws = antithetic ? batch / 2 : batch;
  for (let r: usize = 0; r < 4; r++) openReader(scratch + r * READER);
  const indexes = scratch;
  const times = scratch + READER;
  const bases = scratch + 2 * READER;
  const drops = scratch + 3 * READER;
  // Data and bases have permutations of their own, which neighbouring rows share.
  const words = scratch + 4 * READER;
  const baseWords = words + 2 * READER;
  store<u64>(words, u64.MAX_VALUE, WORDS_EPOCH);
  store<u64>(baseWords, u64.MAX_VALUE, WORDS_EPOCH);
  for (let b = start; b < end; b++) {
    const k = antithetic ? b >> 1 : b;
    const row = rowOf(indexes, words, epochs, BATCH_INDEX, k, rows, draws, step, key0, key1);
    const within = below(bitsAt(times, timeSampling == 2 ? 0 : k, step, TIME, key0, key1), cells);
    const cell = timeSampling == 0 ? within : (k * cells + within) / draws;
    let base = k;
    if (sourceRows != 0) {
      base =
        rows + (paired ? row : rowOf(bases, baseWords, epochs, BASE, k, sourceRows, draws, step, key0, key1));
    }
    const at = draw + ((b * DRAW_COLUMNS) << 2);
    store<u32>(at, row);
    store<u32>(at, base, 4);
    store<u32>(at, cell, 8);
    const dropped = uniform(bitsAt(drops, k, step, LABEL_DROPOUT, key0, key1)) < labelDropout;
    store<u32>(drawnLabel + (b << 2), dropped ? classes : load<u32>(label + (row << 2)));
    const from = table + ((cell * TIME_COLUMNS) << 2);
    store<f32>(t + (b << 2), load<f32>(from));
    for (let h: u32 = 0; h < heads; h++) {
      store<f32>(weight + ((h * weightStride + b) << 2), load<f32>(from + (h << 2), 4));
    }
  }
}

/** The combination whose three weights begin at `at`. */
// @ts-ignore: decorator
@inline
function combine(at: usize, x0: f64, x1: f64, z: f64): f32 {
  return <f32>(<f64>load<f32>(at) * x0 + <f64>load<f32>(at, 4) * x1 + <f64>load<f32>(at, 8) * z);
}

/** Items are rows of the batch. */
export function interpolant_draw(d: usize, start: u32, end: u32, scratch: usize): void {
  const step = load<u32>(binding(d, 0) + CLOCK_STEP);
  const data = binding(d, 1);
  const table = binding(d, 2);
  const draw = binding(d, 3);
  const pair = binding(d, 4);
  const x = binding(d, 5);
  const first = binding(d, 6);
  const second = binding(d, 7);
  const key0 = int(d, 8, 0);
  const key1 = int(d, 8, 1);
  const dim = int(d, 8, 3);
  const fromData = int(d, 8, 5) != 0;
  const antithetic = int(d, 8, 7) != 0;
  const coupled = int(d, 8, 8) != 0;
  const two = int(d, 8, 9) > 1;
  const bases = scratch;
  const latents = scratch + READER;
  openReader(bases);
  openReader(latents);
  for (let b = start; b < end; b++) {
    // Both rows of an antithetic pair are the same draw but for the sign of z.
    const k = antithetic ? b >> 1 : b;
    const sign: f64 = antithetic && (b & 1) == 1 ? -1 : 1;
    const giver = coupled ? load<u32>(pair + (k << 2)) * (antithetic ? 2 : 1) : b;
    const own = draw + ((b * DRAW_COLUMNS) << 2);
    const row = load<u32>(own);
    const base = load<u32>(draw + ((giver * DRAW_COLUMNS) << 2), 4);
    const weights = table + ((load<u32>(own, 8) * TIME_COLUMNS) << 2);
    // Where z has no weight at all it is not drawn.
    const noisy = load<f32>(weights, 20) != 0 || load<f32>(weights, 32) != 0 || (two && load<f32>(weights, 44) != 0);
    for (let j: u32 = 0; j < dim; j++) {
      const x1 = <f64>load<f32>(data + ((row * dim + j) << 2));
      const x0 = fromData
        ? <f64>load<f32>(data + ((base * dim + j) << 2))
        : normalAt(bases, <u64>base * <u64>dim + j, step, BASE, key0, key1);
      const z = noisy ? sign * normalAt(latents, <u64>k * <u64>dim + j, step, LATENT, key0, key1) : 0;
      const at = (b * dim + j) << 2;
      store<f32>(x + at, combine(weights + 12, x0, x1, z));
      store<f32>(first + at, combine(weights + 24, x0, x1, z));
      if (two) store<f32>(second + at, combine(weights + 36, x0, x1, z));
    }
  }
}
