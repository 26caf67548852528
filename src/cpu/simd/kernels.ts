/**
 * Which kernels exist in WebAssembly and how their work divides. A kernel that is not here runs its reference
 * on the same memory.
 */
import type { KernelName } from '../../backend/kernels.js';

type Params = Readonly<Record<string, number>>;

/**
 * A kernel whose work is rows: row b of what it writes depends on row b of what it reads, and on arrays that
 * are read as a whole. Such kernels can run one after another on a tile of rows.
 */
export interface RowKernel {
  readonly kind: 'rows';
  /** Rows, or null for an elementwise kernel of `items` elements, which fits any number of rows. */
  readonly rows: ((p: Params) => number) | null;
  readonly items: (p: Params) => number;
  /** Numbers a row, for every binding that is read or written by rows. */
  readonly strides: Readonly<Record<string, (p: Params) => number>>;
  /** A binding that this call does not use: whatever is bound there makes no dependence. */
  readonly unused?: (binding: string, p: Params) => boolean;
}

/** A kernel whose items each thread takes its share of. */
export interface SplitKernel {
  readonly kind: 'split';
  readonly items: (p: Params) => number;
  /** Threads' shares start at multiples of this. */
  readonly grain: number;
  /** The export, where it is not the contract's name. */
  readonly variant?: (p: Params) => string | null;
  /** Bytes of work space, whose address comes behind the parameters. */
  readonly memory?: (p: Params) => number;
}

export type SimdKernel = RowKernel | SplitKernel;

const rows = (names: Record<string, string | 1>, optional: Record<string, string> = {}): RowKernel => ({
  kind: 'rows',
  unused: (binding, p) => binding in optional && p[optional[binding]] === 0,
  rows: (p) => p.batch,
  items: (p) => p.batch,
  strides: Object.fromEntries(
    Object.entries(names).map(([name, width]) => [name, (p: Params) => (width === 1 ? 1 : p[width])]),
  ),
});

/** Rows of tangents; what they are taken at is read as a whole, `directions` rows of tangents for a row of it. */
const tangents = (names: Record<string, string>): RowKernel => ({
  ...rows(names),
  rows: (p) => p.batch * p.directions,
  items: (p) => p.batch * p.directions,
});

const elements = (...names: string[]): RowKernel => ({
  kind: 'rows',
  rows: null,
  items: (p) => p.n,
  strides: Object.fromEntries(names.map((name) => [name, (p: Params) => p.n])),
});

const split = (items: (p: Params) => number, grain = 1): SplitKernel => ({ kind: 'split', items, grain });

/** Columns of a register tile, and rows: `NR` and `MR` of `assembly/micro.ts`. */
export const TILE_COLUMNS = 8;
export const TILE_ROWS = 6;

/**
 * Weights of at most this many numbers, and at most `LARGEST_INNER` in the inner dimension, are packed once a
 * run or step and used row by row; larger ones are packed panel by panel where they are used, which needs no
 * second copy.
 */
const LARGEST_PACKED = 2 ** 18;
const LARGEST_INNER = 1024;

export function isPacked(inner: number, p: Params): boolean {
  return inner <= LARGEST_INNER && p.inputs * p.outputs <= LARGEST_PACKED;
}

export const SIMD_KERNELS: { readonly [K in KernelName]?: SimdKernel } = {
  linear_forward: rows({ x: 'inputs', residual: 'outputs', y: 'outputs' }, { residual: 'hasResidual' }),
  linear_backward_input: rows({ dy: 'outputs', dx: 'inputs' }),
  linear_backward_weight: {
    kind: 'split',
    items: (p) => Math.ceil(p.inputs > p.outputs ? p.inputs / TILE_COLUMNS : p.outputs / TILE_ROWS),
    grain: 1,
    variant: (p) => (p.inputs > p.outputs ? 'linear_backward_weight_panels' : null),
  },
  swiglu_forward: elements('gate', 'up', 'a'),
  swiglu_backward: elements('gate', 'up', 'da', 'dgate', 'dup'),
  selu_forward: elements('x', 'y'),
  selu_backward: elements('x', 'dy', 'dx'),
  fourier_features: rows({ x: 'dim', y: 'stride' }, { frequency: 'frequencies' }),
  fourier_features_backward: rows({ x: 'dim', dy: 'stride', dx: 'dim' }),
  embedding: rows({ label: 1, y: 'stride' }),
  batch_draw: split((p) => p.batch),
  // Split and not rows: with a coupling a row reads the draw of another.
  interpolant_draw: split((p) => p.batch),
  endpoint_draw: split((p) => p.n),
  pairwise_cost: split((p) => p.n),
  // Five arrays of n words and the costs as whole numbers, see assembly/assignment.ts.
  assignment: { ...split(() => 1), memory: (p) => 4 * (5 * (p.n + 3) + p.n * p.n + 3) },
  sinkhorn_step: split((p) => p.n, 4),
  plan_draw: split((p) => p.n),
  regression_loss: rows(
    { prediction: 'dim', target: 'dim', weight: 1, rowLoss: 1, gradient: 'dim' },
    { weight: 'weighted' },
  ),
  broadcast_time: rows({ t: 1 }),
  solver_update: elements('x', 'k1', 'k2', 'k3', 'k4', 'y'),
  random_normal: split((p) => p.n, 64),
  reduce_sum: split((p) => Math.ceil(p.n / p.chunk)),
  adamw: split((p) => p.n, 64),
  ema: split((p) => p.n, 64),
  clock_advance: split(() => 1),
  swiglu_tangent: tangents({ dgate: 'width', dup: 'width', da: 'width' }),
  selu_tangent: tangents({ dx: 'width', dy: 'width' }),
  fourier_features_tangent: tangents({ dx: 'dim', dy: 'stride' }),
  rms_norm_forward: rows({ x: 'width', y: 'width' }),
  rms_norm_tangent: tangents({ dx: 'width', dy: 'width' }),
  column_scale: { ...rows({ x: 'cols', y: 'cols' }), rows: (p) => p.rows, items: (p) => p.rows },
  column_dot: split((p) => p.cols, TILE_COLUMNS),
};
