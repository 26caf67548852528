import { checkGuidance } from '../../model/conditions.js';
import type { LikelihoodMethod, LikelihoodOptions } from '../../model/family.js';
import type { Trained } from '../../model/phase.js';
import { EXACT_MAX_DIM } from '../../nn/jvp.js';
import { fieldOf } from '../../samplers/field.js';
import { solverByName } from '../../samplers/solvers.js';
import { isDistilled, NO_FLOW, trainedTimes } from '../../samplers/trained_times.js';
import type { InterpolantFamily } from './recipe.js';
import { ownGrid } from './sampling.js';
import type { InterpolantRun, InterpolantSettings } from './settings.js';

/** How log p is computed. */
export interface FlowLikelihoodSettings {
  readonly solver: string;
  /** Solver steps of the coarser of two runs, or the bound's times a point. */
  readonly steps: number;
  /** How fine the time grid gets towards the data, see `gradedGrid`. */
  readonly finest: number;
  readonly probes: number;
  /** Where the bound ends, see `sdeBound`. */
  readonly truncation: number;
  readonly guidance: number;
}

export const FLOW_LIKELIHOOD: FlowLikelihoodSettings = {
  ...{ solver: 'rk4', steps: 20, finest: 0.3, probes: 1, truncation: 0.01, guidance: 1 },
};

/** Why a run has no density at all; null where it has one. */
export function withoutDensity({ data, settings }: InterpolantRun): string | null {
  if (data.base !== undefined || settings.path === 'mirror')
    return 'this flow starts from a set of points, which has no density; train one from noise';
  return isDistilled(trainedTimes(settings)) ? NO_FLOW : null;
}

/** ln p by the change of variables along the flow, and the bound of its SDE. */
export const flowMethods = (
  family: () => InterpolantFamily,
): Readonly<Record<'exact' | 'hutchinson' | 'bound', LikelihoodMethod<InterpolantSettings>>> => ({
  exact: {
    kind: 'numerical',
    summary: `the flow's change of variables, its divergence exact: up to ${EXACT_MAX_DIM} dimensions`,
    whyNot: ({ data }) =>
      data.dim > EXACT_MAX_DIM
        ? `--method exact takes up to ${EXACT_MAX_DIM} dimensions, these data have ${data.dim}: use hutchinson`
        : null,
    uses: ['solver', 'steps', 'finest', 'guidance'],
    deterministic: true,
    of: (model, points, options) => alongFlow(family(), model, points, options, 'exact'),
  },
  hutchinson: {
    kind: 'numerical',
    summary: "the flow's change of variables, its divergence by random probes",
    uses: ['solver', 'steps', 'finest', 'probes', 'guidance'],
    of: (model, points, options) => alongFlow(family(), model, points, options, 'hutchinson'),
  },
  bound: {
    kind: 'bound',
    summary: "a lower bound on the SDE's log-likelihood, by Monte Carlo over times",
    whyNot: ({ settings }) =>
      settings.gamma === 'none'
        ? null
        : '--method bound is for one-sided paths, and this run has a γ: use exact or hutchinson',
    uses: ['steps', 'truncation', 'guidance'],
    of: (model, points, options) => boundOf(model, points, options),
  },
});

const settingsOf = ({ settings }: LikelihoodOptions): FlowLikelihoodSettings => ({
  ...FLOW_LIKELIHOOD,
  ...settings,
});

const common = (config: InterpolantRun, { labels, seed, onProgress }: LikelihoodOptions) => ({
  ...{ field: fieldOf(config.settings), units: config.transform, seed },
  ...(labels ? { labels } : {}),
  ...(onProgress ? { onProgress } : {}),
});

/** Times as the family's own samplers space them, as far as the flow goes. */
async function gridOf(
  family: InterpolantFamily,
  { settings }: InterpolantRun,
  { steps, finest }: FlowLikelihoodSettings,
): Promise<Float64Array> {
  const { flowGrid } = await import('../../likelihood/flow.js');
  const { sigmaMin, sigmaMax, path } = settings;
  const levels = path === 'edm' ? { sigmaMin, sigmaMax } : {};
  return flowGrid(fieldOf(settings), steps, finest, ownGrid(family, settings), levels);
}

async function alongFlow(
  family: InterpolantFamily,
  { config, model }: Trained<InterpolantSettings>,
  points: Float64Array,
  options: LikelihoodOptions,
  divergence: 'exact' | 'hutchinson',
) {
  const settings = settingsOf(options);
  const { guidance, probes } = settings;
  if (guidance !== 1 && model.conditions) checkGuidance(model.conditions);
  const { engine, store } = model;
  const { dim } = config.data;
  const directions = divergence === 'exact' ? dim : 1;
  const most = Math.max(1, Math.floor((engine.particleTile ?? 4096) / directions));
  const { flowLikelihood } = await import('../../likelihood/flow_likelihood.js');
  return flowLikelihood(engine, model, store, {
    ...common(config, options),
    ...{ points, divergence, probes, guidance, tile: Math.min(points.length / dim, most) },
    ...{ solver: solverByName(settings.solver), grid: await gridOf(family, config, settings) },
  });
}

async function boundOf(
  { config, model }: Trained<InterpolantSettings>,
  points: Float64Array,
  options: LikelihoodOptions,
) {
  const { steps: times, truncation } = settingsOf(options);
  const shared = common(config, options);
  const { schedule, range } = shared.field;
  const { networkBound } = await import('../../likelihood/network_bound.js');
  return networkBound(model.engine, model, model.store, points, {
    ...shared,
    ...{ schedule, range, times, truncation },
  });
}
