import { type groupReduceBackward as contract, REDUCTION_ID } from '../backend/contracts/reduce.js';
import type { Reference } from './reference.js';

/** dx[o,i,n] = dy[o,n], for logsumexp times the softmax of x over i */
export const groupReduceBackward: Reference<typeof contract> = ({ x, dy, dx }, p) => {
  const { outer, size, inner, reduction, accumulate } = p;
  for (let at = 0; at < outer * inner; at++) {
    const first = Math.floor(at / inner) * size * inner + (at % inner);
    let max = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < size; i++) max = Math.max(max, x[first + i * inner]);
    let sum = 0;
    for (let i = 0; i < size; i++) sum += Math.exp(x[first + i * inner] - max);
    for (let i = 0; i < size; i++) {
      const place = first + i * inner;
      // A group all of −∞ sends nothing back.
      const softmax = max === Number.NEGATIVE_INFINITY ? 0 : Math.exp(x[place] - max) / sum;
      const share = reduction === REDUCTION_ID.sum ? 1 : softmax;
      dx[place] = (accumulate ? dx[place] : 0) + share * dy[at];
    }
  }
};
