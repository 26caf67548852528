import type { Backend } from '../backend/backend.js';
import type { Dataset } from '../data/dataset.js';
import { badInput } from '../errors.js';
import { interpolantStages } from '../families/interpolant/stages.js';
import { asInterpolant, familyByName } from '../families/registry.js';
import { buildModel } from '../families/shape.js';
import type { Schedule } from '../interpolant/schedule.js';
import { type Monitor, type Source, type Stage, sourceOf } from '../model/phase.js';
import type { RunConfig } from '../model/run_config.js';
import { Fitting } from '../train/fitting.js';
import type { Learner } from '../train/learner.js';
import { Trainer } from '../train/trainer.js';
import { checkDataset, checkRunConfig } from './config.js';
import { stagesOf, stepsOf } from './stages.js';

/**
 * The trainer of a run's first stage, which takes steps.
 * @param dataset as given; the config's transform is applied here
 * @param own.interpolant a path and γ of the caller's own, in place of those that an interpolant's settings name
 * @throws TributaryError('bad-input') when the config makes no sense, or the data are not those that it describes
 */
export async function createTrainer<S extends object>(
  engine: Backend,
  config: RunConfig<S>,
  dataset: Dataset,
  own: { readonly interpolant?: Schedule } = {},
): Promise<Trainer<S>> {
  checkRunConfig(config);
  checkDataset(config, dataset);
  const [stage] = (
    own.interpolant ? interpolantStages(asInterpolant(config), own.interpolant) : stagesOf(config)
  ) as readonly Stage<S>[];
  if (stage.fit) badInput(`${config.family} is fitted at once and has nothing to train: take a Course`);
  return trainerOf(engine, config, stage, sourceOf(dataset, config));
}

const trainerOf = <S extends object>(
  engine: Backend,
  config: RunConfig<S>,
  stage: Stage<S>,
  source: Source,
): Promise<Trainer<S>> =>
  Trainer.create({
    ...{ config, stage, source, steps: stepsOf(config, stage) },
    model: buildModel(engine, config, true),
  });

/**
 * What takes the steps of one of a run's stages.
 * @param index of the stage
 * @param source what it learns from, in the network's coordinates
 */
export async function stageLearner(
  engine: Backend,
  config: RunConfig,
  index: number,
  source: Source,
): Promise<Learner> {
  const stage = stagesOf(config)[index];
  if (stage.fit) return new Fitting(config, buildModel(engine, config), stage.fit, source);
  return trainerOf(engine, config, stage, source);
}

/** What watches a training beside its losses; null where its family has nothing to watch. */
export async function monitorOf(trainer: Trainer, dataset: Dataset): Promise<Monitor | null> {
  return (await familyByName(trainer.config.family).monitor?.(trainer, dataset)) ?? null;
}
