/** Minibatch couplings: which base point each data point of a batch is paired with. */
import { CLOCK_LENGTH } from '../clock.js';
import { defineKernel } from '../kernel.js';

const clock = {
  dtype: 'u32',
  access: 'read',
  shape: '(step, row, particle, 0)',
  length: () => CLOCK_LENGTH,
} as const;

const seed = { seedLow: 'u32', seedHigh: 'u32' } as const;

type Sizes = Readonly<Record<string, number>>;

/** Rows of a batch: draw k is row k, or rows 2k and 2k + 1 of antithetic pairs. */
const batchRows = (p: Sizes) => (p.antithetic ? 2 : 1) * p.n;

/** Columns of a row of `draw`: the row of ρ1, the base index, the cell of the time table. */
export const DRAW = { row: 0, base: 1, cell: 2 } as const;
export const DRAW_COLUMNS = 3;

const draw = {
  dtype: 'u32',
  access: 'read',
  shape: '[n·(1 + antithetic), 3]: data row, base index, table cell',
  length: (p: Sizes) => batchRows(p) * DRAW_COLUMNS,
} as const;

/** A cost from which on two points may not be paired: `assignment` leaves such edges out. */
export const FORBIDDEN_COST = 1e30;

/** A batch whose data rows lie in [0, rows) and whose bases, where they are data too, behind them. */
const draws = (p: Sizes, random: { integer(element: number, n: number): number }) =>
  Array.from({ length: batchRows(p) }, (_, b) => {
    const k = p.antithetic ? b >>> 1 : b;
    const base = p.sourceRows ? p.rows + random.integer(2 * k + 1, p.sourceRows) : 7 * k + 3;
    return [random.integer(2 * k, p.rows), base, 0];
  }).flat();

export const endpointDraw = defineKernel({
  name: 'endpoint_draw',
  summary: 'The two ends of every draw of a batch, before they are coupled.',
  formula:
    'x1[k] = data[draw[b].row], x0[k] = data[draw[b].base] with sourceRows, ' +
    'else x0[k·dim + j] = N(seed, base stream, clock.step, draw[b].base·dim + j); b = k, or 2k with antithetic pairs',
  source: 'The same numbers as interpolant_draw takes, see src/random for the normals.',
  params: { ...seed, n: 'u32', dim: 'u32', rows: 'u32', sourceRows: 'u32', antithetic: 'u32' },
  bindings: {
    clock,
    data: {
      dtype: 'float',
      access: 'read',
      shape: '[rows + sourceRows, dim]',
      length: (p) => (p.rows + p.sourceRows) * p.dim,
    },
    draw,
    x0: { dtype: 'float', access: 'write', shape: '[n, dim]', length: (p) => p.n * p.dim },
    x1: { dtype: 'float', access: 'write', shape: '[n, dim]', length: (p) => p.n * p.dim },
  },
  cases: [
    { seedLow: 1, seedHigh: 0, n: 1, dim: 1, rows: 1, sourceRows: 0, antithetic: 0 },
    { seedLow: 2, seedHigh: 9, n: 37, dim: 3, rows: 11, sourceRows: 0, antithetic: 1 },
    { seedLow: 3, seedHigh: 1, n: 130, dim: 2, rows: 50, sourceRows: 40, antithetic: 0 },
    { seedLow: 4, seedHigh: 1, n: 67, dim: 5, rows: 5, sourceRows: 3, antithetic: 1 },
  ],
  inputs: (p, random) => ({ clock: [3 * p.n, 0, 0, 0], draw: draws(p, random) }),
  items: (p) => p.n * p.dim,
  shape: (draw) => ({
    seedLow: draw.bits(),
    seedHigh: draw.below(2 ** 21),
    n: draw.size(),
    dim: 1 + draw.below(7),
    rows: draw.size(),
    sourceRows: draw.below(2) * draw.size(),
    antithetic: draw.below(2),
  }),
  gradient: { kind: 'none', why: 'data and noise are constants of a training step' },
});

export const pairwiseCost = defineKernel({
  name: 'pairwise_cost',
  summary: 'The cost of pairing every data point of a batch with every base point.',
  formula:
    'cost[j, i] = |x1_j − x0_i|², plus penalty where label[draw_j.row] ≠ label[draw_i.row]: ' +
    'base i belongs to the class of draw i',
  source:
    'Tong et al., arXiv 2302.00482, §3.2; within a class: Cheng & Schwing, arXiv 2503.10636 (conditional optimal transport).',
  params: {
    n: 'u32',
    dim: 'u32',
    rows: 'u32',
    antithetic: 'u32',
    /** 0 to couple across classes, {@link FORBIDDEN_COST} to couple within them. */
    penalty: 'f32',
  },
  bindings: {
    x0: { dtype: 'float', access: 'read', shape: '[n, dim]', length: (p) => p.n * p.dim },
    x1: { dtype: 'float', access: 'read', shape: '[n, dim]', length: (p) => p.n * p.dim },
    draw,
    label: { dtype: 'u32', access: 'read', shape: '[rows]', length: (p) => p.rows },
    cost: { dtype: 'float', access: 'write', shape: '[n, n]', length: (p) => p.n * p.n },
  },
  cases: [
    { n: 1, dim: 1, rows: 1, antithetic: 0, penalty: 0 },
    { n: 33, dim: 3, rows: 7, antithetic: 1, penalty: 5 },
    { n: 70, dim: 2, rows: 19, antithetic: 0, penalty: 3 },
    { n: 13, dim: 67, rows: 5, antithetic: 0, penalty: 0 },
  ],
  inputs: (p, random) => ({
    draw: draws({ ...p, sourceRows: 0 }, random),
    label: Array.from({ length: p.rows }, (_, i) => random.integer(1000 + i, 3)),
  }),
  items: (p) => p.n * p.n,
  shape: (draw) => ({
    n: draw.size(129),
    dim: 1 + draw.below(7),
    rows: draw.size(),
    antithetic: draw.below(2),
    penalty: draw.below(2) * (1 + draw.uniform()),
  }),
  gradient: { kind: 'none', why: 'a coupling is a constant of a training step' },
});

export const assignmentKernel = defineKernel({
  name: 'assignment',
  summary: 'The exact minibatch optimal transport plan between equal weights: a permutation of least cost.',
  formula:
    'pair = argmin over permutations of Σ_j q(cost[j, pair[j]]), q(c) = ⌊2^k c⌋ with the k that puts the largest ' +
    'cost below FORBIDDEN_COST in [2²⁶, 2²⁷): whole numbers, so that every backend finds the same pairs',
  source:
    'Shortest augmenting paths: Jonker & Volgenant, Computing 38 (1987); minibatch coupling: Pooladian et al., arXiv 2304.14772; Tong et al., arXiv 2302.00482.',
  params: { n: 'u32' },
  bindings: {
    cost: {
      dtype: 'float',
      access: 'read',
      shape: '[n, n], not negative; edges of FORBIDDEN_COST and more are left out',
      length: (p) => p.n * p.n,
    },
    pair: { dtype: 'u32', access: 'write', shape: '[n], a permutation', length: (p) => p.n },
  },
  cases: [{ n: 1 }, { n: 2 }, { n: 7 }, { n: 65 }, { n: 130 }],
  inputs: (p, random) => ({
    cost: Array.from({ length: p.n * p.n }, (_, at) => {
      const [j, i] = [Math.floor(at / p.n), at % p.n];
      const [first, second] = [2 * i, 100_000 + 2 * j];
      return Math.fround(
        (random.normal(first) - random.normal(second)) ** 2 +
          (random.normal(first + 1) - random.normal(second + 1)) ** 2,
      );
    }),
  }),
  shape: (draw) => ({ n: draw.size(129) }),
  gradient: { kind: 'none', why: 'a permutation is not differentiable' },
});

export const sinkhornStep = defineKernel({
  name: 'sinkhorn_step',
  summary: 'Half an iteration of Sinkhorn’s algorithm for equal weights, in the log domain.',
  formula:
    'φ[a] = −ε(ln n + ln Σ_b exp((other[b] − c_ab)/ε)), c_ab = cost[a, b], or cost[b, a] with transpose; other counts ' +
    'as 0 unless warm; potential = φ, or with accumulate (1 − ω)·potential + ω·φ, ω the relaxation',
  source:
    'Cuturi 2013, arXiv 1306.0895; log domain: Peyré & Cuturi, arXiv 1803.00567, §4.4; relaxation: Thibault, Chizat, ' +
    'Dossal & Papadakis, arXiv 1711.01851.',
  params: {
    n: 'u32',
    /** ε > 0, in units of the cost. */
    regularisation: 'f32',
    transpose: 'u32',
    /** 0 at the start: `other` is not read. */
    warm: 'u32',
    /** 0: the potential is overwritten, and what it held is not read. */
    accumulate: 'u32',
    /** ω from 1 to below 2; above 1 the step goes further than to its own optimum. */
    relaxation: 'f32',
  },
  bindings: {
    cost: { dtype: 'float', access: 'read', shape: '[n, n]', length: (p) => p.n * p.n },
    other: { dtype: 'float', access: 'read', shape: '[n]', length: (p) => p.n },
    potential: { dtype: 'float', access: 'update', shape: '[n]', length: (p) => p.n },
  },
  cases: [
    { n: 1, regularisation: 1, transpose: 0, warm: 1, accumulate: 0, relaxation: 1 },
    { n: 7, regularisation: 0.02, transpose: 1, warm: 1, accumulate: 1, relaxation: 1.7 },
    { n: 66, regularisation: 0.5, transpose: 0, warm: 0, accumulate: 0, relaxation: 1 },
    { n: 131, regularisation: 2, transpose: 1, warm: 1, accumulate: 0, relaxation: 1 },
    { n: 97, regularisation: 0.1, transpose: 0, warm: 1, accumulate: 1, relaxation: 1.5 },
  ],
  shape: (draw) => ({
    n: draw.size(129),
    regularisation: 0.05 + draw.uniform(),
    transpose: draw.below(2),
    warm: draw.below(2),
    accumulate: draw.below(2),
    relaxation: 1 + 0.9 * draw.uniform(),
  }),
  gradient: { kind: 'none', why: 'a coupling is a constant of a training step' },
});

export const marginalError = defineKernel({
  name: 'marginal_error',
  summary: 'How far the bases’ marginal of an entropic plan is from 1/n each, in total variation.',
  formula:
    'out = ½ · mean_i |exp((before[i] − after[i])/ε) − 1|: with potentials of the data that make every row of the plan ' +
    'right for `before`, and `after` the Sinkhorn step from them, column i of the plan holds exp((before[i] − after[i])/ε)/n',
  source: 'The ratio of two Sinkhorn steps: Peyré & Cuturi, arXiv 1803.00567, §4.2.',
  params: { n: 'u32', regularisation: 'f32' },
  bindings: {
    before: { dtype: 'float', access: 'read', shape: '[n]', length: (p) => p.n },
    after: { dtype: 'float', access: 'read', shape: '[n]', length: (p) => p.n },
    out: { dtype: 'float', access: 'write', shape: '[1]', length: () => 1 },
  },
  cases: [
    { n: 1, regularisation: 2 },
    { n: 7, regularisation: 0.5 },
    { n: 300, regularisation: 1 },
  ],
  shape: (draw) => ({ n: draw.size(), regularisation: 0.5 + draw.uniform() }),
  gradient: { kind: 'none', why: 'it only reports' },
});

export const planDraw = defineKernel({
  name: 'plan_draw',
  summary: 'A base for every data draw from the plan’s conditional: no data point is lost.',
  formula:
    'pair[j] = argmax_i ((potential[i] − cost[j, i])/ε + G_ji), G = −ln(−ln u), ' +
    'u uniform of (seed, coupling stream, clock.step, j·n + i): i has probability ∝ exp((potential[i] − cost[j, i])/ε)',
  source:
    'Gumbel-max: Maddison, Tarlow & Minka 2014, arXiv 1411.0030; the plan’s draws: arXiv 2307.03672, §3.3.',
  params: { ...seed, n: 'u32', regularisation: 'f32' },
  bindings: {
    clock,
    cost: { dtype: 'float', access: 'read', shape: '[n, n]', length: (p) => p.n * p.n },
    potential: { dtype: 'float', access: 'read', shape: '[n], the bases’', length: (p) => p.n },
    pair: { dtype: 'u32', access: 'write', shape: '[n], with repetitions', length: (p) => p.n },
  },
  cases: [
    { seedLow: 1, seedHigh: 0, n: 1, regularisation: 1 },
    { seedLow: 2, seedHigh: 5, n: 31, regularisation: 0.3 },
    { seedLow: 3, seedHigh: 1, n: 130, regularisation: 1 },
  ],
  inputs: (p) => ({ clock: [p.n, 0, 0, 0] }),
  shape: (draw) => ({
    seedLow: draw.bits(),
    seedHigh: draw.below(2 ** 21),
    n: draw.size(129),
    regularisation: 0.5 + draw.uniform(),
  }),
  gradient: { kind: 'none', why: 'it draws whole numbers' },
});
