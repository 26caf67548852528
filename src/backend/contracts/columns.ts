/** Columns: a factor for each, and inner products of each; what a learned gain needs. */
import type { Drawer } from '../drawer.js';
import { defineKernel, kernelCall, type Vjp } from '../kernel.js';
import { matrix } from './bindings.js';

const perColumn = {
  dtype: 'float',
  shape: '[cols]',
  length: (p: { readonly cols: number }) => p.cols,
} as const;

const params = { rows: 'u32', cols: 'u32', accumulate: 'u32' } as const;

const CASES = [
  [1, 1],
  [7, 3],
  [257, 2],
  [64, 65],
  [301, 33],
].map(([rows, cols], i) => ({ rows, cols, accumulate: i % 2 }));

// Many rows and columns: one sum of normals may come close to 0, where no relative error means anything.
const shape = (draw: Drawer) => ({
  rows: draw.size(),
  cols: 16 + draw.size(129),
  accumulate: draw.below(2),
});

const columnScaleVjp: Vjp = ({ x, factor, d_y, d_x, d_factor }, { rows, cols }) => [
  kernelCall(columnScale, { x: d_y, factor, y: d_x }, { rows, cols, accumulate: 0 }),
  kernelCall(columnDot, { x, y: d_y, out: d_factor }, { rows, cols, accumulate: 0 }),
];

export const columnScale = defineKernel({
  name: 'column_scale',
  summary: 'Each column of a matrix times a factor of its own.',
  formula: 'y[r,c] = factor[c]·x[r,c] (added if accumulate)',
  source: 'Elementary.',
  params,
  bindings: { x: matrix('read'), factor: { ...perColumn, access: 'read' }, y: matrix('update') },
  cases: CASES,
  items: (p) => p.rows * p.cols,
  shape,
  gradient: { kind: 'backward', outputs: ['y'], inputs: ['x', 'factor'], vjp: columnScaleVjp },
});

export const columnDot = defineKernel({
  name: 'column_dot',
  summary: 'The inner product of each column of two matrices.',
  formula: 'out[c] = Σ_r x[r,c]·y[r,c] (added if accumulate)',
  source: 'Elementary; the gradient of a gain that all rows share.',
  params,
  bindings: { x: matrix('read'), y: matrix('read'), out: { ...perColumn, access: 'update' } },
  cases: CASES,
  shape,
  gradient: {
    kind: 'backward',
    outputs: ['out'],
    inputs: ['x', 'y'],
    vjp: ({ x, y, d_out, d_x, d_y }, { rows, cols }) => [
      kernelCall(columnScale, { x: y, factor: d_out, y: d_x }, { rows, cols, accumulate: 0 }),
      kernelCall(columnScale, { x, factor: d_out, y: d_y }, { rows, cols, accumulate: 0 }),
    ],
  },
});
