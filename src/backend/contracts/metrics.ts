/** What live metrics ask of points that lie on the device: a density image, and their moments. */
import { defineKernel } from '../kernel.js';

export const histogram2d = defineKernel({
  name: 'histogram_2d',
  summary: 'How many points lie in each cell of a rectangle, and how many outside.',
  formula:
    'counts[⌊(y − bottom)·ny/(top − bottom)⌋·nx + ⌊(x − left)·nx/(right − left)⌋] += 1 inside, ' +
    'counts[nx·ny] += 1 outside, in float32 arithmetic; from 0 unless accumulate',
  source: 'Integer sums do not depend on their order; float32, so that every backend counts the same cells.',
  params: {
    n: 'u32',
    nx: 'u32',
    ny: 'u32',
    /** The rectangle; right > left and top > bottom. */
    left: 'f32',
    right: 'f32',
    bottom: 'f32',
    top: 'f32',
    accumulate: 'u32',
  },
  bindings: {
    points: { dtype: 'float', access: 'read', shape: '[n, 2]', length: (p) => 2 * p.n },
    counts: {
      dtype: 'u32',
      access: 'update',
      shape: '[ny, nx], then the number outside',
      length: (p) => p.nx * p.ny + 1,
    },
  },
  cases: [
    { n: 1, nx: 1, ny: 1, left: -1, right: 1, bottom: -1, top: 1, accumulate: 0 },
    { n: 1000, nx: 7, ny: 13, left: -1.5, right: 2, bottom: -0.1, top: 0.3, accumulate: 1 },
    { n: 5003, nx: 64, ny: 64, left: -2, right: 2, bottom: -2, top: 2, accumulate: 0 },
  ],
  inputs: (p, random) => ({
    counts: Array.from({ length: p.nx * p.ny + 1 }, (_, i) => random.integer(i, 1000)),
  }),
  shape: (draw) => ({
    n: draw.elements(),
    nx: draw.size(),
    ny: draw.size(31),
    left: -2 * draw.uniform(),
    right: 2 * draw.uniform(),
    bottom: -draw.uniform(),
    top: 1 + draw.uniform(),
    accumulate: draw.below(2),
  }),
  gradient: { kind: 'none', why: 'counts are integers' },
});

/** How many numbers `moments` writes: the first moments, then the upper triangle of the second. */
export const momentCount = (dim: number): number => (dim * (dim + 3)) / 2;

export const moments = defineKernel({
  name: 'moments',
  summary: 'Sums of coordinates and of their products, for means and covariances.',
  formula: 'out = (Σ_b x_bi, i = 1…dim; Σ_b x_bi·x_bj, i ≤ j by rows), in a fixed order without atomics',
  source: 'E x and E xxᵀ up to 1/n; fixed order, so that the same points give the same bits.',
  params: { n: 'u32', dim: 'u32' },
  bindings: {
    x: { dtype: 'float', access: 'read', shape: '[n, dim]', length: (p) => p.n * p.dim },
    out: {
      dtype: 'float',
      access: 'write',
      shape: '[dim + dim(dim + 1)/2]',
      length: (p) => momentCount(p.dim),
    },
  },
  cases: [
    { n: 1, dim: 1 },
    { n: 5003, dim: 2 },
    { n: 257, dim: 7 },
    { n: 100, dim: 33 },
  ],
  shape: (draw) => ({ n: draw.elements(), dim: draw.size(31) }),
  gradient: { kind: 'none', why: 'it only reports' },
});
