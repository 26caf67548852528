/** Minibatch couplings: the ends of a batch's draws, their costs, and entropic transport plans. */
import { binding, CLOCK_STEP, int, param } from './common';
import { exp } from './exp';
import { bitsAt, logarithm, normalAt, openReader, uniform } from './random';

/** Streams, see src/random/random.ts. */
const BASE: u32 = 5;
const COUPLING: u32 = 14;

/** Bytes of a row of draws, and where its columns lie; see src/backend/contracts/coupling.ts. */
const DRAW_BYTES: usize = 12;
const DRAW_BASE: usize = 4;

/** Items are draws. */
export function endpoint_draw(d: usize, start: u32, end: u32, scratch: usize): void {
  const step = load<u32>(binding(d, 0) + CLOCK_STEP);
  const data = binding(d, 1);
  const draw = binding(d, 2);
  const key0 = int(d, 5, 0);
  const key1 = int(d, 5, 1);
  const dim = int(d, 5, 3);
  const sourced = int(d, 5, 5) != 0;
  const antithetic = int(d, 5, 6);
  openReader(scratch);
  for (let k = start; k < end; k++) {
    const at = draw + (<usize>k << antithetic) * DRAW_BYTES;
    const base = load<u32>(at, DRAW_BASE);
    const first = <usize>k * dim * 4;
    memory.copy(binding(d, 4) + first, data + <usize>load<u32>(at) * dim * 4, dim << 2);
    const x0 = binding(d, 3) + first;
    if (sourced) {
      memory.copy(x0, data + <usize>base * dim * 4, dim << 2);
      continue;
    }
    for (let j: u32 = 0; j < dim; j++) {
      const element = <u64>base * <u64>dim + j;
      store<f32>(x0 + (j << 2), <f32>normalAt(scratch, element, step, BASE, key0, key1));
    }
  }
}

/** |a − b|² */
// @ts-ignore: decorator
@inline
function squaredDistance(a: usize, b: usize, dim: u32): f32 {
  let k: u32 = 0;
  let sum: f32 = 0;
  if (dim >= 8) {
    let sums = f32x4.splat(0);
    for (; k + 4 <= dim; k += 4) {
      const difference = f32x4.sub(v128.load(a + (k << 2)), v128.load(b + (k << 2)));
      sums = f32x4.add(sums, f32x4.mul(difference, difference));
    }
    sum =
      f32x4.extract_lane(sums, 0) +
      f32x4.extract_lane(sums, 1) +
      (f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3));
  }
  for (; k < dim; k++) {
    const difference = load<f32>(a + (k << 2)) - load<f32>(b + (k << 2));
    sum += difference * difference;
  }
  return sum;
}

/** Items are rows of the cost: data points. */
export function pairwise_cost(d: usize, start: u32, end: u32, scratch: usize): void {
  const draw = binding(d, 2);
  const label = binding(d, 3);
  const n = int(d, 5, 0);
  const dim = int(d, 5, 1);
  const antithetic = int(d, 5, 3);
  const penalty = <f32>param(d, 5, 4);
  for (let j = start; j < end; j++) {
    const x1 = binding(d, 1) + <usize>j * dim * 4;
    const cost = binding(d, 4) + <usize>j * n * 4;
    for (let i: u32 = 0; i < n; i++) {
      store<f32>(cost + (i << 2), squaredDistance(x1, binding(d, 0) + <usize>i * dim * 4, dim));
    }
    if (penalty == 0) continue;
    const own = load<u32>(label + (load<u32>(draw + (<usize>j << antithetic) * DRAW_BYTES) << 2));
    for (let i: u32 = 0; i < n; i++) {
      const other = load<u32>(label + (load<u32>(draw + (<usize>i << antithetic) * DRAW_BYTES) << 2));
      if (own != other) store<f32>(cost + (i << 2), load<f32>(cost + (i << 2)) + penalty);
    }
  }
}

/** (other − cost)/ε of four potentials, or of four terms of one. */
// @ts-ignore: decorator
@inline
function exponent(other: v128, cost: usize, inverse: v128): v128 {
  return f32x4.mul(f32x4.sub(other, v128.load(cost)), inverse);
}

/** Keeps φ as a potential, or goes from the potential towards it and beyond. */
// @ts-ignore: decorator
@inline
function keepPotential(at: usize, optimum: f64, accumulate: bool, relaxation: f64): void {
  store<f32>(at, <f32>(accumulate ? (1 - relaxation) * <f64>load<f32>(at) + relaxation * optimum : optimum));
}

/** Items are potentials; those of a transposed cost come by fours, one a lane. */
export function sinkhorn_step(d: usize, start: u32, end: u32, scratch: usize): void {
  const cost = binding(d, 0);
  const other = binding(d, 1);
  const potential = binding(d, 2);
  const n = int(d, 3, 0);
  const epsilon = param(d, 3, 1);
  const transpose = int(d, 3, 2) != 0;
  const warm = int(d, 3, 3) != 0;
  const accumulate = int(d, 3, 4) != 0;
  const relaxation = param(d, 3, 5);
  const inverse = f32x4.splat(<f32>(1 / epsilon));
  const lowest = f32x4.splat(-3.4e38);
  const zero = f32x4.splat(0);
  const row = <usize>n << 2;
  const whole = n & ~3;
  let a = start;
  if (transpose) {
    // What lies behind the last column is read (arrays have a margin) and not kept.
    for (; a < end; a += 4) {
      let largest = lowest;
      let at = cost + (<usize>a << 2);
      for (let b: u32 = 0; b < n; b++, at += row) {
        const from = warm ? v128.load32_splat(other + (b << 2)) : zero;
        largest = f32x4.pmax(largest, exponent(from, at, inverse));
      }
      let sum = zero;
      at = cost + (<usize>a << 2);
      for (let b: u32 = 0; b < n; b++, at += row) {
        const from = warm ? v128.load32_splat(other + (b << 2)) : zero;
        sum = f32x4.add(sum, exp(f32x4.sub(exponent(from, at, inverse), largest)));
      }
      v128.store(scratch, largest);
      v128.store(scratch, sum, 16);
      for (let k: u32 = 0; k < min<u32>(4, end - a); k++) {
        const lane = scratch + (k << 2);
        const total = <f64>load<f32>(lane) + logarithm(<f64>load<f32>(lane, 16)) + logarithm(n);
        keepPotential(potential + ((a + k) << 2), -epsilon * total, accumulate, relaxation);
      }
    }
    return;
  }
  for (; a < end; a++) {
    const at = cost + <usize>a * row;
    let largest = lowest;
    for (let b: u32 = 0; b < whole; b += 4) {
      const from = warm ? v128.load(other + (b << 2)) : zero;
      largest = f32x4.pmax(largest, exponent(from, at + (b << 2), inverse));
    }
    let most = max(
      max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)),
      max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)),
    );
    const scale = f32x4.extract_lane(inverse, 0);
    for (let b = whole; b < n; b++) {
      const from: f32 = warm ? load<f32>(other + (b << 2)) : 0;
      most = max(most, (from - load<f32>(at + (b << 2))) * scale);
    }
    let sum = zero;
    const shift = f32x4.splat(most);
    for (let b: u32 = 0; b < whole; b += 4) {
      const from = warm ? v128.load(other + (b << 2)) : zero;
      sum = f32x4.add(sum, exp(f32x4.sub(exponent(from, at + (b << 2), inverse), shift)));
    }
    let total =
      <f64>f32x4.extract_lane(sum, 0) +
      <f64>f32x4.extract_lane(sum, 1) +
      <f64>f32x4.extract_lane(sum, 2) +
      <f64>f32x4.extract_lane(sum, 3);
    for (let b = whole; b < n; b++) {
      const from: f32 = warm ? load<f32>(other + (b << 2)) : 0;
      const term = f32x4.splat((from - load<f32>(at + (b << 2))) * scale - most);
      total += <f64>f32x4.extract_lane(exp(term), 0);
    }
    const optimum = -epsilon * (<f64>most + logarithm(total) + logarithm(n));
    keepPotential(potential + (a << 2), optimum, accumulate, relaxation);
  }
}

/** Items are data points. */
export function plan_draw(d: usize, start: u32, end: u32, scratch: usize): void {
  const step = load<u32>(binding(d, 0) + CLOCK_STEP);
  const potential = binding(d, 2);
  const pair = binding(d, 3);
  const key0 = int(d, 4, 0);
  const key1 = int(d, 4, 1);
  const n = int(d, 4, 2);
  const epsilon = param(d, 4, 3);
  openReader(scratch);
  for (let j = start; j < end; j++) {
    const cost = binding(d, 1) + <usize>j * n * 4;
    let best: u32 = 0;
    let largest = -f64.MAX_VALUE;
    for (let i: u32 = 0; i < n; i++) {
      const u = uniform(bitsAt(scratch, <u64>j * <u64>n + i, step, COUPLING, key0, key1));
      const gumbel = -logarithm(-logarithm(u));
      const weight = <f64>load<f32>(potential + (i << 2)) - <f64>load<f32>(cost + (i << 2));
      const value = weight / epsilon + gumbel;
      if (value > largest) {
        largest = value;
        best = i;
      }
    }
    store<u32>(pair + (j << 2), best);
  }
}
