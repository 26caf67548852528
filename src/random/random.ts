import { badInput } from '../errors.js';
import { normalsFromBits, uniformFromBits } from './normal.js';
import { type Block, mulHigh, philox } from './philox.js';

/**
 * What a draw is for. Each purpose has its own stream, so that no two uses of one seed share bits, whatever
 * order they happen in. The numbers are part of the checkpoint format: never reuse or renumber one.
 */
export const STREAM = {
  /** The training set: resampling data from its distribution. */
  data: 1,
  /** Weights and feature frequencies at the start. */
  initialisation: 2,
  /** Which training points make up a batch. */
  batchIndex: 3,
  /** Interpolation times t. */
  time: 4,
  /** Base points x0. */
  base: 5,
  /** The interpolant's own noise z. */
  latent: 6,
  /** Label dropout for guidance. */
  labelDropout: 7,
  /** Where a sampler starts. */
  start: 8,
  /** The Brownian increments of an SDE solver. */
  brownian: 9,
  /** Labels of generated samples. */
  sampleLabel: 10,
  /** Fresh true samples, projections and other draws of an evaluation. */
  evaluation: 11,
  /** The ambient lift's matrix and offset. */
  ambient: 12,
  /** Random test inputs. */
  test: 13,
  /** Draws from a transport plan. */
  coupling: 14,
  /** Random starts of what a baseline is fitted by, and the rows it is chosen on. */
  baselineFit: 40,
  /** Samples of a baseline. */
  baselineSample: 41,
  /** The first of the draws that a training phase makes, in their order. */
  phase: 1000,
  /** The first of the draws that a generator makes besides its start. */
  generator: 2000,
  /** Hutchinson's probes. */
  probe: 30,
  /** Noise and times of a likelihood bound. */
  bound: 31,
} as const;

/** A seed as the two key words of the generator. Seeds are whole numbers from 0 to 2⁵³ − 1. */
export function seedKey(seed: number): [number, number] {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    badInput(`seed ${seed} is not a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`);
  }
  return [seed % 2 ** 32, Math.floor(seed / 2 ** 32)];
}

/**
 * Random numbers addressed by (seed, stream, step, element). Element e of a stream is word e mod 4 of block
 * ⌊e/4⌋; normals 2k and 2k + 1 come from words 2k and 2k + 1.
 */
export class CounterRandom {
  private readonly block: Block = [0, 0, 0, 0];
  private readonly pair: [number, number] = [0, 0];
  private cachedBlock = -1;

  private readonly key0: number;
  private readonly key1: number;

  /**
   * @param seed whole number from 0 to 2⁵³ − 1, or its two key words
   * @param stream one of {@link STREAM}
   * @param step the training or sampling step; 0 where there is none
   */
  constructor(
    seed: number | readonly [number, number],
    private readonly stream: number,
    private readonly step = 0,
  ) {
    [this.key0, this.key1] = typeof seed === 'number' ? seedKey(seed) : seed;
  }

  private load(index: number): void {
    if (index === this.cachedBlock) return;
    const high = Math.floor(index / 2 ** 32);
    philox(index >>> 0, high, this.step >>> 0, this.stream, this.key0, this.key1, this.block);
    this.cachedBlock = index;
  }

  /** 32 random bits as an unsigned integer. */
  bits(element: number): number {
    this.load(Math.floor(element / 4));
    return this.block[element % 4];
  }

  /** A uniform number in (0, 1). */
  uniform(element: number): number {
    return uniformFromBits(this.bits(element));
  }

  /** A whole number from 0 to n − 1, by the high half of a 32×32 product (bias below n·2⁻³²). */
  integer(element: number, n: number): number {
    return mulHigh(this.bits(element), n);
  }

  /** A standard normal number. */
  normal(element: number): number {
    this.load(Math.floor(element / 4));
    const half = element % 4 < 2 ? 0 : 2;
    normalsFromBits(this.block[half], this.block[half + 1], this.pair);
    return this.pair[element % 2];
  }
}
