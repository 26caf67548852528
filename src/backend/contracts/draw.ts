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

/** How `batch_draw`'s `timeSampling` parameter names the way a cell of the time table is drawn. */
export const TIME_SAMPLING_ID = { uniform: 0, stratified: 1, 'low-discrepancy': 2 } as const;

/** Columns of a time table, see src/interpolant/time_table.ts: three weights each for x and the two targets. */
export const TIME_TABLE = { time: 0, weight: 1, x: 3, first: 6, second: 9 } as const;

export const TIME_COLUMNS = 12;

/** What `batch_draw` says about a row of the batch: rows of `draw`. */
export const DRAW = { row: 0, base: 1, cell: 2 } as const;

export const DRAW_COLUMNS = 3;

/** How `batch_draw`'s `pairing` parameter names where base points come from. */
export const PAIRING_ID = { independent: 0, paired: 1 } as const;

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
  items: (p) => p.n,
  shape: (draw) => ({
    ...draw.seed(),
    n: draw.elements(),
    dim: draw.size(),
    scale: 1 + draw.uniform(),
  }),
  gradient: { kind: 'none', why: 'it has no differentiable input' },
});

export const randomUniform = defineKernel({
  name: 'random_uniform',
  summary: 'Uniform numbers in (0, 1) addressed by (seed, stream, step, element).',
  formula: 'out[i] = (⌊w/2⁹⌋ + ½)·2⁻²³, w = word clock.particle·dim + i of (seed, stream, clock.step)',
  source:
    'Philox 4×32-10 (Salmon et al. 2011). 23 bits, so that a float32 holds every value, 0 and 1 are none, and every backend draws the same.',
  params: { ...seed, stream: 'u32', n: 'u32', dim: 'u32' },
  bindings: {
    clock,
    out: { dtype: 'float', access: 'write', shape: '[n]', length: (p) => p.n },
  },
  cases: [
    { seedLow: 1, seedHigh: 0, stream: 8, n: 1, dim: 1 },
    { seedLow: 0xfffffff3, seedHigh: 12, stream: 9, n: 257, dim: 3 },
    { seedLow: 7, seedHigh: 1, stream: 13, n: 4099, dim: 2 },
  ],
  inputs: (p) => ({ clock: [p.n, 0, 5 * p.n, 0] }),
  items: (p) => p.n,
  shape: (draw) => ({ ...draw.seed(), n: draw.elements(), dim: draw.size() }),
  gradient: { kind: 'none', why: 'it has no differentiable input' },
});

/** Draws of a batch: rows, or pairs of rows. */
const drawsOf = (p: { readonly batch: number; readonly antithetic: number }): number =>
  p.antithetic ? p.batch / 2 : p.batch;

export const batchDraw = defineKernel({
  name: 'batch_draw',
  summary: 'Which data point, base point, time and label each row of a batch gets.',
  formula:
    'draw[b] = (data row, base, cell), t = table[cell].time, weight[h, b] = table[cell].weight_h; ' +
    'row = ⌊u·rows⌋, or with epochs place c mod rows of a permutation of all rows keyed by the epoch ⌊c/rows⌋, c = ' +
    'clock.step·draws + b (a Feistel network over the next power of four, walked until it lands below rows); cell = ⌊u·cells⌋, stratified ⌊(b + u)·cells/draws⌋; ' +
    'base = b, or with sourceRows a row of ρ0 behind the data’s: drawn alike, or the data row’s own when paired',
  source:
    'Luby & Rackoff 1988 for the permutation; Kingma et al., arXiv 2107.00630, §I.1 for times with one shift for all.',
  params: {
    ...seed,
    batch: 'u32',
    /** Rows of ρ1 in `data`; rows of ρ0 behind them, 0 for a standard normal base. */
    rows: 'u32',
    sourceRows: 'u32',
    cells: 'u32',
    timeSampling: 'u32',
    /** 1: rows 2k and 2k + 1 of the batch are one draw and differ in the sign of z; `batch` must be even. */
    antithetic: 'u32',
    /** 1: rows are drawn without replacement until all have had their turn. */
    epochs: 'u32',
    pairing: 'u32',
    /** Labels become `classes`, the "no label" row, with probability `labelDropout`. */
    classes: 'u32',
    labelDropout: 'f32',
    /** 1 or 2; the second's weights begin `weightStride` behind the first's. */
    heads: 'u32',
    weightStride: 'u32',
  },
  bindings: {
    clock,
    label: { dtype: 'u32', access: 'read', shape: '[rows]', length: (p) => p.rows },
    table: {
      dtype: 'float',
      access: 'read',
      shape: '[cells, 12]',
      length: (p) => p.cells * TIME_COLUMNS,
    },
    draw: { dtype: 'u32', access: 'write', shape: '[batch, 3]', length: (p) => p.batch * DRAW_COLUMNS },
    drawnLabel: { dtype: 'u32', access: 'write', shape: '[batch]', length: (p) => p.batch },
    t: { dtype: 'float', access: 'write', shape: '[batch]', length: (p) => p.batch },
    weight: {
      dtype: 'float',
      access: 'write',
      shape: '[heads, weightStride]',
      length: (p) => (p.heads - 1) * p.weightStride + p.batch,
    },
  },
  cases: [
    // batch, rows, sourceRows, cells, timeSampling, antithetic, epochs, pairing, labelDropout, heads, step
    [1, 1, 0, 1, 0, 0, 0, 0, 0, 1],
    [7, 5, 0, 64, 1, 0, 1, 0, 0.3, 2],
    [34, 11, 11, 1000, 2, 1, 1, 1, 0.5, 1],
    [258, 1000, 37, 4096, 1, 1, 0, 0, 0, 2],
    [131, 17, 3, 999, 0, 0, 1, 0, 1, 1],
    [300, 1031, 0, 65536, 2, 0, 1, 0, 0.1, 1],
  ].map(
    (
      [batch, rows, sourceRows, cells, timeSampling, antithetic, epochs, pairing, labelDropout, heads],
      i,
    ) => ({
      ...{ seedLow: 17 + i, seedHigh: i, batch, rows, sourceRows, cells, timeSampling, antithetic, epochs },
      ...{ pairing, classes: 4, labelDropout, heads, weightStride: 64 * Math.ceil(batch / 64) },
    }),
  ),
  inputs: (p, random) => ({
    // Every other case late in a run, where the count of draws passes 2³².
    clock: [p.seedHigh % 2 ? 2 ** 31 - 7 : 3 * p.batch + 5, 0, 0, 0],
    label: Array.from({ length: p.rows }, (_, i) => random.integer(i, p.classes)),
  }),
  shape: (draw) => {
    const antithetic = draw.below(2);
    const batch = antithetic ? 2 * draw.size(129) : draw.size();
    const rows = draw.size() * draw.size(7);
    const paired = draw.below(2);
    return {
      seedLow: draw.bits(),
      seedHigh: draw.below(2 ** 21),
      batch,
      rows,
      sourceRows: paired ? rows : draw.below(2) * draw.size(),
      cells: draw.size() * draw.size(),
      timeSampling: draw.below(3),
      antithetic,
      epochs: draw.below(2),
      pairing: paired,
      classes: 1 + draw.below(10),
      labelDropout: draw.uniform(),
      heads: 1 + draw.below(2),
      weightStride: 320,
    };
  },
  gradient: { kind: 'none', why: 'data and noise are constants of a training step' },
});

export const interpolantDraw = defineKernel({
  name: 'interpolant_draw',
  summary: 'Points x_t between base and data at the times drawn, and the targets of up to two heads.',
  formula:
    'x = c_0 x0 + c_1 x1 + c_z z and alike each target, with the weights c of the row’s cell in the table; ' +
    'x1 = data[row], x0 = N(seed, base, step, base·dim + j) or data[base], z = ±N(seed, latent, step, draw·dim + j); ' +
    'with coupled, a draw i takes the base of draw pair[i]',
  source:
    'Albergo, Boffi & Vanden-Eijnden, arXiv 2303.08797, eqs. 2.1, 2.10 and 2.14; antithetic pairs: §2.4.',
  params: {
    ...seed,
    batch: 'u32',
    dim: 'u32',
    rows: 'u32',
    sourceRows: 'u32',
    cells: 'u32',
    antithetic: 'u32',
    coupled: 'u32',
    heads: 'u32',
  },
  bindings: {
    clock,
    data: {
      dtype: 'float',
      access: 'read',
      shape: '[rows + sourceRows, dim]',
      length: (p) => (p.rows + p.sourceRows) * p.dim,
    },
    table: {
      dtype: 'float',
      access: 'read',
      shape: '[cells, 12]',
      length: (p) => p.cells * TIME_COLUMNS,
    },
    draw: { dtype: 'u32', access: 'read', shape: '[batch, 3]', length: (p) => p.batch * DRAW_COLUMNS },
    // Bound to draw when there is none.
    pair: {
      dtype: 'u32',
      access: 'read',
      shape: '[draws] if coupled',
      length: (p) => (p.coupled ? drawsOf(p) : 1),
    },
    x: { dtype: 'float', access: 'write', shape: '[batch, dim]', length: (p) => p.batch * p.dim },
    first: { dtype: 'float', access: 'write', shape: '[batch, dim]', length: (p) => p.batch * p.dim },
    second: {
      dtype: 'float',
      access: 'write',
      shape: '[batch, dim] with two heads',
      length: (p) => (p.heads > 1 ? p.batch * p.dim : 1),
    },
  },
  cases: [
    // batch, dim, rows, sourceRows, cells, antithetic, coupled, heads
    [1, 1, 1, 0, 1, 0, 0, 1],
    [7, 2, 5, 0, 9, 0, 1, 2],
    [34, 3, 11, 7, 100, 1, 0, 2],
    [258, 2, 1000, 0, 999, 1, 1, 1],
    [131, 5, 17, 3, 64, 0, 1, 2],
  ].map(([batch, dim, rows, sourceRows, cells, antithetic, coupled, heads], i) => ({
    ...{ seedLow: 17 + i, seedHigh: i, batch, dim, rows, sourceRows, cells, antithetic, coupled, heads },
  })),
  inputs: (p, random) => {
    const draws = drawsOf(p);
    return {
      clock: [3 * p.batch, 0, 0, 0],
      draw: Array.from({ length: p.batch * DRAW_COLUMNS }, (_, i) => {
        const b = Math.floor(i / DRAW_COLUMNS);
        // Both rows of a pair are the same draw.
        const element = (p.antithetic ? b >>> 1 : b) * DRAW_COLUMNS + (i % DRAW_COLUMNS);
        const kinds = [p.rows, p.sourceRows === 0 ? draws : p.sourceRows, p.cells];
        const value = random.integer(element, kinds[i % DRAW_COLUMNS]);
        return i % DRAW_COLUMNS === DRAW.base && p.sourceRows > 0 ? p.rows + value : value;
      }),
      pair: Array.from({ length: p.coupled ? draws : 1 }, (_, i) => (i * 7 + 3) % draws),
    };
  },
  items: (p) => p.batch * p.dim,
  shape: (draw) => {
    const antithetic = draw.below(2);
    return {
      seedLow: draw.bits(),
      seedHigh: draw.below(2 ** 21),
      batch: antithetic ? 2 * draw.size(129) : draw.size(),
      dim: 1 + draw.below(7),
      rows: draw.size(),
      sourceRows: draw.below(2) * draw.size(),
      cells: draw.size(),
      antithetic,
      coupled: draw.below(2),
      heads: 1 + draw.below(2),
    };
  },
  gradient: { kind: 'none', why: 'data and noise are constants of a training step' },
});
