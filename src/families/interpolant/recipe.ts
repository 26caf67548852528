import { badInput } from '../../errors.js';
import {
  checkInterpolant,
  DEFAULT_INTERPOLANT,
  type InterpolantConfig,
  isTwoSided,
} from '../../interpolant/config.js';
import type { GridName } from '../../interpolant/grids.js';
import { pathByName } from '../../interpolant/paths.js';
import type { Family } from '../../model/family.js';
import { alike } from '../../model/model.js';
import type { DataScale } from '../../model/run_config.js';
import { networkOf } from '../../model/shape.js';
import { flowMethods, withoutDensity } from './likelihood.js';
import { interpolantGenerator } from './sampling.js';
import { INTERPOLANT_FAMILY_SETTINGS, type InterpolantRun, type InterpolantSettings } from './settings.js';
import { interpolantStages } from './stages.js';

/** How a family is sampled unless the caller says otherwise. */
export interface SamplingDefaults {
  readonly solver: string;
  readonly steps: number;
  readonly grid: GridName;
  /** ε(t) of its SDE; `sigma` with scale 1 if not given. */
  readonly diffusion?: { readonly name: 'sigma' | 'lambda'; readonly scale: number };
}

/** An interpolant family: what differs from {@link DEFAULT_INTERPOLANT}, and how it is sampled. */
export interface Recipe {
  readonly name: string;
  readonly summary: string;
  readonly formula: string;
  readonly source: string;
  readonly interpolant: (data: DataScale) => Partial<InterpolantConfig>;
  readonly sampling: SamplingDefaults;
  /** Rounds of training on its own pairs; 0 if not given. */
  readonly reflowRounds?: number;
}

/** A family that learns conditional expectations along an interpolant. */
export interface InterpolantFamily extends Family<InterpolantSettings> {
  readonly sampling: SamplingDefaults;
}

/** The family of a recipe. */
export function interpolantFamily({
  interpolant,
  sampling,
  reflowRounds = 0,
  ...named
}: Recipe): InterpolantFamily {
  const family: InterpolantFamily = {
    ...named,
    group: 'interpolant',
    sampling,
    settings: INTERPOLANT_FAMILY_SETTINGS,
    usual: (data) => ({ ...DEFAULT_INTERPOLANT, ...interpolant(data), reflowRounds, distil: false }),
    check,
    model: (run) => alike(run.settings.heads, networkOf(run, { outputs: run.data.dim })),
    stages: (run) => interpolantStages(run),
    generator: (model, options) => interpolantGenerator(family, model, options),
    likelihood: flowMethods(() => family),
    withoutLikelihood: withoutDensity,
    // Fetched by a page that trains, as what asks for log p is by one that does.
    monitor: async (training, dataset) => {
      const { ExcessMonitor } = await import('./excess.js');
      return ExcessMonitor.create(training, dataset);
    },
  };
  return family;
}

/** @throws TributaryError('bad-input') with the first thing that makes no sense in this run, and what would */
function check({ settings, data, batch }: InterpolantRun): void {
  const { reflowRounds, distil, ...interpolant } = settings;
  checkInterpolant(interpolant);
  if (interpolant.antithetic && batch % 2 !== 0)
    badInput(`batch is ${batch}; antithetic pairs need an even one`);
  if (interpolant.coupling === 'paired' && data.base?.rows !== data.rows)
    badInput(
      'the paired coupling needs a base of as many points as the data: give one, or couple independently',
    );
  if (data.base && pathByName(interpolant.path, interpolant).gaussianBase)
    badInput(
      `the ${interpolant.path} path starts from noise; points as a base need the linear or the trig path`,
    );
  if (data.base && !isTwoSided(interpolant) && interpolant.heads[0] !== 'velocity')
    badInput('points as a base have no score without a gamma: learn the velocity, or set gamma');
  if ((reflowRounds > 0 || distil) && isTwoSided(interpolant))
    badInput('reflow straightens a flow without gamma: set gamma to none');
}
