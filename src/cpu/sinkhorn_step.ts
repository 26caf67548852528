import type { sinkhornStep as contract } from '../backend/contracts/coupling.js';
import type { Reference } from './reference.js';

/** φ[a] = −ε(ln n + ln Σ_b exp((other[b] − c_ab)/ε)), taken or approached with relaxation */
export const sinkhornStep: Reference<typeof contract> = ({ cost, other, potential }, p) => {
  const { n, regularisation: epsilon } = p;
  const exponents = new Float64Array(n);
  for (let a = 0; a < n; a++) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let b = 0; b < n; b++) {
      const c = p.transpose ? cost[b * n + a] : cost[a * n + b];
      exponents[b] = ((p.warm ? other[b] : 0) - c) / epsilon;
      largest = Math.max(largest, exponents[b]);
    }
    let sum = 0;
    for (let b = 0; b < n; b++) sum += Math.exp(exponents[b] - largest);
    const optimum = -epsilon * (Math.log(n) + largest + Math.log(sum));
    potential[a] = p.accumulate ? (1 - p.relaxation) * potential[a] + p.relaxation * optimum : optimum;
  }
};
