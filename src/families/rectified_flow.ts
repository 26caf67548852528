import { interpolantFamily } from './interpolant/recipe.js';
import { scaledTimes } from './interpolant/times.js';

/** Flow matching, then one round on the pairs (x0, ODE(x0)) of its own flow, whose paths are straighter. */
export const rectifiedFlow = interpolantFamily({
  name: 'rectified-flow',
  summary: 'flow matching trained once more on its own pairs, for straight paths and few steps',
  formula: 'E½‖v(x_t, t) − (x1 − x0)‖², x_t = (1 − t)x0 + t x1; again with x1 = ODE(x0)',
  source: 'Liu, Gong & Liu, arXiv 2209.03003',
  interpolant: scaledTimes,
  sampling: { solver: 'euler', steps: 20, grid: 'uniform' },
  reflowRounds: 1,
});
