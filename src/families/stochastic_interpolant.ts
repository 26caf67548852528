import type { Family } from './family.js';

/** x_t = (1 − t) x0 + t x1 + √(a t(1 − t)) z: a velocity for the ODE, and a denoiser that opens the SDEs. */
export const stochasticInterpolant: Family = {
  name: 'stochastic-interpolant',
  summary: 'two-sided linear interpolant with γ = √(a t(1 − t)), velocity and denoiser heads',
  source: 'Albergo, Boffi & Vanden-Eijnden, arXiv 2303.08797, §2',
  heads: ['velocity', 'denoiser'],
  interpolant: {
    path: 'linear',
    gamma: 'sqrt',
    gammaScale: 1,
    timeMin: 1e-4,
    timeMax: 1 - 1e-4,
    timeSampling: 'stratified',
    antithetic: true,
  },
};
