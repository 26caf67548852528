import type { Units } from '../data/units.js';
import type { MlpConfig } from '../nn/mlp.js';
import type { OptimizerConfig } from '../nn/schedule.js';

/** What of a network's shape is the same in every role: the rest follows from the family and the data. */
export type NetworkShape = Omit<MlpConfig, 'dim' | 'outputs' | 'classes' | 'timed' | 'outputGain'>;

/** What a run is trained on. */
export interface DataConfig {
  /** A known distribution, or a label for the user's own points. */
  readonly name: string;
  /** Where the user's own points came from. */
  readonly file?: string;
  /** How the first line of that file was to be read, and of the base's, where it had to be said. */
  readonly header?: 'yes' | 'no';
  /** Names of the coordinates, where the file gives them. */
  readonly columns?: readonly string[];
  readonly rows: number;
  readonly dim: number;
  /** Dimension that a known distribution was lifted to; 0 for none. */
  readonly ambient: number;
  /** Classes that the model is given; 0 for an unconditional one. */
  readonly classes: number;
  /** How many training points have each label, for a conditional model: samples keep these proportions. */
  readonly labelCounts?: readonly number[];
  /** Where x0 comes from, when it is a set of points and not Gaussian: how many, and a name or file. */
  readonly base?: {
    readonly name: string;
    readonly file?: string;
    readonly rows: number;
    /** SHA-256 of a file's points, in their canonical order. */
    readonly digest?: string;
  };
  /**
   * SHA-256 of the training points and labels: a run does not continue on other data. A file's rows count in their
   * canonical order, in which they are trained on: the same rows in another order are the same data.
   */
  readonly digest: string;
}

/**
 * Everything that determines a run of any family. Written beside a checkpoint, it rebuilds the run exactly.
 * @typeParam S the family's settings
 */
export interface RunConfig<S extends object = object> {
  readonly format: 2;
  readonly family: string;
  readonly data: DataConfig;
  /** Data are trained on as (x − offset)/scale, one scale for all coordinates, so that directions keep their ratio. */
  readonly transform: Units;
  /** What the family's objective is made of. */
  readonly settings: S;
  /** The shape of every network. */
  readonly network: NetworkShape;
  /** What differs from it in a role. */
  readonly networks?: Readonly<Record<string, Partial<NetworkShape>>>;
  readonly optimizer: OptimizerConfig;
  /** What differs from it in a phase. */
  readonly optimizers?: Readonly<Record<string, Partial<OptimizerConfig>>>;
  /** Steps of each stage of the training. */
  readonly steps: number;
  /** Those of stages that have another number, by name. */
  readonly stages?: Readonly<Record<string, number>>;
  readonly batch: number;
  /** Share of labels hidden in training, so that a conditional network also learns the whole. */
  readonly labelDropout: number;
  readonly seed: number;
}

/** What a family may take from the training data, after their transform. */
export interface DataScale {
  /** Standard deviation of a coordinate about 0, averaged over coordinates. */
  readonly sigma: number;
  /** Standard deviation in the direction in which it is largest. */
  readonly spread: number;
  /** Distance of the mean from 0, where the base has its own. */
  readonly distance: number;
}
