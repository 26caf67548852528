import type { InterpolantConfig } from '../interpolant/config.js';
import type { DataScale } from '../model/run_config.js';
import { interpolantFamily, type SamplingDefaults } from './interpolant/recipe.js';

/**
 * The score loss weighted by the noise's variance, as in the paper: α²‖ŝ − s‖² = SNR ‖x̂1 − x1‖², through EDM's
 * preconditioning, with which a network that knows little yet does no harm (see `ddpm`). Times stop at 10⁻³ from
 * the data.
 */
const learned = ({ sigma }: DataScale): Partial<InterpolantConfig> => ({
  heads: ['edm'],
  sigmaData: sigma,
  weighting: 'snr',
});
/** The reverse SDE's own noise: ε = ½g², as the paper's predictor has it. */
const sampling: SamplingDefaults = {
  ...{ solver: 'predictor-corrector', steps: 500, grid: 'uniform' },
  diffusion: { name: 'lambda', scale: 1 },
};
const source = 'Song et al., arXiv 2011.13456';

export const scoreSdeVp = interpolantFamily({
  name: 'score-sde-vp',
  summary: 'score matching on the VP SDE, predictor–corrector sampling',
  formula: 'E½α²‖s(x_t, t) − ∇ln p(x_t | x1)‖², x_t = βx1 + αε on the VP SDE',
  source,
  interpolant: (data) => ({ ...learned(data), path: 'vp-sde', timeMax: 1 - 1e-3 }),
  sampling,
});

export const scoreSdeSubVp = interpolantFamily({
  name: 'score-sde-sub-vp',
  summary: 'score matching on the sub-VP SDE, predictor–corrector sampling',
  formula: 'E½α²‖s(x_t, t) − ∇ln p(x_t | x1)‖², x_t = βx1 + αε on the sub-VP SDE',
  source,
  interpolant: (data) => ({ ...learned(data), path: 'sub-vp-sde', timeMax: 1 - 1e-3 }),
  sampling,
});

/** The largest noise is to be about the largest distance of two data points (arXiv 2006.09011, technique 1). */
const DISTANCES = 6;

/**
 * Particles begin at N(0, σmax²) in place of N(m, σmax² + s²), which leaves the samples s m/σmax off: a fiftieth of
 * their own deviation s.
 */
const REMOTENESS = 50;

export const scoreSdeVe = interpolantFamily({
  name: 'score-sde-ve',
  summary: 'score matching on the VE SDE, predictor–corrector sampling',
  formula: 'E½σ²‖s(x_t, t) − ∇ln p(x_t | x1)‖², x_t = x1 + σ(t)ε',
  source,
  interpolant: (data) => ({
    ...learned(data),
    path: 've',
    sigmaMin: 0.01,
    sigmaMax: Math.max(10, DISTANCES * data.spread, REMOTENESS * data.distance),
  }),
  sampling,
});
