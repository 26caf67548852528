import { modelShapeOf } from '../families/shape.js';
import { atParameters, parameterCount } from '../model/budget.js';
import type { RunConfig } from '../model/run_config.js';

/** How many numbers a run trains, over all its networks and what it has besides. */
export const parametersOf = (config: RunConfig): number => parameterCount(modelShapeOf(config));

/** Whether a run has networks, whose width may be chosen. */
export const hasNetworks = (config: RunConfig): boolean =>
  Object.keys(modelShapeOf(config).networks).length > 0;

/**
 * A run with as many trained parameters as are asked for, within 5 %: its widths follow, in proportion.
 * @throws TributaryError('bad-input') where no width comes as near, with the nearest
 */
export const withParameters = <S extends object>(config: RunConfig<S>, budget: number): RunConfig<S> =>
  atParameters(config, budget, (run) => modelShapeOf(run as RunConfig));
