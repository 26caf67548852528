import type { Family } from './family.js';

const TWO_SIDED = { gamma: 'sqrt', heads: ['velocity', 'denoiser'], antithetic: true } as const;

/** x_t = (1 − t) x0 + t x1 + √(a t(1 − t)) z: a velocity for the ODE, and a denoiser that opens the SDEs. */
export const stochasticInterpolant: Family = {
  name: 'stochastic-interpolant',
  summary: 'two-sided linear interpolant with γ = √(a t(1 − t)), velocity and denoiser heads',
  source: 'Albergo, Boffi & Vanden-Eijnden, arXiv 2303.08797, §2',
  interpolant: () => ({ ...TWO_SIDED, timeMin: 1e-4, timeMax: 1 - 1e-4 }),
  sampling: { solver: 'heun', steps: 40, grid: 'uniform' },
};

/**
 * Simulation-free Schrödinger bridges: the same interpolant with γ = σ√(t(1 − t)), σ = 1, between points that
 * entropic optimal transport with regularisation 2σ² has paired. The bridge is the SDE of diffusion σ (the solver
 * `euler-maruyama` with the diffusion `constant` and ε = ½σ²); its flow has the same marginals and takes fewer steps.
 */
export const sf2m: Family = {
  name: 'sf2m',
  summary: 'Schrödinger bridge by flow and score matching: entropic couplings, velocity and denoiser heads',
  source: 'Tong et al., arXiv 2307.03672',
  interpolant: () => ({
    ...TWO_SIDED,
    timeMin: 1e-4,
    timeMax: 1 - 1e-4,
    coupling: 'sinkhorn',
    couplingRegularisation: 2,
  }),
  sampling: { solver: 'heun', steps: 40, grid: 'uniform' },
};
