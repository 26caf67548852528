import { type assignmentKernel as contract, FORBIDDEN_COST } from '../backend/contracts/coupling.js';
import { assign } from '../transport/assignment.js';
import { costScale, NO_EDGE } from '../transport/quantise.js';
import type { Reference } from './reference.js';

/** pair = argmin over permutations of Σ_j ⌊2^k cost[j, pair[j]]⌋ */
export const assignment: Reference<typeof contract> = ({ cost, pair }, { n }) => {
  let largest = 0;
  for (let at = 0; at < n * n; at++) {
    if (cost[at] > largest && cost[at] < FORBIDDEN_COST) largest = cost[at];
  }
  const scale = costScale(Math.fround(largest));
  const whole = Int32Array.from({ length: n * n }, (_, at) =>
    cost[at] < FORBIDDEN_COST ? Math.trunc(Math.fround(cost[at]) * scale) : NO_EDGE,
  );
  pair.set(assign(n, (row, column) => whole[row * n + column]).columnOf);
};
