import type { Fitted } from '../model/fitted.js';
import type { Model } from '../model/model.js';
import type { RunConfig } from '../model/run_config.js';

/** Training losses of one step: the mean over the batch of each, and the gradient's global norm. */
export interface StepRecord {
  /** 1 for the first step. */
  readonly step: number;
  /** By the names that the phases give them: an interpolant's by head, E½w|prediction − target|². */
  readonly losses: Readonly<Record<string, number>>;
  readonly gradientNorm: number;
  /** What is measured in a step and not minimised. */
  readonly observed?: Readonly<Record<string, number>>;
}

/** What has to be kept to go on training to the bit. */
export interface TrainingState {
  readonly step: number;
  /** Tensors by parameter name. */
  readonly parameters: ReadonlyMap<string, ArrayLike<number>>;
  readonly average: ReadonlyMap<string, ArrayLike<number>>;
  readonly m: ReadonlyMap<string, ArrayLike<number>>;
  readonly v: ReadonlyMap<string, ArrayLike<number>>;
  /** What has been fitted at once, where the model has such numbers. */
  readonly fitted?: Fitted;
}

/** What takes the steps of one stage: a network's, or the one step of a fit. */
export interface Learner<S extends object = object> {
  readonly config: RunConfig<S>;
  readonly model: Model;
  /** Steps done so far. */
  readonly step: number;
  /** Those of its stage. */
  readonly steps: number;
  /** Takes up to `count` steps. @throws TributaryError('diverged') naming the first step whose loss is not finite */
  train(count: number): Promise<StepRecord[]>;
  /** The records that {@link train} has not returned yet. @throws TributaryError('diverged') */
  flush(): Promise<StepRecord[]>;
  /** @throws TributaryError('diverged') when the last update has left something that is not finite */
  state(): Promise<TrainingState>;
  /** Goes on from a state. @throws TributaryError('bad-checkpoint') when it is not one of this model */
  restore(state: TrainingState): void;
  destroy(): void;
}
