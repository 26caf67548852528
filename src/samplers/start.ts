import { randomNormal } from '../backend/contracts/draw.js';
import type { DeviceArray } from '../backend/kernel.js';
import { Trace } from '../backend/trace.js';
import { STREAM, seedKey } from '../random/random.js';

/**
 * Particles at their start: N(0, scale² I), a pure function of the seed and of a particle's number, which the clock
 * counts from.
 * @param x [particles·dim]
 */
export function startTrace(
  { clock, x }: { readonly clock: DeviceArray; readonly x: DeviceArray },
  seed: number,
  dim: number,
  scale: number,
): Trace {
  const [seedLow, seedHigh] = seedKey(seed);
  const trace = new Trace();
  const draw = { seedLow, seedHigh, stream: STREAM.start, n: x.length, dim, scale };
  trace.call(randomNormal, { clock, out: x }, draw);
  return trace;
}
