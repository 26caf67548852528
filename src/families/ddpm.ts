import type { InterpolantConfig } from '../interpolant/config.js';
import type { DataScale } from '../model/run_config.js';
import { interpolantFamily } from './interpolant/recipe.js';

/**
 * A thousand noise levels of the VP path with β from 10⁻⁴ to 0.02 a step, which is the VP SDE's β from 0.1 to 20.
 * The loss is that of the noise with weight 1, ‖ε̂ − ε‖² = SNR ‖x̂1 − x1‖². The network predicts the noise through
 * EDM's preconditioning: where a plain ε̂ is wrong at the first levels, x̂1 = (x − αε̂)/β is wrong by 150 times as
 * much, which is why implementations clip it; here x̂1 stays of the data's size whatever the network says.
 */
const interpolant = ({ sigma }: DataScale): Partial<InterpolantConfig> => ({
  path: 'vp-sde',
  heads: ['edm'],
  sigmaData: sigma,
  weighting: 'snr',
  timeCells: 1000,
  timeSampling: 'uniform',
});

/** Denoising diffusion: sampled from the exact posterior of each step, one step a noise level. */
export const ddpm = interpolantFamily({
  name: 'ddpm',
  summary: 'noise prediction at 1000 levels of the VP path, ancestral sampling',
  formula: 'E½‖ε̂(x_t, t) − ε‖², x_t = αε + βx1 at 1000 levels',
  source: 'Ho, Jain & Abbeel, arXiv 2006.11239',
  interpolant,
  sampling: { solver: 'ancestral', steps: 1000, grid: 'uniform' },
});

/** The same network with the deterministic sampler, which needs few steps. */
export const ddim = interpolantFamily({
  name: 'ddim',
  summary: 'noise prediction as ddpm, deterministic sampling in few steps',
  formula: 'E½‖ε̂(x_t, t) − ε‖², x_t = αε + βx1 at 1000 levels',
  source: 'Song, Meng & Ermon, arXiv 2010.02502',
  interpolant,
  sampling: { solver: 'ddim', steps: 50, grid: 'uniform' },
});
