import type { linearBackwardInput as contract } from '../backend/contracts/linear.js';
import type { Reference } from './reference.js';

/**
 * dx[b,i] = Σ_o dy[b,o]·weight[o,i]. A row of sums at a time, because weight[o, ·] is contiguous; four outputs
 * a pass, so that a sum is loaded and stored once for four products.
 */
export const linearBackwardInput: Reference<typeof contract> = ({ dy, weight, dx }, p) => {
  const { batch, inputs, outputs, accumulate } = p;
  const blocked = outputs - (outputs % 4);
  const sums = new Float64Array(inputs);
  for (let b = 0; b < batch; b++) {
    const row = b * inputs;
    const out = b * outputs;
    for (let i = 0; i < inputs; i++) sums[i] = accumulate ? dx[row + i] : 0;
    for (let o = 0; o < blocked; o += 4) {
      const w0 = o * inputs;
      const w1 = w0 + inputs;
      const w2 = w1 + inputs;
      const w3 = w2 + inputs;
      const d0 = dy[out + o];
      const d1 = dy[out + o + 1];
      const d2 = dy[out + o + 2];
      const d3 = dy[out + o + 3];
      for (let i = 0; i < inputs; i++) {
        sums[i] += d0 * weight[w0 + i] + d1 * weight[w1 + i] + d2 * weight[w2 + i] + d3 * weight[w3 + i];
      }
    }
    for (let o = blocked; o < outputs; o++) {
      for (let i = 0; i < inputs; i++) sums[i] += dy[out + o] * weight[o * inputs + i];
    }
    for (let i = 0; i < inputs; i++) dx[row + i] = sums[i];
  }
};
