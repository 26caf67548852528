import { type groupReduce as contract, REDUCTION_ID } from '../backend/contracts/reduce.js';
import type { Reference } from './reference.js';

/** y[o,n] = Σ_i x[o,i,n], or m + ln Σ_i e^(x[o,i,n] − m) with m = max_i x[o,i,n] */
export const groupReduce: Reference<typeof contract> = ({ x, y }, p) => {
  const { outer, size, inner, reduction, accumulate } = p;
  for (let at = 0; at < outer * inner; at++) {
    const first = Math.floor(at / inner) * size * inner + (at % inner);
    let result = 0;
    if (reduction === REDUCTION_ID.sum) {
      for (let i = 0; i < size; i++) result += x[first + i * inner];
    } else {
      let max = Number.NEGATIVE_INFINITY;
      for (let i = 0; i < size; i++) max = Math.max(max, x[first + i * inner]);
      let sum = 0;
      for (let i = 0; i < size; i++) sum += Math.exp(x[first + i * inner] - max);
      result = max === Number.NEGATIVE_INFINITY ? max : max + Math.log(sum);
    }
    y[at] = (accumulate ? y[at] : 0) + result;
  }
};
