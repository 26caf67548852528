/** A model's training from its first step on, as the page asks for it: endlessly, and saved as bytes. */
import {
  Course,
  type Dataset,
  decodeTrainingState,
  type Engine,
  encodeModel,
  encodeTrainingState,
  type RunConfig,
  type StepRecord,
} from 'tributary-engine';
import type { Saved } from './messages.js';

/**
 * @param saved where to go on from; null for the first step
 * @throws TributaryError('bad-checkpoint') where `saved` is not of this model
 */
export function openCourse(
  engine: Engine,
  config: RunConfig,
  dataset: Dataset,
  saved: Saved | null,
): Promise<Course> {
  if (saved === null) return Course.create(engine, config, dataset);
  const { bytes, step, whole, before = null } = saved;
  const from = whole ? { ...decodeTrainingState(bytes, 'the saved run'), step } : { model: bytes, step };
  return Course.create(engine, config, dataset, { from, before });
}

/** Takes up to `count` steps, in one stage. @throws TributaryError('diverged') */
export async function takeSteps(course: Course, count: number): Promise<StepRecord[]> {
  if (course.step < course.stageEnd || course.finished) return course.train(count);
  const last = await course.flush();
  await course.nextStage();
  return last;
}

/**
 * The averaged model's file.
 * @param config that it travels with
 * @throws TributaryError('diverged')
 */
export const modelFile = async (course: Course, config: RunConfig): Promise<Uint8Array> =>
  encodeModel(course.model, await course.state(), config);

/** What has to be kept to go on to the bit. @throws TributaryError('diverged') */
export const wholeState = async (
  course: Course,
): Promise<{ bytes: Uint8Array; before: Uint8Array | null }> => ({
  bytes: encodeTrainingState(course.model, await course.state()),
  before: course.before,
});
