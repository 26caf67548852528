/** What a sampler does between two evaluations of its network. */
import { CLOCK_LENGTH } from '../clock.js';
import { defineKernel } from '../kernel.js';

const clock = {
  dtype: 'u32',
  access: 'read',
  shape: '(step, row, particle, 0)',
  length: () => CLOCK_LENGTH,
} as const;

/** Columns that one update takes in a solver's table. */
export const UPDATE = { y: 0, x: 1, k1: 2, k2: 3, k3: 4, k4: 5, noise: 6 } as const;

export const UPDATE_COLUMNS = 7;

export const broadcastTime = defineKernel({
  name: 'broadcast_time',
  summary: 'The time of the current stage for every particle.',
  formula: 't[b] = table[clock.row·stride + column]',
  source: 'See src/samplers: a solver is a table of times and coefficients.',
  params: { batch: 'u32', stride: 'u32', column: 'u32' },
  bindings: {
    clock,
    table: { dtype: 'float', access: 'read', shape: '[rows, stride]', length: (p) => p.stride },
    t: { dtype: 'float', access: 'write', shape: '[batch]', length: (p) => p.batch },
  },
  cases: [
    { batch: 1, stride: 1, column: 0 },
    { batch: 300, stride: 9, column: 5 },
  ],
  inputs: (p, random) => ({
    clock: [3, 2, 0, 0],
    table: Array.from({ length: 3 * p.stride }, (_, i) => random.normal(i)),
  }),
  items: (p) => p.batch,
  shape: (draw) => {
    const stride = draw.size(31);
    return { batch: draw.size(), stride, column: draw.below(stride) };
  },
  gradient: { kind: 'none', why: 'times are constants of a solver' },
});

export const solverUpdate = defineKernel({
  name: 'solver_update',
  summary: 'Every ODE and SDE update: a linear combination whose coefficients the clock looks up.',
  formula:
    'y[i] = c_y y[i] (if accumulate) + c_x x[i] + Σ_{s=1..4} c_s k_s[i] + c_ξ N(seed, stream, clock.step, clock.particle·dim + i); ' +
    'a term whose coefficient is 0 is not read',
  source: 'Butcher tableaus of explicit Runge–Kutta methods; Kloeden & Platen 1992 for the noise term.',
  params: {
    seedLow: 'u32',
    seedHigh: 'u32',
    stream: 'u32',
    n: 'u32',
    dim: 'u32',
    stride: 'u32',
    column: 'u32',
    accumulate: 'u32',
  },
  bindings: {
    clock,
    table: { dtype: 'float', access: 'read', shape: '[rows, stride]', length: (p) => p.stride },
    x: { dtype: 'float', access: 'read', shape: '[n]', length: (p) => p.n },
    k1: { dtype: 'float', access: 'read', shape: '[n]', length: (p) => p.n },
    k2: { dtype: 'float', access: 'read', shape: '[n]', length: (p) => p.n },
    k3: { dtype: 'float', access: 'read', shape: '[n]', length: (p) => p.n },
    k4: { dtype: 'float', access: 'read', shape: '[n]', length: (p) => p.n },
    y: { dtype: 'float', access: 'update', shape: '[n]', length: (p) => p.n },
  },
  cases: [
    { seedLow: 3, seedHigh: 0, stream: 9, n: 1, dim: 1, stride: 7, column: 0, accumulate: 1 },
    { seedLow: 3, seedHigh: 9, stream: 9, n: 514, dim: 2, stride: 17, column: 8, accumulate: 0 },
    { seedLow: 5, seedHigh: 1, stream: 9, n: 1011, dim: 3, stride: 9, column: 2, accumulate: 1 },
  ],
  inputs: (p, random) => ({
    clock: [6, 1, 2 * p.n, 0],
    table: Array.from({ length: 2 * p.stride }, (_, i) => random.normal(i)),
  }),
  items: (p) => p.n,
  shape: (draw) => {
    const column = draw.below(5);
    return {
      ...draw.seed(),
      n: draw.elements(),
      dim: draw.size(31),
      stride: column + 7 + draw.below(5),
      column,
      accumulate: draw.below(2),
    };
  },
  gradient: { kind: 'none', why: 'samplers are not differentiated through' },
});
