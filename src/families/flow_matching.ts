import { interpolantFamily } from './interpolant/recipe.js';
import { scaledTimes } from './interpolant/times.js';

/** x_t = (1 − t) z + t x1 with a Gaussian base: one network, the velocity. */
export const flowMatching = interpolantFamily({
  name: 'flow-matching',
  summary: 'one-sided linear interpolant, velocity head',
  formula: 'E½‖v(x_t, t) − (x1 − x0)‖², x_t = (1 − t)x0 + t x1',
  source: 'Lipman et al., arXiv 2210.02747; Liu et al., arXiv 2209.03003',
  interpolant: scaledTimes,
  sampling: { solver: 'heun', steps: 40, grid: 'uniform' },
});

/** Flow matching on the diffusion path of Lipman et al., the VP SDE's. */
export const flowMatchingVp = interpolantFamily({
  name: 'flow-matching-vp',
  summary: 'flow matching on the VP diffusion path, velocity head',
  formula: 'E½‖v(x_t, t) − (α̇x0 + β̇x1)‖², x_t = αx0 + βx1 on the VP path',
  source: 'Lipman et al., arXiv 2210.02747, eq. 19',
  interpolant: (data) => ({ ...scaledTimes(data), path: 'vp-sde' }),
  sampling: { solver: 'heun', steps: 40, grid: 'chebyshev' },
});

/** Flow matching whose base and data points are paired by optimal transport inside each batch. */
export const otCfm = interpolantFamily({
  name: 'ot-cfm',
  summary: 'flow matching with minibatch optimal transport',
  formula: 'E½‖v(x_t, t) − (x1 − x0)‖², x_t = (1 − t)x0 + t x1, (x0, x1) from a minibatch optimal plan',
  source: 'Tong et al., arXiv 2302.00482; Pooladian et al., arXiv 2304.14772',
  interpolant: (data) => ({ ...scaledTimes(data), coupling: 'ot' }),
  sampling: { solver: 'heun', steps: 40, grid: 'uniform' },
});
