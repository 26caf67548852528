/** The gated activation of a SwiGLU block. */
import { defineKernel, kernelCall } from '../kernel.js';

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
  gradient: {
    kind: 'backward',
    outputs: ['a'],
    inputs: ['gate', 'up'],
    vjp: (b, p) => [
      kernelCall(
        swigluBackward,
        { gate: b.gate, up: b.up, da: b.d_a, dgate: b.d_gate, dup: b.d_up },
        { n: p.n },
      ),
    ],
  },
});

export const swigluBackward = defineKernel({
  name: 'swiglu_backward',
  summary: 'Gradients of the gated activation.',
  formula: 'dup = da·g·σ(g);  dgate = da·up·σ(g)·(1 + g·(1 − σ(g)))',
  source: 'Chain rule on swiglu_forward.',
  params,
  bindings: {
    gate: { dtype: 'float', access: 'read', shape: '[n]', length: (p) => p.n },
    up: { dtype: 'float', access: 'read', shape: '[n]', length: (p) => p.n },
    da: { dtype: 'float', access: 'read', shape: '[n]', length: (p) => p.n },
    dgate: { dtype: 'float', access: 'write', shape: '[n]', length: (p) => p.n },
    dup: { dtype: 'float', access: 'write', shape: '[n]', length: (p) => p.n },
  },
  cases,
  gradient: { kind: 'part-of', forward: 'swiglu_forward' },
});
