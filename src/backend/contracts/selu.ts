/** The self-normalising activation. */
import { defineKernel, kernelCall } from '../kernel.js';

const params = { n: 'u32' } as const;
const cases = [1, 2, 31, 64, 257, 5003].map((n) => ({ n }));

/** The fixed point of mean 0 and variance 1. */
export const SELU_ALPHA = 1.6732632423543772;
export const SELU_SCALE = 1.0507009873554805;

/** Away from 0, where the derivative jumps and no difference quotient converges. */
const inputs = (p: { n: number }, random: { normal(element: number): number }) => ({
  x: Array.from({ length: p.n }, (_, i) => {
    const x = 2 * random.normal(i);
    return Math.fround(x + 0.02 * Math.sign(x));
  }),
});

export const seluForward = defineKernel({
  name: 'selu_forward',
  summary: 'Scaled exponential linear unit, elementwise.',
  formula: 'y = λx for x > 0, else λα(e^x − 1); λ = 1.0507…, α = 1.6732…',
  source: 'Klambauer et al., "Self-normalizing neural networks", arXiv 1706.02515, eq. 2 and §2.3.',
  params,
  bindings: {
    x: { dtype: 'float', access: 'read', shape: '[n]', length: (p) => p.n },
    y: { dtype: 'float', access: 'write', shape: '[n]', length: (p) => p.n },
  },
  cases,
  inputs,
  items: (p) => p.n,
  shape: (draw) => ({ n: draw.elements() }),
  gradient: {
    kind: 'backward',
    outputs: ['y'],
    inputs: ['x'],
    vjp: (b, p) => [kernelCall(seluBackward, { x: b.x, dy: b.d_y, dx: b.d_x }, { n: p.n, accumulate: 0 })],
  },
});

export const seluBackward = defineKernel({
  name: 'selu_backward',
  summary: 'Gradient of the scaled exponential linear unit.',
  formula: 'dx = λ·dy for x > 0, else λα·e^x·dy (added if accumulate)',
  source: 'Chain rule on selu_forward; at 0 the left derivative, as PyTorch takes it.',
  params: { ...params, accumulate: 'u32' },
  bindings: {
    x: { dtype: 'float', access: 'read', shape: '[n]', length: (p) => p.n },
    dy: { dtype: 'float', access: 'read', shape: '[n]', length: (p) => p.n },
    dx: { dtype: 'float', access: 'update', shape: '[n]', length: (p) => p.n },
  },
  cases: cases.map((c, i) => ({ ...c, accumulate: i % 2 })),
  inputs,
  items: (p) => p.n,
  shape: (draw) => ({ n: draw.elements(), accumulate: draw.below(2) }),
  gradient: { kind: 'part-of', forward: 'selu_forward' },
});
