/** A whole sampler as one kernel: network and solver together, for points of few coordinates. */
import { CLOCK_LENGTH } from '../clock.js';
import { defineKernel, SLICE_ALIGNMENT } from '../kernel.js';

type Numbers = Readonly<Record<string, number>>;

/** A tensor of the network: where it lies in the flat array of parameters, in elements. */
export interface Placed {
  readonly at: number;
  /** [rows, columns]; a bias has one column. */
  readonly rows: number;
  readonly columns: number;
}

export interface PlacedLayer {
  readonly weight: Placed;
  readonly bias: Placed;
}

export interface NetworkLayout {
  /** The embedding, of an unconditional network null. */
  readonly label: Placed | null;
  readonly input: PlacedLayer;
  readonly blocks: readonly {
    readonly gate: PlacedLayer;
    readonly up: PlacedLayer;
    readonly down: PlacedLayer;
  }[];
  readonly output: PlacedLayer;
  /** Elements of all, gaps included. */
  readonly length: number;
}

/** Columns that the network's first layer sees: point, its features, time, its features, label. */
export const fusedInputs = (p: Numbers): number =>
  p.dim + 2 * p.pointFrequencies + 1 + 2 * p.timeFrequencies + (p.classes > 0 ? p.labelWidth : 0);

/** Where src/nn/parameters.ts puts the tensors of src/nn/mlp.ts: one behind the other, each at a multiple of 64. */
export function networkLayout(p: Numbers): NetworkLayout {
  let length = 0;
  const place = (rows: number, columns: number): Placed => {
    const at = length;
    length += Math.ceil((rows * columns) / SLICE_ALIGNMENT) * SLICE_ALIGNMENT;
    return { at, rows, columns };
  };
  const layer = (inputs: number, outputs: number): PlacedLayer => ({
    weight: place(outputs, inputs),
    bias: place(outputs, 1),
  });
  const label = p.classes > 0 ? place(p.classes + 1, p.labelWidth) : null;
  const input = layer(fusedInputs(p), p.hidden);
  const blocks = Array.from({ length: p.blocks }, () => ({
    gate: layer(p.hidden, p.inner),
    up: layer(p.hidden, p.inner),
    down: layer(p.inner, p.hidden),
  }));
  const output = layer(p.hidden, p.dim);
  return { label, input, blocks, output, length };
}

/** Multiplications of one evaluation for one point: what its time is proportional to. */
export const fusedWork = (p: Numbers): number =>
  p.hidden * (fusedInputs(p) + p.dim) + p.blocks * 3 * p.hidden * p.inner;

/** Points have at most this many coordinates. */
export const FUSED_MAX_DIM = 4;

/** Slopes a solver may have, as in `solver_update`. */
export const FUSED_MAX_STAGES = 4;

/** WebGPU's default limit on a workgroup's memory, in numbers. */
const WORKGROUP_NUMBERS = 4096;

/** Numbers a particle takes there: the residual stream, what is wider than it, and the solver's state. */
export interface FusedSizes {
  readonly hidden: number;
  readonly wide: number;
  readonly state: number;
}

export function fusedSizes(p: Numbers): FusedSizes {
  return { hidden: p.hidden, wide: Math.max(p.inner, fusedInputs(p)), state: (p.stages + 2) * p.dim };
}

/** Particles whose activations fit a workgroup's memory: 16, 8 or 4; 0 when not even 4 do. */
export function fusedTile(p: Numbers): number {
  const { hidden, wide, state } = fusedSizes(p);
  return [16, 8, 4].find((tile) => tile * (hidden + wide + state) <= WORKGROUP_NUMBERS) ?? 0;
}

const cases = [
  // n, first, dim, steps, stages, hidden, inner, blocks, pointFrequencies, timeFrequencies, classes, labelWidth
  [1, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0],
  [37, 5, 2, 3, 2, 12, 16, 2, 3, 2, 3, 5],
  [70, 0, 2, 2, 1, 32, 64, 1, 8, 4, 0, 0],
  [9, 64, 3, 4, 4, 7, 13, 1, 0, 3, 2, 1],
  [33, 1, 4, 1, 2, 65, 33, 2, 5, 0, 0, 0],
  [11, 0, 2, 1, 1, 128, 256, 2, 32, 4, 10, 16],
].map(
  ([
    n,
    first,
    dim,
    steps,
    stages,
    hidden,
    inner,
    blocks,
    pointFrequencies,
    timeFrequencies,
    classes,
    labelWidth,
  ]) => ({
    ...{ seedLow: 3 + n, seedHigh: first, stream: 9, first, n, dim, steps, stages, stride: 8 * stages + 7 },
    ...{ hidden, inner, blocks, pointFrequencies, timeFrequencies, classes, labelWidth },
    unlabelled: n % 4,
  }),
);

export const fusedSampler = defineKernel({
  name: 'fused_sampler',
  summary: 'Steps of a solver through a network, points staying where they are: one launch for all of them.',
  formula:
    'for s = 0…steps − 1, with the table’s row r = clock.row + s: k_i = f(t_i, c_x y + Σ_{j<i} c_j k_j + c_ξ N), ' +
    'y ← c_y y + Σ_i c_i k_i + c_ξ N(seed, stream, clock.step + s, clock.particle·dim + element); ' +
    'f(t, x) = W_out h_K + b_out, h_k = h_{k−1} + W_down(silu(W_gate h_{k−1} + b_gate) ⊙ (W_up h_{k−1} + b_up)) + b_down, ' +
    'h_0 = W_in (x, sin, cos, t, sin, cos, label) + b_in',
  source:
    'linear_forward, swiglu_forward, fourier_features, embedding and solver_update, which it must agree with.',
  params: {
    seedLow: 'u32',
    seedHigh: 'u32',
    stream: 'u32',
    /** Moves the particles first … first + n − 1 of those that `x` holds. */
    first: 'u32',
    n: 'u32',
    dim: 'u32',
    steps: 'u32',
    /** Evaluations a step. */
    stages: 'u32',
    /** Row length of the table; its columns are those of src/samplers/table.ts. */
    stride: 'u32',
    hidden: 'u32',
    inner: 'u32',
    blocks: 'u32',
    pointFrequencies: 'u32',
    timeFrequencies: 'u32',
    /** 0 for an unconditional network; labels go up to `classes`, which means none. */
    classes: 'u32',
    labelWidth: 'u32',
    /** Bit i: evaluation i is given the label `classes`, whatever the particle's. */
    unlabelled: 'u32',
  },
  bindings: {
    clock: { dtype: 'u32', access: 'read', shape: '(step, row, particle, 0)', length: () => CLOCK_LENGTH },
    table: { dtype: 'float', access: 'read', shape: '[rows, stride]', length: (p) => p.steps * p.stride },
    parameters: {
      dtype: 'float',
      access: 'read',
      shape: 'as networkLayout says',
      length: (p) => networkLayout(p).length,
    },
    // Both bound to the parameters when there are none.
    pointFrequency: {
      dtype: 'float',
      access: 'read',
      shape: '[pointFrequencies, dim]',
      length: (p) => Math.max(1, p.pointFrequencies * p.dim),
    },
    timeFrequency: {
      dtype: 'float',
      access: 'read',
      shape: '[timeFrequencies]',
      length: (p) => Math.max(1, p.timeFrequencies),
    },
    // Bound to the clock when there are none.
    label: {
      dtype: 'u32',
      access: 'read',
      shape: '[first + n]',
      length: (p) => (p.classes > 0 ? p.first + p.n : 1),
    },
    x: {
      dtype: 'float',
      access: 'update',
      shape: '[first + n, dim]',
      length: (p) => (p.first + p.n) * p.dim,
    },
  },
  cases,
  inputs: (p, random) => {
    const h = 0.1;
    let element = 0;
    const normals = (length: number, scale: number) =>
      Array.from({ length }, () => Math.fround(scale * random.normal(element++)));
    const layout = networkLayout(p);
    const parameters = new Array<number>(layout.length).fill(0);
    // Outputs of order 1 from inputs of order 1, as trained networks have them.
    const fill = ({ at, rows, columns }: Placed, scale: number) => {
      normals(rows * columns, scale / Math.sqrt(columns)).forEach((value, i) => {
        parameters[at + i] = value;
      });
    };
    const layers = [
      layout.input,
      layout.output,
      ...layout.blocks.flatMap(({ gate, up, down }) => [gate, up, down]),
    ];
    for (const { weight, bias } of layers) {
      fill(weight, 1);
      fill(bias, 0.1);
    }
    if (layout.label) fill(layout.label, 1);
    const row = 2;
    // Rows as src/samplers/table.ts makes them, with coefficients of a step of length h; the first two are skipped.
    const table = Array.from({ length: (row + p.steps) * p.stride }, (_, i) => {
      const column = i % p.stride;
      if (column < p.stages) return h * (Math.floor(i / p.stride) + column / p.stages);
      const role = (column - p.stages) % 7;
      return Math.fround(role < 2 ? 1 - h * random.uniform(i) : h * random.normal(i));
    });
    return {
      clock: [6, row, 3 * p.n, 0],
      table,
      parameters,
      pointFrequency: normals(Math.max(1, p.pointFrequencies * p.dim), 0.5),
      timeFrequency: Array.from({ length: Math.max(1, p.timeFrequencies) }, (_, k) => (k + 1) / 2),
      label: Array.from({ length: p.classes > 0 ? p.first + p.n : 1 }, (_, i) =>
        random.integer(i, p.classes + 1),
      ),
    };
  },
  shape: (draw) => {
    const stages = 1 + draw.below(4);
    return {
      ...draw.seed(),
      first: draw.below(2) * draw.below(70),
      n: draw.size(65),
      dim: 1 + draw.below(4),
      steps: 1 + draw.below(3),
      stages,
      stride: 8 * stages + 7 + draw.below(3),
      hidden: draw.size(31),
      inner: draw.size(31),
      blocks: draw.below(3),
      pointFrequencies: draw.below(9),
      timeFrequencies: draw.below(5),
      classes: draw.below(4),
      labelWidth: 1 + draw.below(6),
      unlabelled: draw.below(16),
    };
  },
  gradient: { kind: 'none', why: 'samplers are not differentiated through' },
});
