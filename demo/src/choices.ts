/** From the state to what is trained and how it is sampled. */
import {
  type Dataset,
  distributionByName,
  familyByName,
  interpolantByName,
  isInterpolant,
  type RunConfig,
  solverByName,
} from 'tributary-engine';
import { isDensity } from './data/custom.js';
import {
  canSample,
  FAMILYS,
  hasSde,
  type ModelChoice,
  type SampleChoice,
  shownConfig,
} from './lab/recipe.js';
import { followsPath } from './own_settings.js';
import { CUSTOM, DEFAULTS, MOST_STEPS, type State } from './state.js';

/** What a device can be asked for without minutes of waiting. */
export interface Limits {
  readonly kind: 'webgpu' | 'cpu';
  readonly software: boolean;
  readonly slow: boolean;
}

export const NO_MACHINE: Limits = { kind: 'cpu', software: false, slow: false };

export function countLimit({ kind, software }: Limits): number {
  if (kind === 'cpu') return 20_000;
  return software ? 20_000 : 4_000_000;
}

export function usualCount({ kind, software, slow }: Limits): number {
  if (slow) return 200;
  if (kind === 'cpu' || software) return 4000;
  return innerWidth < 700 ? 100_000 : 250_000;
}

/** Labels that the chosen data have. */
export const classesOf = (state: State): number =>
  state.data === CUSTOM ? 1 : distributionByName(state.data).classes;

/** Whether the truth's density is known: a drawing or a picture is one, points have none. */
export const hasDensity = ({ data, custom }: State): boolean =>
  data === CUSTOM ? isDensity(custom) : distributionByName(data).logDensity !== undefined;

export const labelled = (state: State): boolean => state.conditional && classesOf(state) > 1;

/** What colours can be by: the choice, or what comes nearest with these data. */
export function usableColour(state: State): State['colour'] {
  const { family } = state;
  // Between jumps there is no speed.
  const colour = state.colour === 'speed' && !followsPath(family) ? 'label' : state.colour;
  if (colour === 'logp' && !hasDensity(state)) return labelled(state) ? 'label' : 'one';
  return colour === 'label' && !labelled(state) ? 'one' : colour;
}

/** Whether the SDE moves beside the ODE. */
export const besides = ({ sde, view }: State, config: RunConfig): boolean =>
  sde && view !== 'compare' && hasSde(config);

/** Whether a family's training is watched beside its losses: how far its velocity is from the truth. */
export const isWatched = (family: string): boolean => familyByName(family).monitor !== undefined;

/** How a family samples by itself, in as few steps as a visitor waits for; nothing where it is asked for no solver. */
export function usualSampling(family: string): Partial<Pick<State, 'solver' | 'steps'>> {
  if (!followsPath(family)) return {};
  const { solver, steps } = interpolantByName(family).sampling;
  return { solver, steps: solver === DEFAULTS.solver ? DEFAULTS.steps : Math.min(steps, MOST_STEPS) };
}

/** The model that the state describes. */
export function modelChoice(state: State): ModelChoice {
  const { data, custom, family, path, gamma, head, coupling, conditional, hidden, seed, settings } = state;
  return {
    ...{ data, custom: data === CUSTOM ? custom : '', family, path, gamma, head, coupling },
    ...{ conditional, hidden, seed, settings },
  };
}

/** The models that it is compared with: of the same data and seed, as their families are by themselves. */
export function rivalChoices(state: State): ModelChoice[] {
  const { family2, hidden2, family3, hidden3, family4, hidden4 } = state;
  const rivals = [
    { family: family2, hidden: hidden2 },
    { family: family3, hidden: hidden3 },
    { family: family4, hidden: hidden4 },
  ].filter(({ family }) => family !== '');
  return rivals.map((rival) => ({ ...modelChoice(state), ...FAMILYS, ...rival }));
}

/**
 * How a model's particles are to move.
 * @param sde for the other half of ODE beside SDE
 */
export function sampleChoice(
  state: State,
  limits: Limits,
  model: ModelChoice,
  dataset: Dataset,
  sde: boolean,
): SampleChoice {
  const { n, solver, steps, epsilon, diffusion, guidance, label, seed } = state;
  const config = shownConfig(model, dataset);
  const which = {
    n: Math.min(n === 0 ? usualCount(limits) : n, countLimit(limits)),
    // A label that these data do not have is one of the data before.
    label: labelled(state) && label < classesOf(state) ? label : -1,
    // A model's seed also seeds its training: particles have their own.
    seed: seed + 1,
  };
  // What a solver is asked for is nothing to a family without: another one leaves its particles where they are.
  if (!isInterpolant(config)) {
    const usual = { solver: DEFAULTS.solver, steps: DEFAULTS.steps, guidance: DEFAULTS.guidance };
    return { ...which, ...usual, epsilon: DEFAULTS.epsilon, diffusion: DEFAULTS.diffusion };
  }
  const usable = canSample(config, { solver }) ? solver : DEFAULTS.solver;
  const { stochastic } = solverByName(usable);
  let own = usable;
  if (sde && !stochastic) own = 'euler-maruyama';
  else if (!sde && stochastic && besides(state, config)) own = DEFAULTS.solver;
  const move = { solver: own, diffusion };
  return {
    ...which,
    // What ε(t) says is nothing to an ODE: another one leaves its particles where they are.
    ...(solverByName(own).freeDiffusion
      ? { ...move, epsilon, diffusion: canSample(config, move) ? diffusion : DEFAULTS.diffusion }
      : { ...move, epsilon: DEFAULTS.epsilon, diffusion: DEFAULTS.diffusion }),
    ...{ steps, guidance },
  };
}
