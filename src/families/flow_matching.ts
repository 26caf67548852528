import type { Family } from './family.js';

/** x_t = (1 − t) z + t x1 with a Gaussian base: one network, the velocity. */
export const flowMatching: Family = {
  name: 'flow-matching',
  summary: 'one-sided linear interpolant, velocity head',
  source: 'Lipman et al., arXiv 2210.02747; Liu et al., arXiv 2209.03003',
  heads: ['velocity'],
  interpolant: {
    path: 'linear',
    gamma: 'none',
    gammaScale: 1,
    timeMin: 0,
    timeMax: 1,
    timeSampling: 'stratified',
    antithetic: false,
  },
};
