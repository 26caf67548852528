import { TributaryError } from '../errors.js';
import type { ModelTensors } from '../model/model.js';
import type { RunConfig } from '../model/run_config.js';
import { tensorsOf, totalSteps } from '../run/stages.js';
import {
  checkTrainingState,
  decodeTrainingState,
  encodeModel,
  encodeTrainingState,
  trainingStateHead,
} from '../train/checkpoint.js';
import type { TrainingState } from '../train/learner.js';
import { sha256 } from './digest.js';

/**
 * What a run has come to is one fact in one file, the training state: it is written in one step, and everything else
 * in the folder follows from it. A model's file is the state's average in other words, so where the two disagree,
 * as after a kill between their writings, the state is right and the model is made anew. The state notes the digest of
 * the model that goes with it, so that this is seen without reading its numbers.
 */

/** SHA-256 of the model that goes with a state. */
const MODEL_DIGEST = 'model_sha256';
/** SHA-256 of the model of the stage before, which a stage was begun from. */
const STAGE_DIGEST = 'round_sha256';

/** A state as it goes on disk, and the model that goes with it. */
export interface Checkpoint {
  readonly state: Uint8Array;
  readonly model: Uint8Array;
}

/** @param stageBefore the model that the stage was begun from, if it is not the first */
export function encodeCheckpoint(
  config: RunConfig,
  tensors: ModelTensors,
  state: TrainingState,
  stageBefore?: Uint8Array,
): Checkpoint {
  const model = encodeModel(tensors, state, config);
  const notes = {
    [MODEL_DIGEST]: sha256(model),
    ...(stageBefore === undefined ? {} : { [STAGE_DIGEST]: sha256(stageBefore) }),
  };
  return { state: encodeTrainingState(tensors, state, notes), model };
}

/**
 * A run's state.
 * @param file what to call it in an error
 * @throws TributaryError('bad-checkpoint') when it is damaged, or another run's
 */
export function decodeState(bytes: Uint8Array, file: string, config: RunConfig): TrainingState {
  const state = decodeTrainingState(bytes, file);
  const last = totalSteps(config);
  if (state.step > last)
    throw new TributaryError(
      'bad-checkpoint',
      `${file} is at step ${state.step}, the config ends at ${last}`,
    );
  checkTrainingState(tensorsOf(config), state, file);
  return state;
}

/** The model that goes with a state: the very bytes that were written with it, or are still to be. */
export const modelOf = (state: TrainingState, config: RunConfig): Uint8Array =>
  encodeModel(tensorsOf(config), state, config);

/** A file's head; null where it cannot be read as one. */
function headOf(bytes: Uint8Array): ReturnType<typeof trainingStateHead> | null {
  try {
    return trainingStateHead(bytes, 'it');
  } catch (error) {
    if (error instanceof TributaryError) return null;
    throw error;
  }
}

/** The step of a state; null where it cannot be read as one. */
export const stepOf = (state: Uint8Array): number | null => headOf(state)?.step ?? null;

/**
 * Whether a model is the one that goes with a state. A state of an earlier version knows no digest: then the steps
 * have to agree.
 * @param state the bytes of its file; one that cannot be read says nothing against a model
 */
export function goesWith(model: Uint8Array, state: Uint8Array): boolean {
  const head = headOf(state);
  if (head === null) return true;
  const digest = head.notes.get(MODEL_DIGEST);
  return digest === undefined ? headOf(model)?.step === head.step : digest === sha256(model);
}

/** Whether a state's stage was begun from this model; true where the state does not say. */
export function wasBegunFrom(state: Uint8Array, stageBefore: Uint8Array): boolean {
  const digest = headOf(state)?.notes.get(STAGE_DIGEST);
  return digest === undefined || digest === sha256(stageBefore);
}
