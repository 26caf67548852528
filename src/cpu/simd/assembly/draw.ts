/** Random numbers on the device, and the interpolant's draw. */
import { binding, CLOCK_PARTICLE, CLOCK_STEP, int, param } from './common';
import { bitsAt, normalAt, openReader, READER, uniform } from './random';

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

/** Items are rows. */
export function interpolant_draw(d: usize, start: u32, end: u32, scratch: usize): void {
  const step = load<u32>(binding(d, 0) + CLOCK_STEP);
  const data = binding(d, 1);
  const label = binding(d, 2);
  const x = binding(d, 3);
  const t = binding(d, 4);
  const velocity = binding(d, 5);
  const noise = binding(d, 6);
  const drawnLabel = binding(d, 7);
  const key0 = int(d, 8, 0);
  const key1 = int(d, 8, 1);
  const batch = int(d, 8, 2);
  const dim = int(d, 8, 3);
  const rows = int(d, 8, 4);
  const sourceRows = int(d, 8, 5);
  const hasGamma = int(d, 8, 7) != 0;
  const gammaScale = param(d, 8, 8);
  const stratified = int(d, 8, 9) != 0;
  const timeMin = param(d, 8, 10);
  const timeMax = param(d, 8, 11);
  const antithetic = int(d, 8, 12) != 0;
  const classes = int(d, 8, 13);
  const labelDropout = param(d, 8, 14);
  const draws = antithetic ? <f64>batch / 2 : <f64>batch;
  for (let r: usize = 0; r < 5; r++) openReader(scratch + r * READER);
  const indexes = scratch;
  const times = scratch + READER;
  const bases = scratch + 2 * READER;
  const latents = scratch + 3 * READER;
  const drops = scratch + 4 * READER;
  for (let b = start; b < end; b++) {
    const draw = antithetic ? b >> 1 : b;
    const sign: f64 = antithetic && (b & 1) == 1 ? -1 : 1;
    const index = below(bitsAt(indexes, draw, step, BATCH_INDEX, key0, key1), rows);
    let source: u32 = 0;
    if (sourceRows != 0) source = rows + below(bitsAt(bases, draw, step, BASE, key0, key1), sourceRows);
    const u = uniform(bitsAt(times, draw, step, TIME, key0, key1));
    const time = timeMin + (timeMax - timeMin) * (stratified ? (<f64>draw + u) / draws : u);
    store<f32>(t + (b << 2), <f32>time);
    const dropped = uniform(bitsAt(drops, draw, step, LABEL_DROPOUT, key0, key1)) < labelDropout;
    store<u32>(drawnLabel + (b << 2), dropped ? classes : load<u32>(label + (index << 2)));
    let gamma: f64 = 0;
    let gammaDot: f64 = 0;
    if (hasGamma) {
      const variance = time * (1 - time);
      gamma = Math.sqrt(gammaScale * variance);
      gammaDot = (Math.sqrt(gammaScale) * (1 - 2 * time)) / (2 * Math.sqrt(variance));
    }
    for (let j: u32 = 0; j < dim; j++) {
      const element = <u64>draw * <u64>dim + j;
      const x1 = <f64>load<f32>(data + ((index * dim + j) << 2));
      const x0 =
        sourceRows != 0
          ? <f64>load<f32>(data + ((source * dim + j) << 2))
          : normalAt(bases, element, step, BASE, key0, key1);
      const z = gamma == 0 ? 0.0 : sign * normalAt(latents, element, step, LATENT, key0, key1);
      const at = (b * dim + j) << 2;
      store<f32>(x + at, <f32>((1 - time) * x0 + time * x1 + gamma * z));
      store<f32>(velocity + at, <f32>(x1 - x0 + gammaDot * z));
      store<f32>(noise + at, <f32>(gamma == 0 ? x0 : z));
    }
  }
}
