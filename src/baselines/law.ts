import type { CounterRandom } from '../random/random.js';
import type { Tensors } from './tensors.js';

/** A distribution over ℝ^d that was fitted to points without labels. */
export interface Law {
  readonly dim: number;
  /** Words of random bits that a draw takes. */
  readonly words: number;
  /** What describes the fit in a line: bandwidth, components, neighbours … Lengths are in the data's units. */
  readonly facts: Readonly<Record<string, number>>;
  /**
   * Draws one point.
   * @param element the first word of random bits that it is a function of, a multiple of 4
   * @param out receives the d coordinates at `at`
   */
  draw(random: CounterRandom, element: number, out: Float64Array, at: number): void;
  /** ln p of points [n, d], nats: [n]. Absent where there is no density. */
  logDensity?(points: Float64Array): Float64Array;
  tensors(): Tensors;
}
