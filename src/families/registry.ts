import { badInput } from '../errors.js';
import type { InterpolantConfig } from '../interpolant/config.js';
import type { GridName } from '../interpolant/grids.js';
import type { Family } from '../model/family.js';
import type { RunConfig } from '../model/run_config.js';
import { unknownName } from '../suggest.js';
import { ddim, ddpm } from './ddpm.js';
import { edm, edmSde } from './edm.js';
import { flowMatching, flowMatchingVp, otCfm } from './flow_matching.js';
import { hvae } from './hvae.js';
import type { InterpolantFamily } from './interpolant/recipe.js';
import { ownGrid } from './interpolant/sampling.js';
import type { InterpolantRun } from './interpolant/settings.js';
import { ncpVae } from './ncp_vae.js';
import { rectifiedFlow } from './rectified_flow.js';
import { scoreSdeSubVp, scoreSdeVe, scoreSdeVp } from './score_sde.js';
import { sf2m, stochasticInterpolant } from './stochastic_interpolant.js';
import { iwae, vae } from './vae.js';

const interpolants: readonly InterpolantFamily[] = [
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

/** Every family, in the order of lists and tables. The one place where a new one is entered. */
const families = [...interpolants, vae, iwae, hvae, ncpVae] as unknown as readonly Family[];

export const familyNames: readonly string[] = families.map(({ name }) => name);

/** Those that learn along an interpolant. */
export const interpolantNames: readonly string[] = interpolants.map(({ name }) => name);

/** @throws TributaryError('bad-input') with the nearest valid name */
export function familyByName(name: string): Family {
  return families.find((family) => family.name === name) ?? unknownName('family', name, familyNames);
}

/** @throws TributaryError('bad-input') where there is none of that name, or it learns along no interpolant */
export function interpolantByName(name: string): InterpolantFamily {
  const found = interpolants.find((family) => family.name === name);
  if (found !== undefined) return found;
  familyByName(name);
  badInput(`${name} does not learn along an interpolant; these do: ${interpolantNames.join(', ')}`);
}

/** Whether a run learns along an interpolant. */
export const isInterpolant = (config: RunConfig): config is InterpolantRun =>
  interpolantNames.includes(config.family);

/** @throws TributaryError('bad-input') where a run does not learn along an interpolant */
export function asInterpolant(config: RunConfig): InterpolantRun {
  if (!isInterpolant(config)) interpolantByName(config.family);
  return config as InterpolantRun;
}

/** The time grid that a family's models are sampled on. */
export const familyGrid = (name: string, settings: InterpolantConfig): GridName =>
  ownGrid(interpolantByName(name), settings);
