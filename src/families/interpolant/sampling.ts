import { type InterpolantConfig, scheduleOf } from '../../interpolant/config.js';
import { defaultGrid, type GridName } from '../../interpolant/grids.js';
import type { Generator, GeneratorOptions } from '../../model/generator.js';
import type { Trained } from '../../model/phase.js';
import { adaptiveSampling, type SamplingOptions, samplingTable } from '../../samplers/plan.js';
import { Sampler } from '../../samplers/sampler.js';
import { freeSolvers } from '../../samplers/solvers.js';
import { isDistilled, trainedTimes } from '../../samplers/trained_times.js';
import type { InterpolantFamily } from './recipe.js';
import type { InterpolantRun, InterpolantSettings } from './settings.js';

/**
 * The time grid that a family's models are sampled on: the recipe's own for what it trains, that of the path where a
 * config has made another of it.
 */
export function ownGrid(family: InterpolantFamily, settings: InterpolantConfig): GridName {
  const own = family.usual({ sigma: 1, spread: 1, distance: 0 });
  const same = own.path === settings.path && own.gamma === settings.gamma;
  return same ? family.sampling.grid : defaultGrid(scheduleOf(settings));
}

/**
 * What was asked for, completed by the family: what was not said and is not the family's to say is left to
 * `samplingTable` and `adaptiveSampling`, so that they refuse only what was asked for.
 */
export function completedSampling(
  family: InterpolantFamily,
  { settings, data }: InterpolantRun,
  asked: SamplingOptions = {},
): SamplingOptions & { readonly solver: string } {
  const own = family.sampling;
  const solver = asked.solver ?? own.solver;
  const adaptive = solver === 'dopri5';
  // Another path has a grid of its own.
  const otherPath = asked.path !== undefined && asked.path !== settings.path;
  const ofFamily: SamplingOptions = {
    ...(adaptive ? {} : { steps: isDistilled(trainedTimes(settings)) ? 1 : own.steps }),
    // A grid of noise levels is a family's own; another solver of the same family keeps it.
    ...(adaptive || otherPath ? {} : { grid: ownGrid(family, settings) }),
    ...(own.diffusion !== undefined && freeSolvers().includes(solver) ? { diffusion: own.diffusion } : {}),
  };
  return { pointBase: data.base !== undefined, ...ofFamily, ...asked, solver };
}

/** A sampler of a trained interpolant. */
export async function interpolantGenerator(
  family: InterpolantFamily,
  { config, model }: Trained<InterpolantSettings>,
  { seed, tile, sampling }: GeneratorOptions,
): Promise<Generator> {
  const options = completedSampling(family, config, sampling);
  const { engine, store } = model;
  if (options.solver !== 'dopri5')
    return Sampler.create(engine, model, store, samplingTable(config.settings, options), seed, tile);
  const adaptive = adaptiveSampling(config.settings, options);
  const { AdaptiveSampler } = await import('../../samplers/adaptive.js');
  return AdaptiveSampler.create(engine, model, store, adaptive.field, seed, adaptive.options);
}
