/**
 * Forward-mode derivatives: how the operations carry directional derivatives. A tensor [batch, cols] has
 * tangents [batch, directions, cols], the derivatives of each of its rows along each direction. Linear layers
 * carry theirs by linear_forward itself, with a bias of zeros.
 */
import { defineKernel, kernelCall } from '../kernel.js';
import { fourierShape } from './features.js';
import {
  fourierFeaturesTangentBackward,
  swigluTangentBackwardTangents,
  swigluTangentBackwardValues,
} from './tangent_backward.js';

const source = 'Forward-mode differentiation (Griewank & Walther 2008, §3.1).';

export const swigluTangent = defineKernel({
  name: 'swiglu_tangent',
  summary: 'Tangents of the gated activation.',
  formula: 'da[b,k,i] = σ(g)(1 + g·σ(−g))·u·dg[b,k,i] + g·σ(g)·du[b,k,i], g = gate[b,i], u = up[b,i]',
  source: `${source} Chain rule on swiglu_forward.`,
  params: { batch: 'u32', directions: 'u32', width: 'u32' },
  bindings: {
    gate: { dtype: 'float', access: 'read', shape: '[batch, width]', length: (p) => p.batch * p.width },
    up: { dtype: 'float', access: 'read', shape: '[batch, width]', length: (p) => p.batch * p.width },
    dgate: {
      dtype: 'float',
      access: 'read',
      shape: '[batch, directions, width]',
      length: (p) => p.batch * p.directions * p.width,
    },
    dup: {
      dtype: 'float',
      access: 'read',
      shape: '[batch, directions, width]',
      length: (p) => p.batch * p.directions * p.width,
    },
    da: {
      dtype: 'float',
      access: 'write',
      shape: '[batch, directions, width]',
      length: (p) => p.batch * p.directions * p.width,
    },
  },
  cases: [
    { batch: 1, directions: 1, width: 1 },
    { batch: 7, directions: 2, width: 13 },
    { batch: 33, directions: 8, width: 64 },
    { batch: 131, directions: 3, width: 31 },
  ],
  items: (p) => p.batch * p.directions * p.width,
  shape: (draw) => ({ batch: draw.size(), directions: 1 + draw.below(8), width: draw.size(65) }),
  gradient: {
    kind: 'backward',
    outputs: ['da'],
    inputs: ['gate', 'up', 'dgate', 'dup'],
    vjp: ({ gate, up, dgate, dup, d_da: dda, ...d }, { batch, directions, width }) => {
      const p = { batch, directions, width, accumulateGate: 0, accumulateUp: 0 };
      return [
        kernelCall(
          swigluTangentBackwardValues,
          { gate, up, dgate, dup, dda, togate: d.d_gate, toup: d.d_up },
          p,
        ),
        kernelCall(swigluTangentBackwardTangents, { gate, up, dda, ddgate: d.d_dgate, ddup: d.d_dup }, p),
      ];
    },
  },
});

export const seluTangent = defineKernel({
  name: 'selu_tangent',
  summary: 'Tangents of the scaled exponential linear unit.',
  formula: 'dy[b,k,i] = λ·dx[b,k,i] for x[b,i] > 0, else λα·e^x[b,i]·dx[b,k,i]',
  source: `${source} Chain rule on selu_forward; at 0 the left derivative.`,
  params: { batch: 'u32', directions: 'u32', width: 'u32' },
  bindings: {
    x: { dtype: 'float', access: 'read', shape: '[batch, width]', length: (p) => p.batch * p.width },
    dx: {
      dtype: 'float',
      access: 'read',
      shape: '[batch, directions, width]',
      length: (p) => p.batch * p.directions * p.width,
    },
    dy: {
      dtype: 'float',
      access: 'write',
      shape: '[batch, directions, width]',
      length: (p) => p.batch * p.directions * p.width,
    },
  },
  cases: [
    { batch: 1, directions: 1, width: 1 },
    { batch: 7, directions: 2, width: 13 },
    { batch: 131, directions: 3, width: 31 },
  ],
  // Away from 0, where the derivative jumps.
  inputs: (p, random) => ({
    x: Array.from({ length: p.batch * p.width }, (_, i) => {
      const x = 2 * random.normal(i);
      return Math.fround(x + 0.02 * Math.sign(x));
    }),
  }),
  items: (p) => p.batch * p.directions * p.width,
  shape: (draw) => ({ batch: draw.size(), directions: 1 + draw.below(8), width: draw.size(65) }),
  gradient: { kind: 'none', why: 'it is itself a derivative, checked against differences of selu_forward' },
});

export const fourierFeaturesTangent = defineKernel({
  name: 'fourier_features_tangent',
  summary: 'Tangents of Fourier features, into columns of a wider matrix whose other columns do not move.',
  formula:
    'dy[b,k,c…] = (dx, 2π(f_j·dx)·cos 2π f_j·x …, −2π(f_j·dx)·sin 2π f_j·x …), dx = dx[b,k]; with clear, 0 in every other column',
  source: `${source} Chain rule on fourier_features.`,
  params: {
    batch: 'u32',
    directions: 'u32',
    dim: 'u32',
    frequencies: 'u32',
    stride: 'u32',
    column: 'u32',
    /** 1: the first to write to these rows, which sets the columns of what has no tangent to 0. */
    clear: 'u32',
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
    dy: {
      dtype: 'float',
      access: 'write',
      shape: '[batch, directions, stride]',
      length: (p) => p.batch * p.directions * p.stride,
    },
  },
  cases: [
    { batch: 1, directions: 1, dim: 1, frequencies: 1, stride: 3, column: 0, clear: 1 },
    { batch: 7, directions: 2, dim: 2, frequencies: 5, stride: 17, column: 3, clear: 0 },
    { batch: 131, directions: 3, dim: 1, frequencies: 8, stride: 17, column: 0, clear: 1 },
    { batch: 19, directions: 8, dim: 3, frequencies: 0, stride: 5, column: 2, clear: 1 },
    { batch: 33, directions: 2, dim: 2, frequencies: 33, stride: 71, column: 1, clear: 1 },
  ],
  items: (p) => p.batch * p.directions * p.stride,
  shape: (draw) => ({
    ...fourierShape(draw),
    batch: draw.size(65),
    directions: 1 + draw.below(8),
    clear: draw.below(2),
  }),
  gradient: {
    kind: 'backward',
    outputs: ['dy'],
    inputs: ['x', 'dx'],
    vjp: ({ x, frequency, dx, d_dy: ddy, d_x: tox, d_dx: todx }, p) => [
      kernelCall(
        fourierFeaturesTangentBackward,
        { x, frequency, dx, ddy, tox, todx },
        {
          ...{ batch: p.batch, directions: p.directions, dim: p.dim, frequencies: p.frequencies },
          ...{ stride: p.stride, column: p.column, accumulate: 0, accumulateTangent: 0 },
        },
      ),
    ],
  },
});
