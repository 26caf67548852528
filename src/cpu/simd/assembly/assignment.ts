/**
 * Minibatch optimal transport, step by step as src/transport/assignment.ts, four columns at a time. One item: the
 * whole of it.
 */
import { binding, int } from './common';

const FORBIDDEN: f32 = 1e30;
const NO_EDGE: i32 = i32.MAX_VALUE;
const NONE: u32 = u32.MAX_VALUE;
const BIDS_A_ROW: u32 = 64;
/** ε of the auction's rounds: 2^23, 2^21, 2^19, 2^17. */
const FIRST_EPSILON_BITS: i32 = 23;
const LAST_EPSILON_BITS: i32 = 17;

/** Stands for an edge that there is not: with any price taken off, more than every other, and no overflow. */
const MISSING: i32 = 1 << 30;

function largestCost(cost: usize, count: usize): f32 {
  let largest = f32x4.splat(0);
  const end = cost + (count << 2);
  let at = cost;
  for (; at + 16 <= end; at += 16) {
    const c = v128.load(at);
    largest = f32x4.pmax(largest, v128.and(c, f32x4.lt(c, f32x4.splat(FORBIDDEN))));
  }
  let most = max(
    max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)),
    max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)),
  );
  for (; at < end; at += 4) {
    const c = load<f32>(at);
    if (c > most && c < FORBIDDEN) most = c;
  }
  return most;
}

function costScale(largest: f32): f32 {
  if (largest == 0) return 1;
  const exponent = <i32>((reinterpret<u32>(largest) >> 23) & 255) - 127;
  return reinterpret<f32>(<u32>(min(26 - exponent, 126) + 127) << 23);
}

/** Costs as whole numbers, ⌊2^k cost⌋ or MISSING. */
function quantise(cost: usize, whole: usize, count: usize): void {
  const scale = f32x4.splat(costScale(largestCost(cost, count)));
  const missing = i32x4.splat(MISSING);
  const forbidden = f32x4.splat(FORBIDDEN);
  // What lies behind the last one is read and written too, both have a margin.
  for (let k: usize = 0; k < count << 2; k += 16) {
    const c = v128.load(cost + k);
    const q = i32x4.trunc_sat_f32x4_s(f32x4.mul(c, scale));
    v128.store(whole + k, v128.bitselect(q, missing, f32x4.lt(c, forbidden)));
  }
}

/** The least of four lanes with its column, joined to what is known; of equal ones the lowest column. */
let leastValue: i32 = 0;
let leastColumn: u32 = 0;
function joinLanes(values: v128, columns: v128, scratch: usize): void {
  v128.store(scratch, values);
  v128.store(scratch, columns, 16);
  for (let k: usize = 0; k < 16; k += 4) {
    const value = load<i32>(scratch + k);
    const column = load<u32>(scratch + k, 16);
    if (value < leastValue || (value == leastValue && column < leastColumn)) {
      leastValue = value;
      leastColumn = column;
    }
  }
}

/** The cheapest column of a row into `leastValue` and `leastColumn`; returns the second cheapest price. */
function scan(at: usize, price: usize, n: u32, scratch: usize): i32 {
  const tail = n & ~3;
  const none = i32x4.splat(NO_EDGE);
  const four = i32x4.splat(4);
  let least = none;
  let seconds = none;
  let best = i32x4.splat(0);
  let columns = i32x4(0, 1, 2, 3);
  for (let j: u32 = 0; j < tail; j += 4) {
    const value = i32x4.sub(v128.load(at + (j << 2)), v128.load(price + (j << 2)));
    const better = i32x4.lt_s(value, least);
    seconds = i32x4.min_s(seconds, i32x4.max_s(value, least));
    least = i32x4.min_s(value, least);
    best = v128.bitselect(columns, best, better);
    columns = i32x4.add(columns, four);
  }
  leastValue = NO_EDGE;
  leastColumn = NONE;
  joinLanes(least, best, scratch);
  // Every lane's least but the winner's own is a candidate for the second place.
  v128.store(scratch, seconds, 32);
  let second = NO_EDGE;
  for (let k: usize = 0; k < 16; k += 4) {
    if (load<u32>(scratch + k, 16) != leastColumn) second = min(second, load<i32>(scratch + k));
    second = min(second, load<i32>(scratch + k, 32));
  }
  for (let j = tail; j < n; j++) {
    const value = load<i32>(at + (j << 2)) - load<i32>(price + (j << 2));
    if (value < leastValue) {
      second = leastValue;
      leastValue = value;
      leastColumn = j;
    } else if (value < second) second = value;
  }
  if (leastValue >= MISSING) leastValue = NO_EDGE;
  return second >= MISSING ? NO_EDGE : second;
}

export function assignment(d: usize, start: u32, end: u32, scratch: usize): void {
  if (start >= end) return;
  const pair = binding(d, 1);
  const n = int(d, 2, 0);
  const space = <usize>int(d, 2, 1);
  const size = <usize>((n + 3) & ~3) << 2;
  const price = space;
  const rowOf = space + size;
  const distance = space + 2 * size;
  const from = space + 3 * size;
  // What is still to be settled; a settled column's distance moves to `done`.
  const done = space + 4 * size;
  const row = <usize>n << 2;
  const tail = n & ~3;
  const none = i32x4.splat(NO_EDGE);
  const missing = i32x4.splat(MISSING);
  const four = i32x4.splat(4);
  const lanes = i32x4(0, 1, 2, 3);
  const cost = space + 5 * size;
  quantise(binding(d, 0), cost, <usize>n * n);

  for (let j: u32 = 0; j < n; j++) store<i32>(price + (j << 2), 0);

  // The auction.
  let bids: u32 = 0;
  for (let bits = FIRST_EPSILON_BITS; bits >= LAST_EPSILON_BITS; bits -= 2) {
    memory.fill(pair, 255, row);
    memory.fill(rowOf, 255, row);
    for (let first: u32 = 0; first < n; first++) {
      let i = load<u32>(pair + (first << 2)) == NONE ? first : NONE;
      while (i != NONE && bids < BIDS_A_ROW * n) {
        bids++;
        const second = scan(cost + <usize>i * row, price, n, scratch);
        if (leastValue == NO_EDGE) break;
        const column = leastColumn << 2;
        const margin = (second == NO_EDGE ? 0 : second - leastValue) + (1 << bits);
        store<i32>(price + column, load<i32>(price + column) - margin);
        const owner = load<u32>(rowOf + column);
        store<u32>(rowOf + column, i);
        store<u32>(pair + (i << 2), leastColumn);
        if (owner != NONE) store<u32>(pair + (owner << 2), NONE);
        i = owner;
      }
    }
  }

  // What is exactly right at these prices stays.
  memory.fill(rowOf, 255, row);
  for (let i: u32 = 0; i < n; i++) {
    const at = cost + <usize>i * row;
    scan(at, price, n, scratch);
    const own = load<u32>(pair + (i << 2));
    let column = leastColumn;
    if (own != NONE && load<i32>(at + (own << 2)) - load<i32>(price + (own << 2)) == leastValue) column = own;
    const taken = leastValue != NO_EDGE && load<u32>(rowOf + (column << 2)) == NONE;
    store<u32>(pair + (i << 2), taken ? column : NONE);
    if (taken) store<u32>(rowOf + (column << 2), i);
  }

  // A shortest augmenting path for every row that is still free.
  for (let free: u32 = 0; free < n; free++) {
    if (load<u32>(pair + (free << 2)) != NONE) continue;
    // A settled column keeps NO_EDGE in `distance`, and its distance in `done`.
    for (let j: u32 = 0; j < n; j++) {
      store<u32>(from + (j << 2), free);
      store<i32>(done + (j << 2), NO_EDGE);
      store<i32>(distance + (j << 2), NO_EDGE);
    }
    let i = free;
    let offset: i32 = 0;
    let minimum: i32 = 0;
    let last: u32 = NONE;
    while (true) {
      const at = cost + <usize>i * row;
      let least = none;
      let best = i32x4.splat(-1);
      let columns = lanes;
      const offsets = i32x4.splat(offset);
      const rows = i32x4.splat(i);
      for (let j: u32 = 0; j < tail; j += 4) {
        const o = j << 2;
        const q = v128.load(at + o);
        const value = i32x4.sub(q, v128.load(price + o));
        const known = v128.load(distance + o);
        const open = i32x4.eq(v128.load(done + o), none);
        const moved = i32x4.sub(value, offsets);
        const better = v128.and(v128.andnot(i32x4.lt_s(moved, known), i32x4.eq(q, missing)), open);
        const length = v128.bitselect(moved, known, better);
        v128.store(distance + o, length);
        v128.store(from + o, v128.bitselect(rows, v128.load(from + o), better));
        const nearer = i32x4.lt_s(length, least);
        least = i32x4.min_s(length, least);
        best = v128.bitselect(columns, best, nearer);
        columns = i32x4.add(columns, four);
      }
      leastValue = NO_EDGE;
      leastColumn = NONE;
      joinLanes(least, best, scratch);
      for (let j = tail; j < n; j++) {
        const o = j << 2;
        if (load<i32>(done + o) != NO_EDGE) continue;
        const q = load<i32>(at + o);
        const moved = q - load<i32>(price + o) - offset;
        let length = load<i32>(distance + o);
        if (q != MISSING && moved < length) {
          length = moved;
          store<i32>(distance + o, length);
          store<u32>(from + o, i);
        }
        if (length < leastValue) {
          leastValue = length;
          leastColumn = j;
        }
      }
      if (leastValue == NO_EDGE) {
        // No column can be reached: any free one will have to do.
        last = 0;
        while (load<u32>(rowOf + (last << 2)) != NONE) last++;
        store<u32>(from + (last << 2), free);
        break;
      }
      minimum = leastValue;
      const column = leastColumn << 2;
      store<i32>(done + column, minimum);
      store<i32>(distance + column, NO_EDGE);
      i = load<u32>(rowOf + column);
      if (i == NONE) {
        last = leastColumn;
        break;
      }
      offset = load<i32>(cost + <usize>i * row + column) - load<i32>(price + column) - minimum;
    }
    for (let j: u32 = 0; j < n; j++) {
      const settled = load<i32>(done + (j << 2));
      if (settled != NO_EDGE) store<i32>(price + (j << 2), load<i32>(price + (j << 2)) + settled - minimum);
    }
    let j = last;
    while (true) {
      i = load<u32>(from + (j << 2));
      store<u32>(rowOf + (j << 2), i);
      const next = load<u32>(pair + (i << 2));
      store<u32>(pair + (i << 2), j);
      if (i == free) break;
      j = next;
    }
  }
}
