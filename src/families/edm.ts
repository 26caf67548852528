import type { InterpolantConfig } from '../interpolant/config.js';
import type { DataScale, Family } from './family.js';
import { LARGE_SPREAD } from './times.js';

/** EDM's constants are those of images with a standard deviation of ½; noise levels scale with the data's. */
const IMAGE_SIGMA = 0.5;

function interpolant({ sigma, spread }: DataScale): Partial<InterpolantConfig> {
  // Far wider in some direction than in most, the data lie near a subspace: noise must follow the spread inside it,
  // with σ from 0.5 to 1360 where that is 68.
  const noise =
    spread / sigma > LARGE_SPREAD
      ? {
          timeMean: Math.log(spread) - 1.8,
          timeStd: 1.7,
          sigmaMin: spread / 136,
          sigmaMax: 20 * spread,
        }
      : {
          timeMean: -1.2 + Math.log(sigma / IMAGE_SIGMA),
          timeStd: 1.2,
          sigmaMin: (0.002 * sigma) / IMAGE_SIGMA,
          sigmaMax: (80 * sigma) / IMAGE_SIGMA,
        };
  return {
    path: 'edm',
    heads: ['edm'],
    sigmaData: sigma,
    weighting: 'edm',
    timeDistribution: 'log-normal',
    ...noise,
  };
}

/** The design space's own choice: preconditioned denoiser, log-normal noise levels, Heun on Karras' grid. */
export const edm: Family = {
  name: 'edm',
  summary: "EDM's preconditioned denoiser, deterministic sampling (algorithm 1)",
  source: 'Karras et al., arXiv 2206.00364',
  interpolant,
  sampling: { solver: 'heun', steps: 40, grid: 'karras' },
};

/** The same network sampled with churn. */
export const edmSde: Family = {
  name: 'edm-sde',
  summary: "EDM's preconditioned denoiser, stochastic sampling (algorithm 2)",
  source: 'Karras et al., arXiv 2206.00364',
  interpolant,
  sampling: { solver: 'edm-churn', steps: 100, grid: 'karras' },
};
