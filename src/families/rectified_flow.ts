import type { Family } from './family.js';
import { scaledTimes } from './times.js';

/** Flow matching, then one round on the pairs (x0, ODE(x0)) of its own flow, whose paths are straighter. */
export const rectifiedFlow: Family = {
  name: 'rectified-flow',
  summary: 'flow matching trained once more on its own pairs, for straight paths and few steps',
  source: 'Liu, Gong & Liu, arXiv 2209.03003',
  interpolant: scaledTimes,
  sampling: { solver: 'euler', steps: 20, grid: 'uniform' },
  reflow: { rounds: 1, distil: false },
};
