/** Elementwise arithmetic: what sums of gradients, losses of several terms and constants are made of. */
import { defineKernel, kernelCall, type Vjp } from '../kernel.js';
import { vector } from './bindings.js';

const COUNTS = [1, 2, 31, 64, 257, 5003];

const combineVjp: Vjp = ({ d_y, d_x, d_z }, { n, a, b }) => [
  kernelCall(combine, { x: d_y, z: d_y, y: d_x }, { n, a, b: 0, c: 0, accumulate: 0 }),
  kernelCall(combine, { x: d_y, z: d_y, y: d_z }, { n, a: b, b: 0, c: 0, accumulate: 0 }),
];

export const combine = defineKernel({
  name: 'combine',
  summary: 'A linear combination of two arrays and a constant.',
  formula: 'y = a·x + b·z + c (added to y if accumulate); a term whose factor is 0 is left out',
  source: 'Elementary. Left out, so that 0 times an infinity is no NaN and an unused z may be any array.',
  params: { n: 'u32', a: 'f32', b: 'f32', c: 'f32', accumulate: 'u32' },
  bindings: { x: vector('read'), z: vector('read'), y: vector('update') },
  cases: COUNTS.map((n, i) => ({ n, a: 1.5, b: i % 3 === 0 ? 0 : -0.25, c: i % 2, accumulate: i % 2 })),
  items: (p) => p.n,
  shape: (draw) => ({
    n: draw.elements(),
    ...{ a: 4 * draw.uniform() - 2, b: draw.below(2) * draw.uniform(), c: draw.below(2) * draw.uniform() },
    accumulate: draw.below(2),
  }),
  gradient: {
    kind: 'backward',
    outputs: ['y'],
    inputs: ['x', 'z'],
    vjp: combineVjp,
  },
});

export const fill = defineKernel({
  name: 'fill',
  summary: 'One value everywhere.',
  formula: 'y = value (added to y if accumulate)',
  source: 'Where a backward pass starts: ∂(scale·Σ y)/∂y = scale.',
  params: { n: 'u32', value: 'f32', accumulate: 'u32' },
  bindings: { y: vector('update') },
  cases: COUNTS.map((n, i) => ({ n, value: 0.5 - i, accumulate: i % 2 })),
  items: (p) => p.n,
  shape: (draw) => ({ n: draw.elements(), value: 1 + draw.uniform(), accumulate: draw.below(2) }),
  gradient: { kind: 'none', why: 'it has no input' },
});

const multiplyVjp: Vjp = ({ x, z, d_y, d_x, d_z }, { n }) => [
  kernelCall(multiply, { x: d_y, z, y: d_x }, { n, accumulate: 0 }),
  kernelCall(multiply, { x: d_y, z: x, y: d_z }, { n, accumulate: 0 }),
];

export const multiply = defineKernel({
  name: 'multiply',
  summary: 'The elementwise product of two arrays.',
  formula: 'y = x·z (added to y if accumulate)',
  source: 'Elementary.',
  params: { n: 'u32', accumulate: 'u32' },
  bindings: { x: vector('read'), z: vector('read'), y: vector('update') },
  cases: COUNTS.map((n, i) => ({ n, accumulate: i % 2 })),
  items: (p) => p.n,
  shape: (draw) => ({ n: draw.elements(), accumulate: draw.below(2) }),
  gradient: {
    kind: 'backward',
    outputs: ['y'],
    inputs: ['x', 'z'],
    vjp: multiplyVjp,
  },
});
