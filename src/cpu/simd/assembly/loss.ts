/** The quadratic loss, and sums in a fixed order. Sums run in float64: there are few of them. */
import { binding, CLOCK_ROW, int, param } from './common';

/** Items are rows. */
export function regression_loss(d: usize, start: u32, end: u32, scratch: usize): void {
  const dim = int(d, 5, 1);
  const scale = param(d, 5, 2);
  const weighted = int(d, 5, 3) != 0;
  const weight = binding(d, 2);
  const rowLoss = binding(d, 3);
  let prediction = binding(d, 0) + start * dim * 4;
  let target = binding(d, 1) + start * dim * 4;
  let gradient = binding(d, 4) + start * dim * 4;
  for (let b = start; b < end; b++) {
    const factor = weighted ? scale * <f64>load<f32>(weight + (b << 2)) : scale;
    const slope = f32x4.splat(<f32>(2 * factor));
    let sums = f64x2.splat(0);
    let j: u32 = 0;
    for (; j + 4 <= dim; j += 4) {
      const error = f32x4.sub(v128.load(prediction), v128.load(target));
      const low = f64x2.promote_low_f32x4(error);
      const high = f64x2.promote_low_f32x4(v128.shuffle<f32>(error, error, 2, 3, 0, 1));
      sums = f64x2.add(sums, f64x2.mul(low, low));
      sums = f64x2.add(sums, f64x2.mul(high, high));
      v128.store(gradient, f32x4.mul(slope, error));
      prediction += 16;
      target += 16;
      gradient += 16;
    }
    let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
    for (; j < dim; j++) {
      const error = <f64>load<f32>(prediction) - <f64>load<f32>(target);
      sum += error * error;
      store<f32>(gradient, <f32>(2 * factor * error));
      prediction += 4;
      target += 4;
      gradient += 4;
    }
    store<f32>(rowLoss + (b << 2), <f32>(factor * sum));
  }
}

/** Items are chunks. Four sums side by side, then together. */
export function reduce_sum(d: usize, start: u32, end: u32, scratch: usize): void {
  const x = binding(d, 1);
  const n = int(d, 3, 0);
  const chunk = int(d, 3, 1);
  const square = int(d, 3, 2) == 2;
  const history = int(d, 3, 3) != 0;
  for (let k = start; k < end; k++) {
    let i = x + ((k * chunk) << 2);
    const stop = x + (min<u32>(n, (k + 1) * chunk) << 2);
    let a = f64x2.splat(0);
    let b = f64x2.splat(0);
    for (; i + 16 <= stop; i += 16) {
      let low = f64x2.promote_low_f32x4(v128.load64_zero(i));
      let high = f64x2.promote_low_f32x4(v128.load64_zero(i, 8));
      if (square) {
        low = f64x2.mul(low, low);
        high = f64x2.mul(high, high);
      }
      a = f64x2.add(a, low);
      b = f64x2.add(b, high);
    }
    a = f64x2.add(a, b);
    let sum = f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1);
    for (; i < stop; i += 4) {
      const value = <f64>load<f32>(i);
      sum += square ? value * value : value;
    }
    const at = history ? load<u32>(binding(d, 0) + CLOCK_ROW) : k;
    store<f32>(binding(d, 2) + (at << 2), <f32>sum);
  }
}
