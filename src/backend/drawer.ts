import type { CounterRandom } from '../random/random.js';

/** One, odd, prime, larger than a workgroup. */
const SIZES = [1, 2, 3, 5, 7, 16, 31, 63, 64, 65, 97, 127, 128, 129, 257];

/** Draws numbers one after another from an addressed generator: the random shapes of the cross-check. */
export class Drawer {
  private element = 0;

  constructor(private readonly random: CounterRandom) {}

  below(n: number): number {
    return this.random.integer(this.element++, n);
  }

  uniform(): number {
    return this.random.uniform(this.element++);
  }

  /** A size, at most `largest`. */
  size(largest = 257): number {
    const sizes = SIZES.filter((size) => size <= largest);
    return sizes[this.below(sizes.length)];
  }

  /** Elements of an array without rows. */
  elements(): number {
    return this.size() * this.size(31);
  }

  bits(): number {
    return this.below(2 ** 32 - 1);
  }

  /** A seed's two words and a stream. */
  seed(): { seedLow: number; seedHigh: number; stream: number } {
    return { seedLow: this.bits(), seedHigh: this.below(2 ** 21), stream: this.below(15) };
  }
}
