import type { linearBackwardWeight as contract } from '../backend/contracts/linear.js';
import type { Reference } from './reference.js';

/**
 * dweight[o,i] = Σ_b dy[b,o]·x[b,i] and dbias[o] = Σ_b dy[b,o]. A row of sums at a time, four samples a pass,
 * as in linear_backward_input.
 */
export const linearBackwardWeight: Reference<typeof contract> = ({ x, dy, dweight, dbias }, p) => {
  const { batch, inputs, outputs, accumulate, accumulateBias } = p;
  const blocked = batch - (batch % 4);
  const sums = new Float64Array(inputs);
  for (let o = 0; o < outputs; o++) {
    const row = o * inputs;
    for (let i = 0; i < inputs; i++) sums[i] = accumulate ? dweight[row + i] : 0;
    let bias = accumulateBias ? dbias[o] : 0;
    for (let b = 0; b < blocked; b += 4) {
      const x0 = b * inputs;
      const x1 = x0 + inputs;
      const x2 = x1 + inputs;
      const x3 = x2 + inputs;
      const d0 = dy[b * outputs + o];
      const d1 = dy[(b + 1) * outputs + o];
      const d2 = dy[(b + 2) * outputs + o];
      const d3 = dy[(b + 3) * outputs + o];
      bias += d0 + d1 + d2 + d3;
      for (let i = 0; i < inputs; i++) {
        sums[i] += d0 * x[x0 + i] + d1 * x[x1 + i] + d2 * x[x2 + i] + d3 * x[x3 + i];
      }
    }
    for (let b = blocked; b < batch; b++) {
      const d = dy[b * outputs + o];
      bias += d;
      for (let i = 0; i < inputs; i++) sums[i] += d * x[b * inputs + i];
    }
    for (let i = 0; i < inputs; i++) dweight[row + i] = sums[i];
    dbias[o] = bias;
  }
};
