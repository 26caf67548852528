import { type assignmentKernel as contract, FORBIDDEN_COST } from '../backend/contracts/coupling.js';
import { assignWhole } from '../transport/quantise.js';
import type { Reference } from './reference.js';

/** pair = argmin over permutations of Σ_j ⌊2^k cost[j, pair[j]]⌋ */
export const assignment: Reference<typeof contract> = ({ cost, pair }, { n }) => {
  pair.set(assignWhole(cost, n, FORBIDDEN_COST).columnOf);
};
