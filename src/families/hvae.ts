import type { ModelShape } from '../model/model.js';
import type { RunConfig } from '../model/run_config.js';
import { networkOf } from '../model/shape.js';
import { combine } from '../nn/ops/arithmetic.js';
import { gaussianLogDensity, gaussianSample } from '../nn/ops/density.js';
import { joinColumns } from '../nn/ops/rows.js';
import type { Tensor } from '../nn/tape.js';
import { usualOf } from '../settings.js';
import { LATENT_NETWORK, LATENT_SETTINGS, type LatentSettings, latentFamily } from './latent/family.js';
import { diagonalGaussian, type Gaussian } from './latent/gaussian.js';
import type { Labels, LatentModel, Recorder } from './latent/latent_model.js';
import { noiseParameters } from './latent/noise.js';
import { drawPrior, logPriorDensity, priorParameters } from './latent/prior.js';

export interface HvaeSettings extends LatentSettings {}

type HvaeRun = RunConfig<HvaeSettings>;

/** z₂ above z₁: q(z₂|x) q(z₁|x, z₂) and p(z₂) p(z₁|z₂) p(x|z₁), each a Gaussian with a diagonal covariance. */
function shape(run: HvaeRun): ModelShape {
  const { latent } = run.settings;
  const { dim } = run.data;
  const network = (role: string, inputs: number, outputs: number) => ({
    [role]: { ...networkOf(run, { dim: inputs, outputs }, role), ...LATENT_NETWORK },
  });
  return {
    networks: {
      ...network('encoder', dim, 2 * latent),
      ...network('lower-encoder', dim + latent, 2 * latent),
      ...network('lower-prior', latent, 2 * latent),
      ...network('decoder', latent, dim),
    },
    parameters: [...noiseParameters(run.settings), ...priorParameters(run)],
  };
}

/** p(z₁|z₂) */
const below = (of: Recorder, z2: Tensor, label: Labels): Gaussian =>
  diagonalGaussian(of.tape, of.net('lower-prior')(z2, null, label));

const latents = (run: HvaeRun): LatentModel => ({
  levels: [
    {
      cols: run.settings.latent,
      posterior: (of, x, _, label) => diagonalGaussian(of.tape, of.net('encoder')(x, null, label)),
    },
    {
      cols: run.settings.latent,
      posterior: (of, x, z2, label) =>
        diagonalGaussian(
          of.tape,
          of.net('lower-encoder')(joinColumns(of.tape, [x, z2 as Tensor]), null, label),
        ),
    },
  ],
  logPrior: (of, [z2, z1], label) => {
    const { mean, logvar } = below(of, z2, label);
    const density = gaussianLogDensity(of.tape, z1, mean, logvar);
    return combine(of.tape, 1, logPriorDensity(of, run, z2), 1, density);
  },
  decode: (of, [, z1], label) => of.net('decoder')(z1, null, label),
  below: (of, z2, label) => [z2, below(of, z2, label).mean],
  draw: (of) => {
    const z2 = drawPrior(of, run);
    const { mean, logvar } = below(of, z2, of.label);
    return [z2, gaussianSample(of.tape, mean, logvar, of.normal(run.settings.latent))];
  },
});

export const hvae = latentFamily<HvaeSettings>({
  name: 'hvae',
  summary: 'hierarchical variational autoencoder: two levels of latents, the upper with a prior of choice',
  formula:
    '−E_q[ln p(x|z₁) + ln p(z₁|z₂) + ln p(z₂) − ln q(z₁|x, z₂) − ln q(z₂|x)]; p(z₂) normal, Σ_k π_k N(μ_k, diag s_k²) or (1/K) Σ_k q(z₂|u_k)',
  source: 'Tomczak & Welling, arXiv 1705.07120; Burda et al., arXiv 1509.00519 for k > 1',
  settings: LATENT_SETTINGS,
  // A deviation that begins large stays so: while the decoder is bad the bound is best where a latent says nothing, and
  // it has an optimum there ever after. A small one leaves latents that a normal prior alone would not cover.
  usual: () => ({ ...usualOf(LATENT_SETTINGS), prior: 'mixture', sigma: 0.03 }),
  model: shape,
  latents,
  evaluations: () => 2,
});
