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
  /** [stepCount + 1] the time after so many steps, from 0, the noise, to 1, the data */
  readonly times: Float64Array;
  /** [stepCount] standard deviation of the noise that each step adds; 0 where it adds none */
  readonly noise: Float64Array;
  /** Whether nothing lies between two of its states: a way from one to the next is drawn, and not the model's. */
  readonly jumps: boolean;
  /** Puts one tile of particles at its start. @throws TributaryError('bad-input') for what does not fit the model */
  begin(options?: Pick<SampleOptions, 'labels' | 'start'>): Promise<void>;
  /** Takes steps from where the particles are. @throws TributaryError('bad-input') for steps beyond the last */
  advance(steps: number): Promise<void>;
}

/** Whether a generator's particles can be looked at between its steps. */
export const isStepwise = (generator: Generator): generator is StepwiseGenerator => 'advance' in generator;

/** Of every family's generator. */
export interface GeneratorOptions<O extends object = object> {
  readonly seed: number;
  /** Particles moved together at the most; the backend's own number if not given. */
  readonly tile?: number;
  /** How the family samples, where it is to differ from its own way: a solver and its steps. */
  readonly sampling?: O;
}
