/** Rows and columns: what scales, cuts out, repeats and sums them. */
import type { Drawer } from '../drawer.js';
import { defineKernel, kernelCall, type Vjp } from '../kernel.js';
import { column, matrix } from './bindings.js';
import { rowDot } from './divergence.js';
import { groupReduce, REDUCTION_ID } from './reduce.js';

const SIZES = [
  [1, 1],
  [7, 3],
  [257, 2],
  [64, 65],
] as const;

const sizes = (draw: Drawer) => ({ rows: draw.size(), cols: draw.size(65) });

const rowScaleVjp: Vjp = ({ x, factor, d_y, d_x, d_factor }, { rows, cols }) => [
  kernelCall(rowScale, { x: d_y, factor, y: d_x }, { rows, cols, accumulate: 0 }),
  kernelCall(rowDot, { x, y: d_y, out: d_factor }, { batch: rows, dim: cols }),
];

export const rowScale = defineKernel({
  name: 'row_scale',
  summary: 'Each row of a matrix times a factor of its own.',
  formula: 'y[r,c] = factor[r]·x[r,c] (added if accumulate)',
  source: 'Elementary.',
  params: { rows: 'u32', cols: 'u32', accumulate: 'u32' },
  bindings: { x: matrix('read'), factor: column('read'), y: matrix('update') },
  cases: SIZES.map(([rows, cols], i) => ({ rows, cols, accumulate: i % 2 })),
  items: (p) => p.rows * p.cols,
  shape: (draw) => ({ ...sizes(draw), accumulate: draw.below(2) }),
  gradient: {
    kind: 'backward',
    outputs: ['y'],
    inputs: ['x', 'factor'],
    vjp: rowScaleVjp,
  },
});

const part = { rows: 'u32', cols: 'u32', stride: 'u32', column: 'u32' } as const;
const partCases = [
  { rows: 1, cols: 1, stride: 1, column: 0 },
  { rows: 7, cols: 3, stride: 11, column: 5 },
  { rows: 257, cols: 2, stride: 4, column: 2 },
  { rows: 64, cols: 65, stride: 70, column: 1 },
];
const partShape = (draw: Drawer) => {
  const cols = draw.size(65);
  const first = draw.below(5);
  return { rows: draw.size(), cols, stride: first + cols + draw.below(5), column: first };
};
const wide = (p: { readonly rows: number; readonly stride: number }) => p.rows * p.stride;

const takeColumnsVjp: Vjp = ({ d_y, d_x }, { rows, cols, stride, column }) => [
  kernelCall(putColumns, { x: d_y, y: d_x }, { rows, cols, stride, column, clear: 1, accumulate: 0 }),
];

export const takeColumns = defineKernel({
  name: 'take_columns',
  summary: 'Some columns of a matrix, one beside the other.',
  formula: 'y[r,c] = x[r, column + c] (added if accumulate)',
  source: 'Elementary.',
  params: { ...part, accumulate: 'u32' },
  bindings: {
    x: { dtype: 'float', access: 'read', shape: '[rows, stride]', length: wide },
    y: matrix('update'),
  },
  cases: partCases.map((c, i) => ({ ...c, accumulate: i % 2 })),
  items: (p) => p.rows * p.cols,
  shape: (draw) => ({ ...partShape(draw), accumulate: draw.below(2) }),
  gradient: {
    kind: 'backward',
    outputs: ['y'],
    inputs: ['x'],
    vjp: takeColumnsVjp,
  },
});

const putColumnsVjp: Vjp = ({ d_y, d_x }, { rows, cols, stride, column }) => [
  kernelCall(takeColumns, { x: d_y, y: d_x }, { rows, cols, stride, column, accumulate: 0 }),
];

export const putColumns = defineKernel({
  name: 'put_columns',
  summary: 'A matrix into some columns of a wider one.',
  formula: 'y[r, column + c] = x[r,c] (added if accumulate); with clear, 0 in every other column',
  source: 'Elementary.',
  params: { ...part, clear: 'u32', accumulate: 'u32' },
  bindings: {
    x: matrix('read'),
    y: { dtype: 'float', access: 'update', shape: '[rows, stride]', length: wide },
  },
  cases: partCases.map((c, i) => ({ ...c, clear: 1 - (i % 2), accumulate: i % 2 })),
  items: (p) => p.rows * (p.clear ? p.stride : p.cols),
  shape: (draw) => {
    const clear = draw.below(2);
    return { ...partShape(draw), clear, accumulate: clear ? 0 : draw.below(2) };
  },
  gradient: {
    kind: 'backward',
    outputs: ['y'],
    inputs: ['x'],
    vjp: putColumnsVjp,
  },
});

export const repeatRows = defineKernel({
  name: 'repeat_rows',
  summary: 'Each row several times, one copy after the other.',
  formula: 'y[r·times + i, c] = x[r,c], i = 0…times − 1 (added if accumulate)',
  source: 'PyTorch’s repeat_interleave; one row times n is a row that n rows share.',
  params: { rows: 'u32', cols: 'u32', times: 'u32', accumulate: 'u32' },
  bindings: {
    x: matrix('read'),
    y: {
      dtype: 'float',
      access: 'update',
      shape: '[rows·times, cols]',
      length: (p) => p.rows * p.times * p.cols,
    },
  },
  cases: [
    { rows: 1, cols: 1, times: 1, accumulate: 0 },
    { rows: 7, cols: 3, times: 5, accumulate: 1 },
    { rows: 1, cols: 13, times: 257, accumulate: 0 },
    { rows: 67, cols: 1, times: 2, accumulate: 1 },
  ],
  items: (p) => p.rows * p.times * p.cols,
  shape: (draw) => ({ ...sizes(draw), times: draw.size(16), accumulate: draw.below(2) }),
  gradient: {
    kind: 'backward',
    outputs: ['y'],
    inputs: ['x'],
    vjp: ({ d_y, d_x }, { rows, cols, times }) => [
      kernelCall(
        groupReduce,
        { x: d_y, y: d_x },
        { outer: rows, size: times, inner: cols, reduction: REDUCTION_ID.sum, accumulate: 0 },
      ),
    ],
  },
});

export const gatherRows = defineKernel({
  name: 'gather_rows',
  summary: 'Rows of a matrix by their numbers: the batch out of the data.',
  formula: 'y[r,c] = x[index[r·stride + column], c]',
  source: 'Elementary.',
  params: { sourceRows: 'u32', rows: 'u32', cols: 'u32', stride: 'u32', column: 'u32' },
  bindings: {
    x: {
      dtype: 'float',
      access: 'read',
      shape: '[sourceRows, cols]',
      length: (p) => p.sourceRows * p.cols,
    },
    /** Below sourceRows. */
    index: { dtype: 'u32', access: 'read', shape: '[rows, stride]', length: (p) => p.rows * p.stride },
    y: matrix('write'),
  },
  cases: SIZES.map(([rows, cols], i) => ({ sourceRows: 3 * i + 1, rows, cols, stride: i + 1, column: i })),
  inputs: (p, random) => ({
    index: Array.from({ length: p.rows * p.stride }, (_, i) => random.integer(i, p.sourceRows)),
  }),
  items: (p) => p.rows * p.cols,
  shape: (draw) => {
    const stride = draw.size(5);
    return { sourceRows: draw.size(), ...sizes(draw), stride, column: draw.below(stride) };
  },
  gradient: { kind: 'none', why: 'it reads data, which nobody differentiates by' },
});
