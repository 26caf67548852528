/** The gated activation of a SwiGLU block. */
import { defineKernel, kernelCall } from '../kernel.js';
import { LINEAR_SIZES, linearShape } from './linear.js';

type Sizes = { readonly inputs: number; readonly outputs: number };
const weights = {
  dtype: 'float',
  access: 'read',
  shape: '[outputs, inputs]',
  length: (p: Sizes) => p.outputs * p.inputs,
} as const;
const biases = {
  dtype: 'float',
  access: 'read',
  shape: '[outputs]',
  length: (p: Sizes) => p.outputs,
} as const;

const params = { n: 'u32' } as const;
const cases = [1, 2, 31, 64, 257, 5003].map((n) => ({ n }));
const source = 'Shazeer, "GLU variants improve Transformer", arXiv 2002.05202, eq. 5.';

export const swigluForward = defineKernel({
  name: 'swiglu_forward',
  summary: 'Elementwise gate: silu of one projection times the other.',
  formula: 'a = gate·σ(gate)·up, σ(g) = 1/(1 + e^−g)',
  source,
  params,
  bindings: {
    gate: { dtype: 'float', access: 'read', shape: '[n]', length: (p) => p.n },
    up: { dtype: 'float', access: 'read', shape: '[n]', length: (p) => p.n },
    a: { dtype: 'float', access: 'write', shape: '[n]', length: (p) => p.n },
  },
  cases,
  items: (p) => p.n,
  shape: (draw) => ({ n: draw.elements() }),
  gradient: {
    kind: 'backward',
    outputs: ['a'],
    inputs: ['gate', 'up'],
    vjp: (b, p) => [
      kernelCall(
        swigluBackward,
        { gate: b.gate, up: b.up, da: b.d_a, dgate: b.d_gate, dup: b.d_up },
        { n: p.n, accumulateGate: 0, accumulateUp: 0 },
      ),
    ],
  },
});

export const linearSwiglu = defineKernel({
  name: 'linear_swiglu',
  summary: 'Both projections of a SwiGLU block and its gate in one pass; neither projection is kept.',
  formula:
    'a[b,o] = g·σ(g)·u, g = gateBias[o] + Σ_i x[b,i]·gateWeight[o,i], u = upBias[o] + Σ_i x[b,i]·upWeight[o,i]',
  source,
  params: { batch: 'u32', inputs: 'u32', outputs: 'u32' },
  bindings: {
    x: { dtype: 'float', access: 'read', shape: '[batch, inputs]', length: (p) => p.batch * p.inputs },
    gateWeight: weights,
    gateBias: biases,
    upWeight: weights,
    upBias: biases,
    a: { dtype: 'float', access: 'write', shape: '[batch, outputs]', length: (p) => p.batch * p.outputs },
  },
  cases: LINEAR_SIZES.map(([batch, inputs, outputs]) => ({ batch, inputs, outputs })),
  shape: linearShape,
  gradient: {
    kind: 'none',
    why: 'training keeps both projections, for their gradients: only plans without any take this kernel',
  },
});

export const swigluBackward = defineKernel({
  name: 'swiglu_backward',
  summary: 'Gradients of the gated activation.',
  formula:
    'dup = da·g·σ(g) (added if accumulateUp);  dgate = da·up·σ(g)·(1 + g·(1 − σ(g))) (added if accumulateGate)',
  source: 'Chain rule on swiglu_forward.',
  params: { ...params, accumulateGate: 'u32', accumulateUp: 'u32' },
  bindings: {
    gate: { dtype: 'float', access: 'read', shape: '[n]', length: (p) => p.n },
    up: { dtype: 'float', access: 'read', shape: '[n]', length: (p) => p.n },
    da: { dtype: 'float', access: 'read', shape: '[n]', length: (p) => p.n },
    dgate: {
      dtype: 'float',
      access: 'update',
      accumulate: 'accumulateGate',
      shape: '[n]',
      length: (p) => p.n,
    },
    dup: { dtype: 'float', access: 'update', accumulate: 'accumulateUp', shape: '[n]', length: (p) => p.n },
  },
  cases: cases.map((c, i) => ({ ...c, accumulateGate: i % 2, accumulateUp: (i >> 1) % 2 })),
  items: (p) => p.n,
  shape: (draw) => ({ n: draw.elements(), accumulateGate: draw.below(2), accumulateUp: draw.below(2) }),
  gradient: { kind: 'part-of', forward: 'swiglu_forward' },
});
