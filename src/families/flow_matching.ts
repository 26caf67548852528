import type { Family } from './family.js';
import { scaledTimes } from './times.js';

/** x_t = (1 − t) z + t x1 with a Gaussian base: one network, the velocity. */
export const flowMatching: Family = {
  name: 'flow-matching',
  summary: 'one-sided linear interpolant, velocity head',
  source: 'Lipman et al., arXiv 2210.02747; Liu et al., arXiv 2209.03003',
  interpolant: scaledTimes,
  sampling: { solver: 'heun', steps: 40, grid: 'uniform' },
};

/** Flow matching on the diffusion path of Lipman et al., the VP SDE's. */
export const flowMatchingVp: Family = {
  name: 'flow-matching-vp',
  summary: 'flow matching on the VP diffusion path, velocity head',
  source: 'Lipman et al., arXiv 2210.02747, eq. 19',
  interpolant: (data) => ({ ...scaledTimes(data), path: 'vp-sde' }),
  sampling: { solver: 'heun', steps: 40, grid: 'chebyshev' },
};

/** Flow matching whose base and data points are paired by optimal transport inside each batch. */
export const otCfm: Family = {
  name: 'ot-cfm',
  summary: 'flow matching with minibatch optimal transport',
  source: 'Tong et al., arXiv 2302.00482; Pooladian et al., arXiv 2304.14772',
  interpolant: (data) => ({ ...scaledTimes(data), coupling: 'ot' }),
  sampling: { solver: 'heun', steps: 40, grid: 'uniform' },
};
