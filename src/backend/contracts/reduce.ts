/** Sums over groups of rows or columns, plain and of exponentials. */
import type { CounterRandom } from '../../random/random.js';
import type { Drawer } from '../drawer.js';
import { defineKernel, kernelCall } from '../kernel.js';

/** How the parameter `reduction` names what a group becomes. */
export const REDUCTION_ID = { sum: 0, logsumexp: 1 } as const;

export type ReductionName = keyof typeof REDUCTION_ID;

const groups = { outer: 'u32', size: 'u32', inner: 'u32', reduction: 'u32' } as const;
type Groups = { readonly outer: number; readonly size: number; readonly inner: number };
const whole = {
  dtype: 'float',
  access: 'read',
  shape: '[outer, size, inner]',
  length: (p: Groups) => p.outer * p.size * p.inner,
} as const;
const reduced = (p: Groups) => p.outer * p.inner;
const groupCases = [
  { outer: 1, size: 1, inner: 1, reduction: 1 },
  { outer: 7, size: 5, inner: 3, reduction: 0 },
  { outer: 131, size: 2, inner: 1, reduction: 1 },
  { outer: 31, size: 1, inner: 17, reduction: 0 },
  { outer: 3, size: 257, inner: 65, reduction: 1 },
];
const groupShape = (draw: Drawer) => ({
  // Many: one sum of normals may come close to 0, where no relative error means anything.
  ...{ outer: 16 + draw.size(65), size: draw.size(65), inner: draw.size(16) },
  reduction: draw.below(2),
});

/** Exponents that would overflow, or vanish, in all but every third group. */
const inputs = (p: Groups & { readonly reduction: number }, random: CounterRandom) => ({
  x: Array.from({ length: p.outer * p.size * p.inner }, (_, i) => {
    const group = Math.floor(i / (p.size * p.inner));
    const far = p.reduction === REDUCTION_ID.logsumexp ? 200 * ((group % 3) - 1) : 0;
    return Math.fround(far + random.normal(i));
  }),
});

export const groupReduce = defineKernel({
  name: 'group_reduce',
  summary: 'Sums, or logarithms of sums of exponentials, over groups of consecutive rows or columns.',
  formula:
    'y[o,n] = Σ_i x[o,i,n], or m + ln Σ_i e^(x[o,i,n] − m) with m = max_i x[o,i,n], in order (added if accumulate)',
  source:
    'Elementary. k rows of a matrix are (rows/k, k, cols); a row’s columns are (rows, cols, 1). A group all of −∞ is −∞.',
  params: { ...groups, accumulate: 'u32' },
  bindings: { x: whole, y: { dtype: 'float', access: 'update', shape: '[outer, inner]', length: reduced } },
  cases: groupCases.map((c, i) => ({ ...c, accumulate: i % 2 })),
  items: reduced,
  shape: (draw) => ({ ...groupShape(draw), accumulate: draw.below(2) }),
  inputs,
  gradient: {
    kind: 'backward',
    outputs: ['y'],
    inputs: ['x'],
    vjp: ({ x, d_y, d_x }, { outer, size, inner, reduction }) => [
      kernelCall(
        groupReduceBackward,
        { x, dy: d_y, dx: d_x },
        { outer, size, inner, reduction, accumulate: 0 },
      ),
    ],
  },
});

export const groupReduceBackward = defineKernel({
  name: 'group_reduce_backward',
  summary: 'The gradient of sums and of logarithms of sums of exponentials.',
  formula: 'dx[o,i,n] = dy[o,n], times e^x[o,i,n] / Σ_i′ e^x[o,i′,n] for logsumexp (added if accumulate)',
  source:
    'Chain rule on group_reduce; the softmax is made anew, because what y holds may have been added to.',
  params: { ...groups, accumulate: 'u32' },
  bindings: {
    x: whole,
    dy: { dtype: 'float', access: 'read', shape: '[outer, inner]', length: reduced },
    dx: { ...whole, access: 'update' },
  },
  cases: groupCases.map((c, i) => ({ ...c, accumulate: i % 2 })),
  items: reduced,
  shape: (draw) => ({ ...groupShape(draw), accumulate: draw.below(2) }),
  inputs,
  gradient: { kind: 'part-of', forward: 'group_reduce' },
});
