/** Fourier features and label embeddings. */
import { binding, int } from './common';
import { sinCosTurns } from './random';

/** Items are rows. */
export function fourier_features(d: usize, start: u32, end: u32, scratch: usize): void {
  const x = binding(d, 0);
  const frequency = binding(d, 1);
  const dim = int(d, 3, 1);
  const frequencies = int(d, 3, 2);
  const stride = int(d, 3, 3);
  const column = int(d, 3, 4);
  for (let b = start; b < end; b++) {
    const row = binding(d, 2) + ((b * stride + column) << 2);
    const point = x + ((b * dim) << 2);
    memory.copy(row, point, dim << 2);
    const waves = row + (dim << 2);
    for (let k: u32 = 0; k < frequencies; k++) {
      let turns: f64 = 0;
      for (let j: u32 = 0; j < dim; j++) {
        turns += <f64>load<f32>(frequency + ((k * dim + j) << 2)) * <f64>load<f32>(point + (j << 2));
      }
      sinCosTurns(turns, scratch);
      store<f32>(waves + (k << 2), <f32>load<f64>(scratch));
      store<f32>(waves + ((frequencies + k) << 2), <f32>load<f64>(scratch, 8));
    }
  }
}

/** Frequencies whose slopes wait in scratch at a time, behind the 64 bytes that a sine and a cosine take. */
const SLOPES: u32 = 1024;

/** Items are rows. */
export function fourier_features_backward(d: usize, start: u32, end: u32, scratch: usize): void {
  const frequency = binding(d, 1);
  const dim = int(d, 4, 1);
  const frequencies = int(d, 4, 2);
  const stride = int(d, 4, 3);
  const column = int(d, 4, 4);
  const accumulate = int(d, 4, 5) != 0;
  const slopes = scratch + 64;
  for (let b = start; b < end; b++) {
    const point = binding(d, 0) + ((b * dim) << 2);
    const row = binding(d, 2) + ((b * stride + column) << 2);
    const dx = binding(d, 3) + ((b * dim) << 2);
    const sines = row + (dim << 2);
    const cosines = sines + (frequencies << 2);
    for (let j: u32 = 0; j < dim; j++) {
      const own = load<f32>(row + (j << 2));
      store<f32>(dx + (j << 2), accumulate ? load<f32>(dx + (j << 2)) + own : own);
    }
    for (let first: u32 = 0; first < frequencies; first += SLOPES) {
      const count = min(SLOPES, frequencies - first);
      for (let k: u32 = 0; k < count; k++) {
        const wave = frequency + (((first + k) * dim) << 2);
        let turns: f64 = 0;
        for (let j: u32 = 0; j < dim; j++) {
          turns += <f64>load<f32>(wave + (j << 2)) * <f64>load<f32>(point + (j << 2));
        }
        sinCosTurns(turns, scratch);
        const at = (first + k) << 2;
        const slope =
          <f64>load<f32>(sines + at) * load<f64>(scratch, 8) - <f64>load<f32>(cosines + at) * load<f64>(scratch);
        store<f64>(slopes + (k << 3), 2 * Math.PI * slope);
      }
      for (let j: u32 = 0; j < dim; j++) {
        let sum = <f64>load<f32>(dx + (j << 2));
        for (let k: u32 = 0; k < count; k++) {
          sum += <f64>load<f32>(frequency + (((first + k) * dim + j) << 2)) * load<f64>(slopes + (k << 3));
        }
        store<f32>(dx + (j << 2), <f32>sum);
      }
    }
  }
}

/** Items are rows of tangents: `directions` of them share a point. */
export function fourier_features_tangent(d: usize, start: u32, end: u32, scratch: usize): void {
  const frequency = binding(d, 1);
  const directions = int(d, 4, 1);
  const dim = int(d, 4, 2);
  const frequencies = int(d, 4, 3);
  const stride = int(d, 4, 4);
  const column = int(d, 4, 5);
  const clear = int(d, 4, 6) != 0;
  for (let r = start; r < end; r++) {
    const point = binding(d, 0) + (((r / directions) * dim) << 2);
    const direction = binding(d, 2) + ((r * dim) << 2);
    const row = binding(d, 3) + ((r * stride + column) << 2);
    if (clear) memory.fill(binding(d, 3) + ((r * stride) << 2), 0, stride << 2);
    memory.copy(row, direction, dim << 2);
    const waves = row + (dim << 2);
    for (let k: u32 = 0; k < frequencies; k++) {
      let turns: f64 = 0;
      let slope: f64 = 0;
      for (let j: u32 = 0; j < dim; j++) {
        const f = <f64>load<f32>(frequency + ((k * dim + j) << 2));
        turns += f * <f64>load<f32>(point + (j << 2));
        slope += f * <f64>load<f32>(direction + (j << 2));
      }
      slope *= 2 * Math.PI;
      sinCosTurns(turns, scratch);
      store<f32>(waves + (k << 2), <f32>(slope * load<f64>(scratch, 8)));
      store<f32>(waves + ((frequencies + k) << 2), <f32>(-slope * load<f64>(scratch)));
    }
  }
}

/** Items are rows. */
export function embedding(d: usize, start: u32, end: u32, scratch: usize): void {
  const label = binding(d, 0);
  const table = binding(d, 1);
  const width = int(d, 3, 2);
  const stride = int(d, 3, 3);
  const column = int(d, 3, 4);
  for (let b = start; b < end; b++) {
    const row = binding(d, 2) + ((b * stride + column) << 2);
    memory.copy(row, table + ((load<u32>(label + (b << 2)) * width) << 2), width << 2);
  }
}
