/** The quadratic loss, and sums in a fixed order. */
import { CLOCK_LENGTH } from '../clock.js';
import { defineKernel } from '../kernel.js';

export const regressionLoss = defineKernel({
  name: 'regression_loss',
  summary: 'Weighted squared error of every row and its gradient.',
  formula:
    'rowLoss[b] = scale·w_b·Σ_j (p_bj − y_bj)²;  gradient[b,j] = 2·scale·w_b·(p_bj − y_bj);  w = 1 unless weighted',
  source:
    'arXiv 2303.08797, eqs. 2.13 and 2.16, up to the constant ½E|target|² that makes them a regression: with scale = 1/(2·batch) the sum is E½|p − y|².',
  params: { batch: 'u32', dim: 'u32', scale: 'f32', weighted: 'u32' },
  bindings: {
    prediction: { dtype: 'float', access: 'read', shape: '[batch, dim]', length: (p) => p.batch * p.dim },
    target: { dtype: 'float', access: 'read', shape: '[batch, dim]', length: (p) => p.batch * p.dim },
    // Bound to target when there is none.
    weight: {
      dtype: 'float',
      access: 'read',
      shape: '[batch] if weighted',
      length: (p) => (p.weighted ? p.batch : 1),
    },
    rowLoss: { dtype: 'float', access: 'write', shape: '[batch]', length: (p) => p.batch },
    gradient: { dtype: 'float', access: 'write', shape: '[batch, dim]', length: (p) => p.batch * p.dim },
  },
  cases: [
    { batch: 1, dim: 1, scale: 0.5, weighted: 0 },
    { batch: 7, dim: 3, scale: 0.1, weighted: 1 },
    { batch: 257, dim: 2, scale: 1 / 514, weighted: 0 },
    { batch: 64, dim: 65, scale: 1 / 128, weighted: 1 },
  ],
  items: (p) => p.batch,
  shape: (draw) => ({
    batch: draw.size(),
    dim: draw.size(129),
    scale: draw.uniform(),
    weighted: draw.below(2),
  }),
  gradient: { kind: 'own-gradient', value: 'rowLoss', input: 'prediction', gradient: 'gradient' },
});

export const reduceSum = defineKernel({
  name: 'reduce_sum',
  summary: 'Sums of consecutive chunks in a fixed order; two calls reduce a long array without atomics.',
  formula: 'out[k] = Σ_{i in chunk k} x_i^power, power 1 or 2; with history, out[clock.row] is the only sum',
  source: 'Fixed order, so that the same seed gives the same bits.',
  params: { n: 'u32', chunk: 'u32', power: 'u32', history: 'u32' },
  bindings: {
    clock: { dtype: 'u32', access: 'read', shape: '(step, row, particle, 0)', length: () => CLOCK_LENGTH },
    x: { dtype: 'float', access: 'read', shape: '[n]', length: (p) => p.n },
    out: {
      dtype: 'float',
      access: 'write',
      shape: '[⌈n/chunk⌉], or [rows] with history',
      length: (p) => (p.history ? 1 : Math.ceil(p.n / p.chunk)),
    },
  },
  cases: [
    { n: 1, chunk: 1, power: 1, history: 0 },
    { n: 7, chunk: 3, power: 2, history: 0 },
    { n: 1000, chunk: 1000, power: 1, history: 1 },
    { n: 5003, chunk: 256, power: 2, history: 0 },
    { n: 257, chunk: 257, power: 1, history: 0 },
  ],
  inputs: (p) => ({ clock: [9, 0, 0, p.n] }),
  shape: (draw) => {
    const history = draw.below(2);
    const n = draw.elements();
    // Squares in a history: a sum of normals may come close to 0, where no relative error means anything.
    return { n, chunk: history ? n : draw.size(), power: 2, history };
  },
  gradient: { kind: 'none', why: 'it only reports: the loss kernel writes its own gradient' },
});
