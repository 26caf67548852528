import type { Family } from '../model/family.js';
import type { ModelShape } from '../model/model.js';
import type { RunConfig } from '../model/run_config.js';
import { networkOf } from '../model/shape.js';
import { usualOf } from '../settings.js';
import { LATENT_NETWORK, LATENT_SETTINGS, type LatentSettings, latentFamily } from './latent/family.js';
import { diagonalGaussian } from './latent/gaussian.js';
import type { LatentModel } from './latent/latent_model.js';
import { noiseParameters } from './latent/noise.js';
import { drawPrior, logPriorDensity, priorParameters } from './latent/prior.js';

export interface VaeSettings extends LatentSettings {}

/** q(z|x) = N(μ(x), diag s²(x)), p(x|z) = N(x̂(z), σ²I). */
export function vaeShape(run: RunConfig<VaeSettings>): ModelShape {
  const { latent } = run.settings;
  const { dim } = run.data;
  return {
    networks: {
      encoder: { ...networkOf(run, { outputs: 2 * latent }, 'encoder'), ...LATENT_NETWORK },
      decoder: { ...networkOf(run, { dim: latent, outputs: dim }, 'decoder'), ...LATENT_NETWORK },
    },
    parameters: [...noiseParameters(run.settings), ...priorParameters(run)],
  };
}

export const vaeLatents = (run: RunConfig<VaeSettings>): LatentModel => ({
  levels: [
    {
      cols: run.settings.latent,
      posterior: (of, x, _, label) => diagonalGaussian(of.tape, of.net('encoder')(x, null, label)),
    },
  ],
  logPrior: (of, [z]) => logPriorDensity(of, run, z),
  decode: (of, [z], label) => of.net('decoder')(z, null, label),
  below: (_, z) => [z],
  draw: (of) => [drawPrior(of, run)],
});

const vaeFamily = (
  named: Pick<Family, 'name' | 'summary' | 'formula' | 'source'>,
  samples: number,
): Family<VaeSettings> =>
  latentFamily({
    ...named,
    settings: LATENT_SETTINGS,
    usual: () => ({ ...usualOf(LATENT_SETTINGS), samples }),
    model: vaeShape,
    latents: vaeLatents,
    evaluations: () => 1,
  });

export const vae = vaeFamily(
  {
    name: 'vae',
    summary: 'variational autoencoder: a Gaussian around what a network makes of normal latents',
    formula:
      '−E_q[ln p(x|z)] + KL(q(z|x) ‖ p(z)), q = N(μ(x), diag s²(x)), p(x|z) = N(x̂(z), σ²I), p(z) = N(0, I)',
    source: 'Kingma & Welling, arXiv 1312.6114; Rybkin et al., arXiv 2006.13202 for σ',
  },
  1,
);

export const iwae = vaeFamily(
  {
    name: 'iwae',
    summary: 'importance-weighted autoencoder: a tighter bound from several latents a point',
    formula: '−E ln (1/k) Σ_i p(x, z_i)/q(z_i|x), z_i ~ q(z|x)',
    source: 'Burda et al., arXiv 1509.00519; Tucker et al., arXiv 1810.04152 for the gradient',
  },
  5,
);
