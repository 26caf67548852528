/**
 * Models without a network: what a network has to beat before anything is said for it. Each is fitted to the training
 * points in one step.
 */
import type { Baseline } from '../baselines/baseline.js';
import {
  BASELINE_DESCRIPTIONS,
  type BaselineDescription,
  type BaselineName,
} from '../baselines/descriptions.js';
import type { BaselineSettings } from '../baselines/registry.js';
import { logVolume, toNetwork } from '../data/units.js';
import { badInput } from '../errors.js';
import type { Family } from '../model/family.js';
import type { ExactLikelihood } from '../model/likelihood.js';
import type { Trained } from '../model/phase.js';
import type { RunConfig } from '../model/run_config.js';
import { HostGenerator } from '../samplers/host.js';
import { type Description, type SettingsOf, usualOf } from '../settings.js';

const KDE_SETTINGS = {
  bandwidth: {
    ...{ kind: 'number', usual: 0, least: 0, zero: 'by leave-one-out likelihood', symbol: 'h' },
    help: 'standard deviation of the kernels, in the data’s units',
  },
} as const satisfies Description;

const GMM_SETTINGS = {
  components: {
    ...{
      kind: 'number',
      usual: 0,
      whole: true,
      least: 0,
      most: 4096,
      zero: 'by held-out likelihood',
      symbol: 'K',
    },
    help: 'Gaussians of the mixture',
  },
} as const satisfies Description;

const PARZEN_SETTINGS = {
  neighbours: {
    ...{ kind: 'number', usual: 0, whole: true, least: 0, most: 4096, zero: 'by leave-one-out likelihood' },
    ...{ symbol: 'k', help: 'nearest points that give a kernel its shape' },
  },
  scale: {
    ...{ kind: 'number', usual: 0, least: 0, most: 1e6, zero: 'by leave-one-out likelihood', symbol: 's' },
    help: 'by how much a kernel is narrower than its neighbours’ spread',
  },
} as const satisfies Description;

/** What a fit is asked for: 0 leaves it to the data. */
const asked = (value: number): number | undefined => (value === 0 ? undefined : value);

/** Fetched where one is fitted or asked: a page that only lists them does without. */
const numerics = () => import('../baselines/baseline.js');

const baselineOf = async (name: BaselineName, { model }: Trained<never>): Promise<Baseline> =>
  (await numerics()).baselineFromTensors(name, new Map(model.fitted));

/** ln p of each point given its label, or of all classes where it has none. */
function logDensity(baseline: Baseline, x: Float64Array, labels: Uint32Array | undefined, classes: number) {
  if (!labels) return baseline.logDensity(x);
  const { dim } = baseline;
  const nats = new Float64Array(labels.length);
  for (const whole of [false, true]) {
    const rows = [...labels.keys()].filter((row) => (labels[row] === classes) === whole);
    if (rows.length === 0) continue;
    const own = Float64Array.from(rows.flatMap((row) => [...x.subarray(row * dim, (row + 1) * dim)]));
    const values = baseline.logDensity(own, whole ? undefined : rows.map((row) => labels[row]));
    rows.forEach((row, i) => {
      nats[row] = values[i];
    });
  }
  return nats;
}

async function likelihoodOf(
  name: BaselineName,
  trained: Trained<never>,
  points: Float64Array,
  labels: Uint32Array | undefined,
): Promise<ExactLikelihood> {
  const { dim, classes } = trained.config.data;
  const { transform } = trained.config;
  const n = points.length / dim;
  if (classes > 0 && labels?.length !== n) badInput(`a conditional model needs ${n} labels`);
  const volume = logVolume(transform);
  const x = toNetwork(points, transform);
  const nats = logDensity(await baselineOf(name, trained), x, classes > 0 ? labels : undefined, classes);
  return { kind: 'exact', dim, nats: nats.map((value) => value - volume) };
}

/** @param asksFor what a fit is asked for, in the network's coordinates */
function baselineFamily<D extends Description>(
  name: BaselineName,
  settings: D,
  formula: string,
  asksFor: (run: RunConfig<SettingsOf<D>>) => BaselineSettings,
): Family<SettingsOf<D>> {
  const { summary, source, noDensity }: BaselineDescription = BASELINE_DESCRIPTIONS[name];
  return {
    ...{ name, group: 'baseline', summary, source, formula },
    settings: settings as never,
    usual: () => usualOf(settings) as never,
    check: ({ data }) => {
      if (data.base !== undefined) badInput(`${name} is fitted to points and takes no base: leave it out`);
    },
    model: () => ({ networks: {}, fits: true }),
    stages: (run) => [
      {
        name: 'fit',
        phases: [],
        fit: async ({ points, dim, ...others }) => {
          const { fitBaseline } = await numerics();
          const labels = run.data.classes > 0 ? { labels: others.labels } : {};
          return fitBaseline(name, { points, dim, ...labels }, asksFor(run)).tensors();
        },
      },
    ],
    async generator(trained, { seed, tile }) {
      const baseline = await baselineOf(name, trained as Trained<never>);
      const { dim, classes } = trained.config.data;
      const what = { dim, classes, conditions: trained.model.conditions };
      const draw = (first: number, count: number, labels: Uint32Array | null) => {
        const drawn = labels?.includes(classes) ? baseline.drawLabels(count, seed, first) : null;
        const own = labels?.map((label, i) => (label === classes && drawn ? drawn[i] : label));
        return baseline.sample(count, seed, own, first).points;
      };
      return new HostGenerator(what, draw, tile);
    },
    likelihood: noDensity
      ? {}
      : {
          density: {
            kind: 'exact',
            summary: 'its own density, in closed form',
            deterministic: true,
            of: async (trained, points, { labels }) =>
              likelihoodOf(name, trained as Trained<never>, points, labels),
          },
        },
    ...(noDensity ? { withoutLikelihood: () => noDensity } : {}),
  };
}

export const trainingSet = baselineFamily('training-set', {}, 'none: p = (1/N) Σ_i δ(x − x_i)', () => ({}));

export const gaussian = baselineFamily(
  'gaussian',
  {},
  '−ln N(x; μ, Σ), at its least for the moments of the data',
  () => ({}),
);

export const kde = baselineFamily(
  'kde',
  KDE_SETTINGS,
  '−Σ_i ln (1/(N − 1)) Σ_{j≠i} N(x_i; x_j, h²I) by h',
  ({ settings, transform }) => ({ bandwidth: asked(settings.bandwidth / transform.scale) }),
);

export const gmm = baselineFamily(
  'gmm',
  GMM_SETTINGS,
  '−Σ_i ln Σ_k π_k N(x_i; μ_k, Σ_k), and of rows held out by K',
  ({ settings, seed }) => ({ components: asked(settings.components), seed }),
);

export const manifoldParzen = baselineFamily(
  'manifold-parzen',
  PARZEN_SETTINGS,
  '−Σ_i ln (1/(N − 1)) Σ_{j≠i} N(x_i; x_j, s²C_j) by k and s, C_j of the k neighbours of x_j',
  ({ settings }) => ({ neighbours: asked(settings.neighbours), scale: asked(settings.scale) }),
);
