/** From the state to what is trained and how it is sampled. */
import { type Dataset, distributionByName, familyByName, solverByName } from 'tributary';
import { canSample, configOf, type ModelChoice, type SampleChoice } from './lab/recipe.js';
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

/** Whether the truth's density is known. */
export const hasDensity = (state: State): boolean =>
  state.data !== CUSTOM && distributionByName(state.data).logDensity !== undefined;

export const labelled = (state: State): boolean => state.conditional && classesOf(state) > 1;

/** How a family samples by itself, in as few steps as a visitor waits for. */
export function usualSampling(family: string): Pick<State, 'solver' | 'steps'> {
  const { solver, steps } = familyByName(family).sampling;
  return { solver, steps: solver === DEFAULTS.solver ? DEFAULTS.steps : Math.min(steps, MOST_STEPS) };
}

/** The model that the state describes. */
export function modelChoice(state: State): ModelChoice {
  const { data, custom, family, path, gamma, head, coupling, conditional, hidden, seed } = state;
  return {
    ...{ data, custom: data === CUSTOM ? custom : '', family, path, gamma, head, coupling },
    ...{ conditional, hidden, seed },
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
  const own = { path: '', gamma: '', head: '', coupling: '' };
  return rivals.map((rival) => ({ ...modelChoice(state), ...own, ...rival }));
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
  const { stochastic } = solverByName(solver);
  let own = solver;
  if (sde && !stochastic) own = 'euler-maruyama';
  else if (!sde && stochastic && state.sde) own = 'heun';
  return {
    n: Math.min(n === 0 ? usualCount(limits) : n, countLimit(limits)),
    solver: canSample(configOf(model, dataset), { solver: own }) ? own : 'heun',
    ...{ steps, epsilon, diffusion, guidance },
    // A label that these data do not have is one of the data before.
    label: labelled(state) && label < classesOf(state) ? label : -1,
    // A model's seed also seeds its training: particles have their own.
    seed: seed + 1,
  };
}
