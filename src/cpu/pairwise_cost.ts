import { type pairwiseCost as contract, DRAW, DRAW_COLUMNS } from '../backend/contracts/coupling.js';
import type { Reference } from './reference.js';

/** cost[j, i] = |x1_j − x0_i|² + penalty·(label of draw j ≠ label of draw i) */
export const pairwiseCost: Reference<typeof contract> = ({ x0, x1, draw, label, cost }, p) => {
  const { n, dim, penalty } = p;
  const labelOf = (k: number) => label[draw[(p.antithetic ? 2 * k : k) * DRAW_COLUMNS + DRAW.row]];
  for (let j = 0; j < n; j++) {
    for (let i = 0; i < n; i++) {
      let sum = penalty !== 0 && labelOf(j) !== labelOf(i) ? penalty : 0;
      for (let k = 0; k < dim; k++) sum += (x1[j * dim + k] - x0[i * dim + k]) ** 2;
      cost[j * n + i] = sum;
    }
  }
};
