/** What a sampler does between two evaluations of its network. */
import { binding, CLOCK_PARTICLE, CLOCK_ROW, CLOCK_STEP, int } from './common';
import { normalAt, openReader } from './random';

/** Items are rows. */
export function broadcast_time(d: usize, start: u32, end: u32, scratch: usize): void {
  const row = load<u32>(binding(d, 0) + CLOCK_ROW) * int(d, 3, 1) + int(d, 3, 2);
  const time = load<f32>(binding(d, 1) + (row << 2));
  const t = binding(d, 2);
  for (let b = start; b < end; b++) store<f32>(t + (b << 2), time);
}

/** Items are elements. A term whose coefficient is 0 is not read. */
export function solver_update(d: usize, start: u32, end: u32, scratch: usize): void {
  const clock = binding(d, 0);
  const key0 = int(d, 8, 0);
  const key1 = int(d, 8, 1);
  const stream = int(d, 8, 2);
  const at = binding(d, 1) + ((load<u32>(clock + CLOCK_ROW) * int(d, 8, 5) + int(d, 8, 6)) << 2);
  const y = binding(d, 7);
  const cy = int(d, 8, 7) != 0 ? <f64>load<f32>(at) : 0;
  const amplitude = <f64>load<f32>(at, 24);
  const step = load<u32>(clock + CLOCK_STEP);
  const first = <u64>load<u32>(clock + CLOCK_PARTICLE) * <u64>int(d, 8, 4);
  openReader(scratch);
  for (let i = start; i < end; i++) {
    const offset = <usize>i << 2;
    let sum = cy != 0 ? cy * <f64>load<f32>(y + offset) : 0;
    for (let s: usize = 0; s < 5; s++) {
      const coefficient = <f64>load<f32>(at + (s << 2), 4);
      if (coefficient != 0) sum += coefficient * <f64>load<f32>(binding(d, 2 + s) + offset);
    }
    if (amplitude != 0) sum += amplitude * normalAt(scratch, first + i, step, stream, key0, key1);
    store<f32>(y + offset, <f32>sum);
  }
}
