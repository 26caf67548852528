/** Random numbers on the device, and the interpolant's draw built on them. */
import { CLOCK_LENGTH } from '../clock.js';
import { defineKernel } from '../kernel.js';

const clock = {
  dtype: 'u32',
  access: 'read',
  shape: '(step, row, particle, 0)',
  length: () => CLOCK_LENGTH,
} as const;

const seed = { seedLow: 'u32', seedHigh: 'u32' } as const;

/** How a kernel's `path` parameter names a path: x_t = α x0 + β x1 + γ z. */
export const PATH_ID = { linear: 0 } as const;

/** How a kernel's `gamma` parameter names γ(t); `sqrt` is √(a t(1 − t)). */
export const GAMMA_ID = { none: 0, sqrt: 1 } as const;

/** How a kernel's `timeSampling` parameter names the way t is drawn. */
export const TIME_SAMPLING_ID = { uniform: 0, stratified: 1 } as const;

export const randomNormal = defineKernel({
  name: 'random_normal',
  summary: 'Standard normals addressed by (seed, stream, step, element).',
  formula: 'out[i] = scale·N(seed, stream, clock.step, clock.particle·dim + i)',
  source: 'Philox 4×32-10 (Salmon et al. 2011), Box & Muller 1958; see src/random.',
  params: { ...seed, stream: 'u32', n: 'u32', dim: 'u32', scale: 'f32' },
  bindings: {
    clock,
    out: { dtype: 'float', access: 'write', shape: '[n]', length: (p) => p.n },
  },
  cases: [
    { seedLow: 1, seedHigh: 0, stream: 8, n: 1, dim: 1, scale: 1 },
    { seedLow: 0xfffffff3, seedHigh: 12, stream: 9, n: 257, dim: 3, scale: 0.5 },
    { seedLow: 7, seedHigh: 1, stream: 13, n: 4099, dim: 2, scale: 2 },
  ],
  inputs: (p) => ({ clock: [p.n, 0, 5 * p.n, 0] }),
  gradient: { kind: 'none', why: 'it has no differentiable input' },
});

export const interpolantDraw = defineKernel({
  name: 'interpolant_draw',
  summary: 'A training batch: which points, when, with which noise, and what a network is to predict there.',
  formula: 'x_t = α x0 + β x1 + γ z;  velocity = α̇ x0 + β̇ x1 + γ̇ z;  noise = z (x0 where γ ≡ 0)',
  source:
    'Albergo, Boffi & Vanden-Eijnden, arXiv 2303.08797, eqs. 2.1, 2.10 and 2.14; antithetic pairs: §2.4.',
  params: {
    ...seed,
    batch: 'u32',
    dim: 'u32',
    /** Rows of ρ1 in `data`; rows of ρ0 behind them, 0 for a standard normal base. */
    rows: 'u32',
    sourceRows: 'u32',
    path: 'u32',
    gamma: 'u32',
    gammaScale: 'f32',
    timeSampling: 'u32',
    timeMin: 'f32',
    timeMax: 'f32',
    /** 1: rows 2k and 2k + 1 share everything but the sign of z; `batch` must be even. */
    antithetic: 'u32',
    /** Labels become `classes`, the "no label" row, with probability `labelDropout`. */
    classes: 'u32',
    labelDropout: 'f32',
  },
  bindings: {
    clock,
    data: {
      dtype: 'float',
      access: 'read',
      shape: '[rows + sourceRows, dim]',
      length: (p) => (p.rows + p.sourceRows) * p.dim,
    },
    label: { dtype: 'u32', access: 'read', shape: '[rows]', length: (p) => p.rows },
    x: { dtype: 'float', access: 'write', shape: '[batch, dim]', length: (p) => p.batch * p.dim },
    t: { dtype: 'float', access: 'write', shape: '[batch]', length: (p) => p.batch },
    velocity: { dtype: 'float', access: 'write', shape: '[batch, dim]', length: (p) => p.batch * p.dim },
    noise: { dtype: 'float', access: 'write', shape: '[batch, dim]', length: (p) => p.batch * p.dim },
    drawnLabel: { dtype: 'u32', access: 'write', shape: '[batch]', length: (p) => p.batch },
  },
  cases: [
    [1, 1, 1, 0, 0, 0, 0, 0],
    [7, 2, 5, 0, 0, 0, 0.3, 1],
    [34, 3, 11, 7, 1, 1, 0.5, 1],
    [258, 2, 1000, 0, 1, 1, 0, 0],
    [131, 5, 17, 3, 1, 0, 1, 0],
  ].map(([batch, dim, rows, sourceRows, gamma, antithetic, labelDropout, timeSampling], i) => ({
    seedLow: 17 + i,
    seedHigh: i,
    batch,
    dim,
    rows,
    sourceRows,
    path: PATH_ID.linear,
    gamma,
    gammaScale: 0.7,
    timeSampling,
    timeMin: 0.001,
    timeMax: 0.999,
    antithetic,
    classes: 4,
    labelDropout,
  })),
  inputs: (p, random) => ({
    clock: [3 * p.batch, 0, 0, 0],
    label: Array.from({ length: p.rows }, (_, i) => random.integer(i, p.classes)),
  }),
  gradient: { kind: 'none', why: 'data and noise are constants of a training step' },
});
