import type { Backend } from '../backend/backend.js';
import { conditionsOf } from '../model/conditions.js';
import { Model, type ModelShape } from '../model/model.js';
import type { RunConfig } from '../model/run_config.js';
import { familyByName } from './registry.js';

/** What a run's model is made of. */
export const modelShapeOf = (config: RunConfig): ModelShape => familyByName(config.family).model(config);

/**
 * A run's model as it is before it is trained.
 * @param training also allocates gradients
 */
export function buildModel(engine: Backend, config: RunConfig, training = false): Model {
  const model = new Model(engine, modelShapeOf(config), config.seed, training);
  model.conditions = conditionsOf(config);
  return model;
}
