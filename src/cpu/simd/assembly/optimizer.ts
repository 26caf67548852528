/** AdamW, the moving average and the clock. */
import { binding, CLOCK_ROW, CLOCK_STEP, int, madd, param } from './common';

/** Address of this step's row of the schedule, see src/backend/contracts/optimizer.ts. */
// @ts-ignore: decorator
@inline
function scheduleRow(clock: usize, schedule: usize): usize {
  return schedule + (<usize>load<u32>(clock + CLOCK_ROW) << 4);
}

/** Items are elements. */
export function adamw(d: usize, start: u32, end: u32, scratch: usize): void {
  const row = scheduleRow(binding(d, 0), binding(d, 1));
  const rate = <f64>load<f32>(row);
  const beta1 = param(d, 7, 1);
  const beta2 = param(d, 7, 2);
  const clip = param(d, 7, 5);
  const norm = Math.sqrt(<f64>load<f32>(binding(d, 2)));
  const clipping = f32x4.splat(clip > 0 && norm > clip ? <f32>(clip / norm) : 1);
  const keep1 = f32x4.splat(<f32>beta1);
  const keep2 = f32x4.splat(<f32>beta2);
  const new1 = f32x4.splat(<f32>(1 - beta1));
  const new2 = f32x4.splat(<f32>(1 - beta2));
  const scale1 = f32x4.splat(<f32>(rate / <f64>load<f32>(row, 4)));
  const scale2 = f32x4.splat(<f32>(1 / <f64>load<f32>(row, 8)));
  const eps = f32x4.splat(<f32>param(d, 7, 3));
  const decay = f32x4.splat(<f32>(1 - rate * param(d, 7, 4)));
  const gradient = binding(d, 3);
  const parameter = binding(d, 4);
  const first = binding(d, 5);
  const second = binding(d, 6);
  const stop = <usize>end << 2;
  let i = <usize>start << 2;
  while (i < stop) {
    const whole = i + 16 <= stop;
    const g = f32x4.mul(v128.load(gradient + i), clipping);
    const m = madd(keep1, v128.load(first + i), f32x4.mul(new1, g));
    const v = madd(keep2, v128.load(second + i), f32x4.mul(new2, f32x4.mul(g, g)));
    const root = f32x4.add(f32x4.sqrt(f32x4.mul(v, scale2)), eps);
    const step = f32x4.div(f32x4.mul(m, scale1), root);
    const p = f32x4.sub(f32x4.mul(v128.load(parameter + i), decay), step);
    if (whole) {
      v128.store(first + i, m);
      v128.store(second + i, v);
      v128.store(parameter + i, p);
    } else {
      const count = <u32>((stop - i) >> 2);
      storeFirst(first + i, m, count);
      storeFirst(second + i, v, count);
      storeFirst(parameter + i, p, count);
    }
    i += 16;
  }
}

/** Items are elements. */
export function ema(d: usize, start: u32, end: u32, scratch: usize): void {
  const decay = <f64>load<f32>(scheduleRow(binding(d, 0), binding(d, 1)), 12);
  const keep = f32x4.splat(<f32>decay);
  const take = f32x4.splat(<f32>(1 - decay));
  const parameter = binding(d, 2);
  const average = binding(d, 3);
  const stop = <usize>end << 2;
  let i = <usize>start << 2;
  while (i < stop) {
    const next = madd(keep, v128.load(average + i), f32x4.mul(take, v128.load(parameter + i)));
    if (i + 16 <= stop) v128.store(average + i, next);
    else storeFirst(average + i, next, <u32>((stop - i) >> 2));
    i += 16;
  }
}

/** Stores the first `count` < 4 lanes. */
function storeFirst(to: usize, v: v128, count: u32): void {
  store<f32>(to, f32x4.extract_lane(v, 0));
  if (count > 1) store<f32>(to, f32x4.extract_lane(v, 1), 4);
  if (count > 2) store<f32>(to, f32x4.extract_lane(v, 2), 8);
}

/** One item. */
export function clock_advance(d: usize, start: u32, end: u32, scratch: usize): void {
  if (start == end) return;
  const clock = binding(d, 0);
  const by = int(d, 1, 0);
  store<u32>(clock + CLOCK_STEP, load<u32>(clock + CLOCK_STEP) + by);
  store<u32>(clock + CLOCK_ROW, load<u32>(clock + CLOCK_ROW) + by);
}
