import type { linearForward as contract } from '../backend/contracts/linear.js';
import type { Reference } from './reference.js';

/**
 * y[b,o] = bias[o] + Σ_i x[b,i]·weight[o,i] (+ residual[b,o]), summed over i in order. Four outputs at a time:
 * their sums are independent, so that the processor need not wait for one addition before the next.
 */
export const linearForward: Reference<typeof contract> = ({ x, weight, bias, residual, y }, p) => {
  const { batch, inputs, outputs, hasResidual } = p;
  const blocked = outputs - (outputs % 4);
  for (let b = 0; b < batch; b++) {
    const row = b * inputs;
    const out = b * outputs;
    for (let o = 0; o < blocked; o += 4) {
      const w0 = o * inputs - row;
      const w1 = w0 + inputs;
      const w2 = w1 + inputs;
      const w3 = w2 + inputs;
      let s0 = bias[o];
      let s1 = bias[o + 1];
      let s2 = bias[o + 2];
      let s3 = bias[o + 3];
      for (let i = row; i < row + inputs; i++) {
        const value = x[i];
        s0 += value * weight[w0 + i];
        s1 += value * weight[w1 + i];
        s2 += value * weight[w2 + i];
        s3 += value * weight[w3 + i];
      }
      y[out + o] = hasResidual ? residual[out + o] + s0 : s0;
      y[out + o + 1] = hasResidual ? residual[out + o + 1] + s1 : s1;
      y[out + o + 2] = hasResidual ? residual[out + o + 2] + s2 : s2;
      y[out + o + 3] = hasResidual ? residual[out + o + 3] + s3 : s3;
    }
    for (let o = blocked; o < outputs; o++) {
      let sum = bias[o];
      for (let i = 0; i < inputs; i++) sum += x[row + i] * weight[o * inputs + i];
      y[out + o] = hasResidual ? residual[out + o] + sum : sum;
    }
  }
};
