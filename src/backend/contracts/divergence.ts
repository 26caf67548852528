/** Divergences of a network's field, exact from tangents or estimated from one random probe. */
import { CLOCK_LENGTH } from '../clock.js';
import { defineKernel, kernelCall } from '../kernel.js';
import { rowScale } from './rows.js';

export const divergenceTrace = defineKernel({
  name: 'divergence_trace',
  summary: 'The trace of the Jacobian from its columns, the tangents along the axes.',
  formula: 'div[b] = Σ_j tangent[b, j, j]',
  source: 'Chen et al., "Neural ordinary differential equations", arXiv 1806.07366, eq. 8.',
  params: { batch: 'u32', dim: 'u32' },
  bindings: {
    tangent: {
      dtype: 'float',
      access: 'read',
      shape: '[batch, dim directions, dim]',
      length: (p) => p.batch * p.dim * p.dim,
    },
    divergence: { dtype: 'float', access: 'write', shape: '[batch]', length: (p) => p.batch },
  },
  cases: [
    { batch: 1, dim: 1 },
    { batch: 300, dim: 2 },
    { batch: 67, dim: 8 },
  ],
  items: (p) => p.batch,
  // Many rows: one sum of normals may come close to 0, where no relative error means anything.
  shape: (draw) => ({ batch: 16 + draw.size(), dim: 1 + draw.below(8) }),
  gradient: { kind: 'none', why: 'likelihoods are not differentiated through' },
});

export const rowDot = defineKernel({
  name: 'row_dot',
  summary: 'The inner product of each row of two matrices.',
  formula: 'out[b] = Σ_j x[b,j]·y[b,j], summed over j in order',
  source:
    'With y = εᵀJ it is εᵀJε, whose mean over ε is tr J: Hutchinson 1990; Grathwohl et al., arXiv 1810.01367.',
  params: { batch: 'u32', dim: 'u32' },
  bindings: {
    x: { dtype: 'float', access: 'read', shape: '[batch, dim]', length: (p) => p.batch * p.dim },
    y: { dtype: 'float', access: 'read', shape: '[batch, dim]', length: (p) => p.batch * p.dim },
    out: { dtype: 'float', access: 'write', shape: '[batch]', length: (p) => p.batch },
  },
  cases: [
    { batch: 1, dim: 1 },
    { batch: 300, dim: 2 },
    { batch: 67, dim: 129 },
  ],
  items: (p) => p.batch,
  shape: (draw) => ({ batch: 16 + draw.size(), dim: draw.size(129) }),
  gradient: {
    kind: 'backward',
    outputs: ['out'],
    inputs: ['x', 'y'],
    vjp: ({ x, y, d_out, d_x, d_y }, { batch: rows, dim: cols }) => [
      kernelCall(rowScale, { x: y, factor: d_out, y: d_x }, { rows, cols, accumulate: 0 }),
      kernelCall(rowScale, { x, factor: d_out, y: d_y }, { rows, cols, accumulate: 0 }),
    ],
  },
});

export const randomSign = defineKernel({
  name: 'random_sign',
  summary: 'Random signs (Rademacher numbers) addressed by (seed, stream, step, element).',
  formula: 'out[i] = +1 or −1 by the top bit of word clock.particle·dim + i of (seed, stream, clock.step)',
  source: 'Hutchinson 1990: of all probes with independent entries, signs give the least variance.',
  params: { seedLow: 'u32', seedHigh: 'u32', stream: 'u32', n: 'u32', dim: 'u32' },
  bindings: {
    clock: { dtype: 'u32', access: 'read', shape: '(step, row, particle, 0)', length: () => CLOCK_LENGTH },
    out: { dtype: 'float', access: 'write', shape: '[n]', length: (p) => p.n },
  },
  cases: [
    { seedLow: 1, seedHigh: 0, stream: 30, n: 1, dim: 1 },
    { seedLow: 0xfffffff3, seedHigh: 12, stream: 30, n: 257, dim: 3 },
    { seedLow: 7, seedHigh: 1, stream: 13, n: 4099, dim: 2 },
  ],
  inputs: (p) => ({ clock: [p.n, 0, 5 * p.n, 0] }),
  items: (p) => p.n,
  shape: (draw) => ({ ...draw.seed(), n: draw.elements(), dim: draw.size() }),
  gradient: { kind: 'none', why: 'it has no differentiable input' },
});
