import { badInput } from '../errors.js';
import type { InterpolantConfig } from '../interpolant/config.js';
import type { GridName } from '../interpolant/grids.js';
import type { Family } from '../model/family.js';
import type { RunConfig } from '../model/run_config.js';
import { unknownName } from '../suggest.js';
import { gaussian, gmm, kde, manifoldParzen, trainingSet } from './baselines.js';
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
const builtIn = [
  ...interpolants,
  ...[vae, iwae, hvae, ncpVae],
  ...[trainingSet, gaussian, kde, gmm, manifoldParzen],
] as unknown as readonly Family[];

/** Built-in families, and those of somebody's own after them. */
const families: Family[] = [...builtIn];

const names = families.map(({ name }) => name);

/** All that are known at the moment: one of somebody's own joins the list when it is defined. */
export const familyNames: readonly string[] = names;

/** Those of somebody's own. */
export const ownFamilyNames = (): readonly string[] => names.slice(builtIn.length);

/**
 * Enters a family of somebody's own, or another one in its place.
 * @throws TributaryError('bad-input') where a built-in family has its name
 */
export function enterFamily(family: Family): void {
  if (builtIn.some(({ name }) => name === family.name))
    badInput(`the name ${family.name} is that of a built-in family: give yours another`);
  const at = names.indexOf(family.name);
  families[at < 0 ? families.length : at] = family;
  if (at < 0) names.push(family.name);
}

function unknownFamily(name: unknown): never {
  try {
    unknownName('family', name, familyNames);
  } catch (error) {
    const { message } = error as Error;
    badInput(`${message}; one of your own is known once its module is given, as --family ./mine.js`);
  }
}

/** Those that learn along an interpolant. */
export const interpolantNames: readonly string[] = interpolants.map(({ name }) => name);

/** @throws TributaryError('bad-input') with the nearest valid name */
export function familyByName(name: string): Family {
  return families.find((family) => family.name === name) ?? unknownFamily(name);
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
