import { badInput } from '../../errors.js';
import type { Family } from '../../model/family.js';
import type { ModelShape } from '../../model/model.js';
import type { Stage } from '../../model/phase.js';
import type { RunConfig } from '../../model/run_config.js';
import { gaussianSample } from '../../nn/ops/density.js';
import { roleOf } from '../../nn/parameters.js';
import { RecordedGenerator } from '../../samplers/recorded.js';
import { particleTile } from '../../samplers/sampler.js';
import type { Description, Settings, SettingsOf } from '../../settings.js';
import { importanceBound, type LogNormaliser } from './bound.js';
import { drawLatents, type LatentModel, logWeight } from './latent_model.js';
import { NOISE_SETTINGS, noisy } from './noise.js';
import { BOUND_SETTINGS, boundPhase } from './phase.js';
import { initialPrior, PRIOR_SETTINGS } from './prior.js';

/** What every family with Gaussian latents lets be set. */
export const LATENT_SETTINGS = {
  latent: {
    ...{ kind: 'number', usual: 2, whole: true, least: 1, most: 4096, symbol: 'dim z' },
    help: 'latent coordinates of a level',
  },
  ...BOUND_SETTINGS,
  ...NOISE_SETTINGS,
  ...PRIOR_SETTINGS,
} as const satisfies Description;

export interface LatentSettings extends SettingsOf<typeof LATENT_SETTINGS> {}

/** Networks whose outputs feed another begin as random fields: from constants neither would learn. */
export const LATENT_NETWORK = { timed: false, outputGain: 1 } as const;

/** What one family has that others have not. */
export interface LatentRecipe<S extends LatentSettings>
  extends Pick<Family<S>, 'name' | 'summary' | 'formula' | 'source' | 'usual'> {
  readonly settings: Settings<S>;
  /** Networks and parameters: what the bound trains first to last, as neighbours. */
  model(run: RunConfig<S>): ModelShape;
  /** As it is trained: z, p and q. */
  latents(run: RunConfig<S>): LatentModel;
  /** As it is sampled and judged, where that is another one. */
  trained?(run: RunConfig<S>): LatentModel;
  /** ln of what the density of the trained one's prior is to be divided by; 0 if not given. */
  readonly logNormaliser?: LogNormaliser<S>;
  /** Stages after the one that trains the bound, and roles that they train. */
  readonly later?: { readonly roles: readonly string[]; stages(run: RunConfig<S>): readonly Stage<S>[] };
  /** Networks that a sample passes. */
  evaluations(settings: S): number;
}

/** Everything of a family that follows from its latents: training by their bound, draws, and the bound of points. */
export function latentFamily<S extends LatentSettings>(recipe: LatentRecipe<S>): Family<S> {
  const { name, summary, formula, source, usual, settings, model, latents, later, evaluations } = recipe;
  const { trained = latents } = recipe;
  return {
    ...{ name, group: 'latent-variable', summary, formula, source, settings, usual, model },
    check: ({ data }) => {
      if (data.base !== undefined)
        badInput(`${name} begins at latents of its own and takes no base: leave it out`);
    },
    stages: (run) => {
      const { networks, parameters = [] } = model(run);
      const roles = [...Object.keys(networks), ...parameters.map((parameter) => roleOf(parameter.name))];
      const trains = [...new Set(roles)].filter((role) => !later?.roles.includes(role));
      const first: Stage<S> = {
        name: 'bound',
        phases: [boundPhase(run.settings, latents(run), trains)],
        initial: (data) => initialPrior(run, data),
      };
      return [first, ...(later?.stages(run) ?? [])];
    },
    generator: ({ config, model: own }, options) => {
      const { dim, classes } = config.data;
      const passes = evaluations(config.settings);
      const tile = options.tile ?? Math.max(1, Math.floor(particleTile(own.engine) / passes));
      const what = { dim, classes, evaluations: passes };
      return RecordedGenerator.create(own, what, { ...options, tile }, (drawing) => {
        const { draw, decode } = trained(config);
        const p = noisy(drawing, config.settings, decode(drawing, draw(drawing), drawing.label));
        return gaussianSample(drawing.tape, p.mean, p.logvar, drawing.normal(dim));
      });
    },
    // Fetched where a report is made: a page has none.
    pictures: async (own, source, seed) =>
      (await import('./pictures.js')).latentPictures(own, trained(own.config), source, seed),
    likelihood: {
      importance: importanceBound<S>((drawing, run, x) => {
        const { label } = drawing;
        const own = trained(run);
        const highest = own.levels[0].posterior(drawing, x, null, label);
        const drawn = drawLatents(drawing, own, x, label, highest, (cols) => drawing.normal(cols));
        const p = noisy(drawing, run.settings, own.decode(drawing, drawn.z, label));
        return logWeight(drawing, own, x, label, drawn, p);
      }, recipe.logNormaliser),
    },
  };
}
