import type { InterpolantConfig } from '../interpolant/config.js';
import type { Family } from './family.js';

/**
 * A thousand noise levels of the VP path with β from 10⁻⁴ to 0.02 a step, which is the VP SDE's β from 0.1 to 20,
 * and the noise as the network's target with the weight 1.
 */
const interpolant = (): Partial<InterpolantConfig> => ({
  path: 'vp-sde',
  heads: ['denoiser'],
  timeCells: 1000,
  timeSampling: 'uniform',
});

/** Denoising diffusion: sampled from the exact posterior of each step, one step a noise level. */
export const ddpm: Family = {
  name: 'ddpm',
  summary: 'noise prediction at 1000 levels of the VP path, ancestral sampling',
  source: 'Ho, Jain & Abbeel, arXiv 2006.11239',
  interpolant,
  sampling: { solver: 'ancestral', steps: 1000, grid: 'uniform' },
};

/** The same network with the deterministic sampler, which needs few steps. */
export const ddim: Family = {
  name: 'ddim',
  summary: 'noise prediction as ddpm, deterministic sampling in few steps',
  source: 'Song, Meng & Ermon, arXiv 2010.02502',
  interpolant,
  sampling: { solver: 'ddim', steps: 50, grid: 'uniform' },
};
