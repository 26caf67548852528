import type { InterpolantConfig } from '../interpolant/config.js';
import type { Family, SamplingDefaults } from './family.js';

/**
 * The score through the noise it predicts, ŝ = −η̂/α: the score loss weighted by the noise's variance, as in
 * the paper. Times stop at 10⁻³ from the data, and 10⁻⁵ for VE.
 */
const learned: Partial<InterpolantConfig> = { heads: ['denoiser'] };
const sampling: SamplingDefaults = { solver: 'predictor-corrector', steps: 500, grid: 'uniform' };
const source = 'Song et al., arXiv 2011.13456';

export const scoreSdeVp: Family = {
  name: 'score-sde-vp',
  summary: 'score matching on the VP SDE, predictor–corrector sampling',
  source,
  interpolant: () => ({ ...learned, path: 'vp-sde', timeMax: 1 - 1e-3 }),
  sampling,
};

export const scoreSdeSubVp: Family = {
  name: 'score-sde-sub-vp',
  summary: 'score matching on the sub-VP SDE, predictor–corrector sampling',
  source,
  interpolant: () => ({ ...learned, path: 'sub-vp-sde', timeMax: 1 - 1e-3 }),
  sampling,
};

/** The largest noise is to be about the largest distance of two data points (arXiv 2006.09011, technique 1). */
const DISTANCES = 6;

export const scoreSdeVe: Family = {
  name: 'score-sde-ve',
  summary: 'score matching on the VE SDE, predictor–corrector sampling',
  source,
  interpolant: ({ sigma, spread }) => ({
    heads: ['edm'],
    sigmaData: sigma,
    path: 've',
    sigmaMin: 0.01,
    sigmaMax: Math.max(10, DISTANCES * spread),
  }),
  sampling,
};
