import { pauses } from '../backend/pause.js';
import { badInput } from '../errors.js';
import type { Conditions } from '../model/conditions.js';
import type { Generator } from '../model/generator.js';
import { checkSamples, type SampleOptions, type Samples } from '../model/samples.js';

/** What a generator on the host draws for. */
export interface HostDrawn {
  readonly dim: number;
  /** Labels of a conditional model; 0 for others. */
  readonly classes: number;
  readonly conditions: Conditions | null;
}

/**
 * Points `first` to `first + count` in the network's coordinates, [count, dim], each a pure function of its number.
 * @param labels [count] of a conditional model; its number of classes means "no label"
 */
export type HostDraw = (first: number, count: number, labels: Uint32Array | null) => Float64Array;

const TILE = 8192;

/** Draws in float64 without a device: what has no network. */
export class HostGenerator implements Generator {
  readonly evaluations = 0;

  constructor(
    private readonly what: HostDrawn,
    private readonly draw: HostDraw,
    private readonly tile = TILE,
  ) {
    if (!Number.isInteger(tile) || tile < 1) badInput(`a tile is ${tile} particles; it must be 1 or more`);
  }

  async sample(options: SampleOptions): Promise<Samples> {
    const { n, labels, start, frames = [], take, onProgress } = options;
    if (start !== undefined) badInput('this family draws its samples from nothing: leave the start out');
    if (frames.length > 0) badInput('this family draws its samples in one go and keeps no frames');
    checkSamples(options, this.what, 0);
    const { dim } = this.what;
    const points = take ? new Float64Array(0) : new Float64Array(n * dim);
    const pause = pauses();
    for (let first = 0; first < n; first += this.tile) {
      const count = Math.min(this.tile, n - first);
      const values = this.draw(first, count, labels?.subarray(first, first + count) ?? null);
      if (take) take(values, first, 0);
      else points.set(values, first * dim);
      await onProgress?.(first + count);
      await pause();
    }
    return { points, frames: [] };
  }

  destroy(): void {}
}
