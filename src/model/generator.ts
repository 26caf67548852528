import type { DeviceArray } from '../backend/kernel.js';
import type { SampleOptions, Samples } from './samples.js';

/** Draws from a trained model: sample i is a pure function of the seed and i, however many are drawn together. */
export interface Generator {
  /** Network evaluations a sample; of an adaptive solver those of the last draw, on average. */
  readonly evaluations: number;
  /** @throws TributaryError('bad-input') for options that do not fit the model */
  sample(options: SampleOptions): Promise<Samples>;
  destroy(): void;
}

/** A generator whose particles can be looked at between its steps: what the page's player plays. */
export interface StepwiseGenerator extends Generator {
  /** [particleCount, dim] where the particles of the tile at hand are, on the device. */
  readonly particles: DeviceArray;
  readonly particleCount: number;
  readonly stepCount: number;
  /** Puts one tile of particles at its start. */
  begin(options?: Pick<SampleOptions, 'labels' | 'start'>): Promise<void>;
  /** Takes steps from where the particles are. */
  advance(steps: number): Promise<void>;
}

/** Of every family's generator. */
export interface GeneratorOptions<O extends object = object> {
  readonly seed: number;
  /** Particles moved together at the most; the backend's own number if not given. */
  readonly tile?: number;
  /** How the family samples, where it is to differ from its own way: a solver and its steps. */
  readonly sampling?: O;
}
