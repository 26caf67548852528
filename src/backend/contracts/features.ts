/** What a network sees of its inputs: Fourier features of points and times, and embedded labels. */
import type { Drawer } from '../drawer.js';
import { defineKernel, kernelCall } from '../kernel.js';

const fourierParams = {
  batch: 'u32',
  dim: 'u32',
  frequencies: 'u32',
  /** Row length of the matrix that the features are a part of, and the first column they take. */
  stride: 'u32',
  column: 'u32',
} as const;

/** Columns of a wider matrix that a kernel fills. */
const placed = (draw: Drawer, width: number) => {
  const column = draw.below(5);
  return { column, stride: column + width + draw.below(5) };
};

/** A random shape of what makes Fourier features. */
export const fourierShape = (draw: Drawer) => {
  const [dim, frequencies] = [1 + draw.below(5), draw.below(40)];
  return { batch: draw.size(), dim, frequencies, ...placed(draw, dim + 2 * frequencies) };
};

const fourierCases = [
  { batch: 1, dim: 1, frequencies: 1, stride: 3, column: 0 },
  { batch: 7, dim: 2, frequencies: 5, stride: 17, column: 3 },
  { batch: 131, dim: 1, frequencies: 8, stride: 17, column: 0 },
  { batch: 67, dim: 3, frequencies: 0, stride: 5, column: 2 },
  { batch: 33, dim: 2, frequencies: 33, stride: 71, column: 1 },
  { batch: 3, dim: 2, frequencies: 1031, stride: 2065, column: 1 },
];

export const fourierFeatures = defineKernel({
  name: 'fourier_features',
  summary: 'A point itself, then sines and cosines of its projections, into columns of a wider matrix.',
  formula: 'y[b, c…] = (x_b, sin 2π f_k·x_b …, cos 2π f_k·x_b …), k = 1…frequencies, f_k in turns a unit',
  source:
    'Tancik et al., "Fourier features let networks learn high frequency functions", arXiv 2006.10739, §5.',
  params: fourierParams,
  bindings: {
    x: { dtype: 'float', access: 'read', shape: '[batch, dim]', length: (p) => p.batch * p.dim },
    // Bound to x when there are none.
    frequency: {
      dtype: 'float',
      access: 'read',
      shape: '[frequencies, dim]',
      length: (p) => Math.max(1, p.frequencies * p.dim),
    },
    y: {
      dtype: 'float',
      access: 'write',
      shape: '[batch, stride], columns column … column + dim + 2·frequencies − 1',
      length: (p) => p.batch * p.stride,
    },
  },
  cases: fourierCases,
  items: (p) => p.batch * (p.dim + p.frequencies),
  shape: fourierShape,
  gradient: {
    kind: 'backward',
    outputs: ['y'],
    inputs: ['x'],
    vjp: (a, p) => [
      kernelCall(
        fourierFeaturesBackward,
        { x: a.x, frequency: a.frequency, dy: a.d_y, dx: a.d_x },
        {
          batch: p.batch,
          dim: p.dim,
          frequencies: p.frequencies,
          stride: p.stride,
          column: p.column,
          accumulate: 0,
        },
      ),
    ],
  },
});

export const fourierFeaturesBackward = defineKernel({
  name: 'fourier_features_backward',
  summary: 'The gradient of Fourier features to the point; the frequencies are fixed.',
  formula: 'dx_j = dy_j + Σ_k 2π f_kj (dy_sin,k·cos 2π f_k·x − dy_cos,k·sin 2π f_k·x) (added if accumulate)',
  source: 'Chain rule on fourier_features.',
  params: { ...fourierParams, accumulate: 'u32' },
  bindings: {
    x: { dtype: 'float', access: 'read', shape: '[batch, dim]', length: (p) => p.batch * p.dim },
    frequency: {
      dtype: 'float',
      access: 'read',
      shape: '[frequencies, dim]',
      length: (p) => Math.max(1, p.frequencies * p.dim),
    },
    dy: { dtype: 'float', access: 'read', shape: '[batch, stride]', length: (p) => p.batch * p.stride },
    dx: { dtype: 'float', access: 'update', shape: '[batch, dim]', length: (p) => p.batch * p.dim },
  },
  cases: fourierCases.map((c, i) => ({ ...c, accumulate: i % 2 })),
  items: (p) => p.batch * p.dim,
  shape: (draw) => ({ ...fourierShape(draw), accumulate: draw.below(2) }),
  gradient: { kind: 'part-of', forward: 'fourier_features' },
});

const embeddingParams = { batch: 'u32', rows: 'u32', width: 'u32', stride: 'u32', column: 'u32' } as const;

const embeddedShape = (draw: Drawer) => {
  const width = draw.size(65);
  return { batch: draw.size(), rows: draw.size(31), width, ...placed(draw, width) };
};

const embeddingCases = [
  { batch: 1, rows: 1, width: 1, stride: 1, column: 0 },
  { batch: 5, rows: 4, width: 3, stride: 7, column: 2 },
  { batch: 131, rows: 11, width: 16, stride: 37, column: 21 },
  { batch: 300, rows: 3, width: 65, stride: 65, column: 0 },
];

export const embedding = defineKernel({
  name: 'embedding',
  summary: 'The rows of a table chosen by labels, into columns of a wider matrix.',
  formula: 'y[b, column + j] = table[label_b, j]',
  source: 'PyTorch’s nn.Embedding.',
  params: embeddingParams,
  bindings: {
    label: { dtype: 'u32', access: 'read', shape: '[batch], below rows', length: (p) => p.batch },
    table: { dtype: 'float', access: 'read', shape: '[rows, width]', length: (p) => p.rows * p.width },
    y: { dtype: 'float', access: 'write', shape: '[batch, stride]', length: (p) => p.batch * p.stride },
  },
  cases: embeddingCases,
  inputs: (p, random) => ({ label: Array.from({ length: p.batch }, (_, i) => random.integer(i, p.rows)) }),
  items: (p) => p.batch * p.width,
  shape: embeddedShape,
  gradient: {
    kind: 'backward',
    outputs: ['y'],
    inputs: ['table'],
    vjp: (a, p) => [
      kernelCall(
        embeddingBackward,
        { label: a.label, dy: a.d_y, dtable: a.d_table },
        { batch: p.batch, rows: p.rows, width: p.width, stride: p.stride, column: p.column, accumulate: 0 },
      ),
    ],
  },
});

export const embeddingBackward = defineKernel({
  name: 'embedding_backward',
  summary: 'The gradient to the table, summed over the batch in its order.',
  formula: 'dtable[r, j] = Σ_{b: label_b = r} dy[b, column + j] (added if accumulate)',
  source: 'Chain rule on embedding.',
  params: { ...embeddingParams, accumulate: 'u32' },
  bindings: {
    label: { dtype: 'u32', access: 'read', shape: '[batch], below rows', length: (p) => p.batch },
    dy: { dtype: 'float', access: 'read', shape: '[batch, stride]', length: (p) => p.batch * p.stride },
    dtable: { dtype: 'float', access: 'update', shape: '[rows, width]', length: (p) => p.rows * p.width },
  },
  cases: embeddingCases.map((c, i) => ({ ...c, accumulate: i % 2 })),
  inputs: (p, random) => ({ label: Array.from({ length: p.batch }, (_, i) => random.integer(i, p.rows)) }),
  items: (p) => p.rows * p.width,
  shape: (draw) => ({ ...embeddedShape(draw), accumulate: draw.below(2) }),
  gradient: { kind: 'part-of', forward: 'embedding' },
});
