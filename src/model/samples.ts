import { badInput } from '../errors.js';
import { type Conditions, checkLabels } from './conditions.js';

export interface SampleOptions {
  readonly n: number;
  /** [n] labels of a conditional model, below its number of classes; that number itself means "no label" */
  readonly labels?: Uint32Array;
  /** Steps after which to keep the particles, counted from 0, the start. */
  readonly frames?: readonly number[];
  /**
   * [n·dim] starting points in the network's coordinates, (x − offset)/scale of the run's transform, as `points` come
   * back: noise for a run from t = 0, data for one from t = 1. Normals of the seed, as wide as the base, if not given.
   */
  readonly start?: Float64Array;
  /**
   * Is given the particles from `first` on as each tile reaches a frame, or the end (`frame` is then the number of
   * frames), instead of having them kept: `points` and `frames` of the result are empty. For points of many coordinates.
   */
  readonly take?: (values: Float64Array, first: number, frame: number) => void;
  /** Called with the particles done so far. */
  readonly onProgress?: (done: number) => void | Promise<void>;
}

export interface Samples {
  /** [n·dim] in the network's coordinates: offset + scale·x in the units of the data, at both ends of time */
  readonly points: Float64Array;
  /** As asked for in `frames`, each [n·dim]. */
  readonly frames: readonly Float64Array[];
}

/** Why a run from data to noise cannot begin on its own. */
export const BUSY = 'this sampler is in the middle of other samples: wait for them, or create another';

export const BACKWARD_START = 'a run from t = 1 begins at data: give the points to start from';

/**
 * @param network what is sampled: its coordinates, its classes, 0 for none, and what those were trained with
 * @param steps the solver's, which frames count
 * @throws TributaryError('bad-input') for an n that is not positive, and for labels, starting points or frames that
 *   do not fit, and for labels that were never trained
 */
export function checkSamples(
  { n, labels, start, frames = [] }: SampleOptions,
  network: { readonly dim: number; readonly classes: number; readonly conditions?: Conditions | null },
  steps: number,
): void {
  const { dim, classes, conditions } = network;
  if (!Number.isInteger(n) || n < 1) badInput(`the number of samples is ${n}; it must be 1 or more`);
  if (classes > 0) {
    if (labels?.length !== n) badInput(`a conditional model needs ${n} labels`);
    const bad = labels.findIndex((label) => !(label <= classes));
    if (bad >= 0) badInput(`label ${labels[bad]} of sample ${bad + 1} is not one of 0 to ${classes}`);
    if (conditions) checkLabels(conditions, labels);
  } else if (labels !== undefined) badInput('this model knows no labels');
  if (start !== undefined && start.length !== n * dim)
    badInput(`${n} samples need ${n * dim} starting coordinates, got ${start.length}`);
  if (start?.some((value) => !Number.isFinite(value))) badInput('a starting coordinate is not finite');
  for (const frame of frames)
    if (!Number.isInteger(frame) || frame < 0 || frame > steps)
      badInput(`frame ${frame} is not a step from 0 to ${steps}`);
}
