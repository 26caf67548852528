import { familyByName } from '../families/registry.js';
import { modelShapeOf } from '../families/shape.js';
import { type ModelTensors, modelTensors } from '../model/model.js';
import type { Stage } from '../model/phase.js';
import type { RunConfig } from '../model/run_config.js';

/** The stages of a run's training, one after the other. */
export const stagesOf = (config: RunConfig): readonly Stage[] => familyByName(config.family).stages(config);

/** A fit is one step, whatever the config says. */
export const stepsOf = (config: RunConfig, { name, fit }: Pick<Stage, 'name' | 'fit'>): number =>
  fit ? 1 : (config.stages?.[name] ?? config.steps);

/** Whether a run takes any steps of an optimiser: what a config says of networks and steps counts then. */
export const takesSteps = (config: RunConfig): boolean => stagesOf(config).some(({ fit }) => !fit);

/** Steps of all stages together. */
export const totalSteps = (config: RunConfig): number => stepsBefore(config, stagesOf(config).length);

/** Steps of the stages before one. @param index of the stage */
export const stepsBefore = (config: RunConfig, index: number): number =>
  stagesOf(config)
    .slice(0, index)
    .reduce((sum, stage) => sum + stepsOf(config, stage), 0);

/** Where a run is: one of its stages, and the steps taken before it began. */
export interface Place {
  readonly index: number;
  readonly stage: Stage;
  readonly before: number;
}

/**
 * The stage that a run is in after so many steps. At the boundary of two it is the one that has ended; after none at all
 * the first.
 */
export function placeOf(config: RunConfig, step: number): Place {
  const stages = stagesOf(config);
  const found = stages.findIndex((_, index) => step <= stepsBefore(config, index + 1));
  const index = found < 0 ? stages.length - 1 : found;
  return { index, stage: stages[index], before: stepsBefore(config, index) };
}

/**
 * The config that a run's model is sampled by: the run's own, but for the settings that a stage has changed, as the times
 * of a model that is being distilled, or has been, whose velocity was trained at t = 0 alone.
 * @param step the model's, counted over all stages
 */
export function sampledConfig<S extends object>(config: RunConfig<S>, step: number): RunConfig<S> {
  const { settings } = placeOf(config, step).stage;
  return settings === undefined ? config : { ...config, settings: settings as S };
}

/** The tensors of a run's model, on no device. */
export const tensorsOf = (config: RunConfig): ModelTensors => modelTensors(modelShapeOf(config), config.seed);
