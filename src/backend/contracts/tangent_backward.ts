/**
 * The way back through tangents: gradients of what is made of a network's directional derivatives, such as a
 * penalty on its slope. A direction is held constant where it starts; linear layers need no kernel of their own.
 */
import { defineKernel } from '../kernel.js';
import { fourierShape } from './features.js';

type Sizes = { readonly batch: number; readonly directions: number; readonly width: number };

const values = {
  dtype: 'float',
  access: 'read',
  shape: '[batch, width]',
  length: (p: Sizes) => p.batch * p.width,
} as const;
const tangents = {
  dtype: 'float',
  access: 'read',
  shape: '[batch, directions, width]',
  length: (p: Sizes) => p.batch * p.directions * p.width,
} as const;

const sizes = { batch: 'u32', directions: 'u32', width: 'u32' } as const;

const CASES = [
  { batch: 1, directions: 1, width: 1 },
  { batch: 7, directions: 2, width: 13 },
  { batch: 33, directions: 8, width: 64 },
  { batch: 131, directions: 3, width: 31 },
];

export const swigluTangentBackwardValues = defineKernel({
  name: 'swiglu_tangent_backward_values',
  summary: 'The gradients of the gated activation’s tangents to the values that they were taken at.',
  formula:
    'togate[b,i] = Σ_k c·(s″(g)·u·dg + s′(g)·du) (added if accumulateGate);  toup[b,i] = Σ_k c·s′(g)·dg (added if accumulateUp); c = dda[b,k,i], s = silu, s″(g) = σ(g)·σ(−g)·(2 + g·(1 − 2σ(g)))',
  source: 'Chain rule on swiglu_tangent; two kernels, because one would bind nine arrays.',
  params: { ...sizes, accumulateGate: 'u32', accumulateUp: 'u32' },
  bindings: {
    gate: values,
    up: values,
    dgate: tangents,
    dup: tangents,
    dda: tangents,
    togate: { ...values, access: 'update', accumulate: 'accumulateGate' },
    toup: { ...values, access: 'update', accumulate: 'accumulateUp' },
  },
  cases: CASES.map((c, i) => ({ ...c, accumulateGate: i % 2, accumulateUp: (i >> 1) % 2 })),
  items: values.length,
  shape: (draw) => ({
    ...{ batch: draw.size(), directions: 1 + draw.below(8), width: draw.size(65) },
    ...{ accumulateGate: draw.below(2), accumulateUp: draw.below(2) },
  }),
  gradient: { kind: 'part-of', forward: 'swiglu_tangent' },
});

export const swigluTangentBackwardTangents = defineKernel({
  name: 'swiglu_tangent_backward_tangents',
  summary: 'The gradients of the gated activation’s tangents to the tangents that came in.',
  formula:
    'ddgate[b,k,i] = c·s′(g)·u (added if accumulateGate);  ddup[b,k,i] = c·s(g) (added if accumulateUp); c = dda[b,k,i], s = silu',
  source: 'Chain rule on swiglu_tangent.',
  params: { ...sizes, accumulateGate: 'u32', accumulateUp: 'u32' },
  bindings: {
    gate: values,
    up: values,
    dda: tangents,
    ddgate: { ...tangents, access: 'update', accumulate: 'accumulateGate' },
    ddup: { ...tangents, access: 'update', accumulate: 'accumulateUp' },
  },
  cases: CASES.map((c, i) => ({ ...c, accumulateGate: i % 2, accumulateUp: (i >> 1) % 2 })),
  items: tangents.length,
  shape: (draw) => ({
    ...{ batch: draw.size(), directions: 1 + draw.below(8), width: draw.size(65) },
    ...{ accumulateGate: draw.below(2), accumulateUp: draw.below(2) },
  }),
  gradient: { kind: 'part-of', forward: 'swiglu_tangent' },
});

export const fourierFeaturesTangentBackward = defineKernel({
  name: 'fourier_features_tangent_backward',
  summary: 'The gradients of Fourier features’ tangents to the point and to the tangents that came in.',
  formula:
    'with w_j = 2π f_j·dx, S_j, C_j = sin, cos 2π f_j·x and c the cotangent’s columns: todx[b,k] = c_x + Σ_j 2π f_j (c_sin,j·C_j − c_cos,j·S_j) (added if accumulateTangent);  tox[b] = −Σ_k Σ_j 2π f_j·w_j (c_sin,j·S_j + c_cos,j·C_j) (added if accumulate)',
  source: 'Chain rule on fourier_features_tangent.',
  params: {
    batch: 'u32',
    directions: 'u32',
    dim: 'u32',
    frequencies: 'u32',
    stride: 'u32',
    column: 'u32',
    accumulate: 'u32',
    accumulateTangent: 'u32',
  },
  bindings: {
    x: { dtype: 'float', access: 'read', shape: '[batch, dim]', length: (p) => p.batch * p.dim },
    // Bound to x when there are none.
    frequency: {
      dtype: 'float',
      access: 'read',
      shape: '[frequencies, dim]',
      length: (p) => Math.max(1, p.frequencies * p.dim),
    },
    dx: {
      dtype: 'float',
      access: 'read',
      shape: '[batch, directions, dim]',
      length: (p) => p.batch * p.directions * p.dim,
    },
    ddy: {
      dtype: 'float',
      access: 'read',
      shape: '[batch, directions, stride]',
      length: (p) => p.batch * p.directions * p.stride,
    },
    tox: { dtype: 'float', access: 'update', shape: '[batch, dim]', length: (p) => p.batch * p.dim },
    todx: {
      dtype: 'float',
      access: 'update',
      accumulate: 'accumulateTangent',
      shape: '[batch, directions, dim]',
      length: (p) => p.batch * p.directions * p.dim,
    },
  },
  cases: [
    { batch: 1, directions: 1, dim: 1, frequencies: 1, stride: 3, column: 0 },
    { batch: 7, directions: 2, dim: 2, frequencies: 5, stride: 17, column: 3 },
    { batch: 131, directions: 3, dim: 1, frequencies: 8, stride: 17, column: 0 },
    { batch: 19, directions: 8, dim: 3, frequencies: 0, stride: 5, column: 2 },
    { batch: 33, directions: 2, dim: 2, frequencies: 33, stride: 71, column: 1 },
  ].map((c, i) => ({ ...c, accumulate: i % 2, accumulateTangent: (i >> 1) % 2 })),
  items: (p) => p.batch * p.dim,
  shape: (draw) => ({
    ...{ ...fourierShape(draw), batch: draw.size(65), directions: 1 + draw.below(8) },
    ...{ accumulate: draw.below(2), accumulateTangent: draw.below(2) },
  }),
  gradient: { kind: 'part-of', forward: 'fourier_features_tangent' },
});
