import { badInput } from '../errors.js';
import type { CounterRandom } from '../random/random.js';
import type { Frame } from './frame.js';
import type { Law } from './law.js';
import { type Tensors, tensor } from './tensors.js';

/** A distribution over the coordinates of a frame. */
export interface InnerLaw {
  readonly words: number;
  draw(random: CounterRandom, element: number, out: Float64Array, at: number): void;
  /** ln p of points [n, r]: [n] */
  logDensity(points: Float64Array): Float64Array;
}

/** A distribution within the plane of a frame, and an independent N(0, rest·I) across it. */
export class FramedLaw implements Law {
  readonly dim: number;
  readonly words: number;
  /** Where the words of the noise across the plane begin. */
  private readonly across: number;
  private readonly y: Float64Array;
  private readonly noise: Float64Array;

  /** @param rest variance across the plane, in the frame's units */
  constructor(
    readonly frame: Frame,
    private readonly inner: InnerLaw,
    private readonly rest: number,
    readonly facts: Readonly<Record<string, number>>,
    private readonly ownTensors: Tensors,
  ) {
    const { dim, rank } = frame;
    this.dim = dim;
    this.across = 2 * Math.ceil(inner.words / 2);
    this.words = this.across + (rank < dim ? dim : 0);
    this.y = new Float64Array(rank);
    this.noise = new Float64Array(dim);
  }

  draw(random: CounterRandom, element: number, out: Float64Array, at: number): void {
    const { frame, inner, noise, y, across, rest } = this;
    inner.draw(random, element, y, 0);
    if (frame.basis) {
      const std = Math.sqrt(rest);
      for (let i = 0; i < noise.length; i++) noise[i] = std * random.normal(element + across + i);
    }
    frame.place(y, noise, out, at);
  }

  logDensity(points: Float64Array): Float64Array {
    const { frame, inner, rest, dim } = this;
    if (points.length % dim !== 0) badInput(`${points.length} numbers are not rows of ${dim} coordinates`);
    const { inside, off } = frame.of(points);
    const level = 0.5 * (dim - frame.rank) * Math.log(2 * Math.PI * rest) + frame.logScale;
    return inner.logDensity(inside).map((value, row) => value - 0.5 * (off[row] / rest) - level);
  }

  tensors(): Tensors {
    return new Map([...this.frame.tensors(), ['rest', tensor([this.rest])], ...this.ownTensors]);
  }
}
