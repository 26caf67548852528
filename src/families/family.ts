import { DEFAULT_INTERPOLANT, type InterpolantConfig, scheduleOf } from '../interpolant/config.js';
import { defaultGrid, type GridName } from '../interpolant/grids.js';
import { unknownName } from '../suggest.js';
import { ddim, ddpm } from './ddpm.js';
import { edm, edmSde } from './edm.js';
import { flowMatching, flowMatchingVp, otCfm } from './flow_matching.js';
import { rectifiedFlow } from './rectified_flow.js';
import { scoreSdeSubVp, scoreSdeVe, scoreSdeVp } from './score_sde.js';
import { sf2m, stochasticInterpolant } from './stochastic_interpolant.js';

/** How a family is sampled unless the caller says otherwise. */
export interface SamplingDefaults {
  readonly solver: string;
  readonly steps: number;
  readonly grid: GridName;
  /** ε(t) of its SDE; `sigma` with scale 1 if not given. */
  readonly diffusion?: { readonly name: 'sigma' | 'lambda'; readonly scale: number };
}

/** Rounds of training on the pairs (x0, x1) that the model before has made (arXiv 2209.03003). */
export interface ReflowDefaults {
  /** Times that the model is trained on its own pairs. */
  readonly rounds: number;
  /** Whether a last round trains only t = 0, so that one Euler step samples. */
  readonly distil: boolean;
}

/** A generative family: a thin recipe over interpolants, heads and losses. */
export interface Family {
  readonly name: string;
  readonly summary: string;
  readonly source: string;
  /** What differs from {@link DEFAULT_INTERPOLANT}; the spread is the data's largest standard deviation. */
  readonly interpolant: (data: DataScale) => Partial<InterpolantConfig>;
  readonly sampling: SamplingDefaults;
  readonly reflow?: ReflowDefaults;
}

/** What a recipe may take from the training data, after their transform. */
export interface DataScale {
  /** Standard deviation of a coordinate about 0, averaged over coordinates. */
  readonly sigma: number;
  /** Standard deviation in the direction in which it is largest. */
  readonly spread: number;
  /** Distance of the mean from 0, where the base has its own. */
  readonly distance: number;
}

const families: readonly Family[] = [
  flowMatching,
  flowMatchingVp,
  otCfm,
  sf2m,
  rectifiedFlow,
  stochasticInterpolant,
  ddpm,
  ddim,
  scoreSdeVp,
  scoreSdeSubVp,
  scoreSdeVe,
  edm,
  edmSde,
];

export const familyNames: readonly string[] = families.map(({ name }) => name);

/** @throws TributaryError('bad-input') with the nearest valid name */
export function familyByName(name: string): Family {
  return families.find((family) => family.name === name) ?? unknownName('family', name, familyNames);
}

/**
 * The time grid that a family's models are sampled on: the recipe's own for what it trains, that of the path where a
 * config has made another of it.
 */
export function familyGrid(name: string, config: InterpolantConfig): GridName {
  const family = familyByName(name);
  const own = { ...DEFAULT_INTERPOLANT, ...family.interpolant({ sigma: 1, spread: 1, distance: 0 }) };
  const same = own.path === config.path && own.gamma === config.gamma;
  return same ? family.sampling.grid : defaultGrid(scheduleOf(config));
}
