/**
 * A linear combination of what a solver's step knows: the particles x, the outputs of the networks' evaluations
 * so far, what the step before has kept, and the step's noise ξ. A solver written on these instead of on numbers
 * says which coefficients a device needs.
 */
export class Terms {
  private constructor(
    readonly x: number,
    /** Coefficients of the evaluations, by number. */
    readonly slots: readonly number[],
    readonly previous: number,
    readonly noise: number,
  ) {}

  static readonly zero = new Terms(0, [], 0, 0);
  static readonly x = new Terms(1, [], 0, 0);
  static readonly previous = new Terms(0, [], 1, 0);
  static readonly noise = new Terms(0, [], 0, 1);

  static slot(index: number): Terms {
    const slots = new Array<number>(index + 1).fill(0);
    slots[index] = 1;
    return new Terms(0, slots, 0, 0);
  }

  times(factor: number): Terms {
    const slots = this.slots.map((value) => factor * value);
    return new Terms(factor * this.x, slots, factor * this.previous, factor * this.noise);
  }

  /** this + factor·other */
  plus(other: Terms, factor = 1): Terms {
    const length = Math.max(this.slots.length, other.slots.length);
    const slots = new Array<number>(length);
    for (let s = 0; s < length; s++) slots[s] = (this.slots[s] ?? 0) + factor * (other.slots[s] ?? 0);
    return new Terms(
      this.x + factor * other.x,
      slots,
      this.previous + factor * other.previous,
      this.noise + factor * other.noise,
    );
  }

  /** Whether this is x itself. */
  get isX(): boolean {
    return (
      this.x === 1 && this.previous === 0 && this.noise === 0 && this.slots.every((value) => value === 0)
    );
  }

  get isFinite(): boolean {
    return [this.x, this.previous, this.noise, ...this.slots].every(Number.isFinite);
  }
}
