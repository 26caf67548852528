/**
 * How every kernel is launched: how many workgroups a call takes, and what its shader is told beyond the
 * contract's parameters. Plain arithmetic: it needs no GPU, and the build checks the shaders against it.
 */
import { fusedSizes, fusedTile, networkLayout } from '../backend/contracts/fused.js';
import { momentCount } from '../backend/contracts/metrics.js';
import { contractOf } from '../backend/kernels.js';
import { TributaryError } from '../errors.js';
import { type AdapterTraits, kernelOf, SHADER_NAMES, type ShaderName } from './variants.js';

type Numbers = Readonly<Record<string, number>>;

export interface Pass {
  readonly entry: string;
  readonly workgroups: number;
}

export interface LaunchPlan {
  readonly passes: readonly Pass[];
  /** Values of the extra uniform fields. */
  readonly extras?: Numbers;
  /** Elements of the scratch array. */
  readonly scratch?: number;
}

export interface Launch {
  /** Uniform fields behind the contract's parameters, in order. */
  readonly extras?: Readonly<Record<string, 'u32' | 'f32'>>;
  /** The last binding, which the contract does not know: memory between two passes. */
  readonly scratch?: string;
  /** What it holds; float32 if not given. */
  readonly scratchType?: 'u32';
  /** Override constants that the call's shape asks for; all calls of other kernels share their pipeline. */
  constants?(params: Numbers, adapter: AdapterTraits): Numbers;
  /** @param constants the shader's override constants */
  plan(params: Numbers, constants: Numbers): LaunchPlan;
}

/** One invocation an element. */
function elementwise(elements: (params: Numbers) => number): Launch {
  return {
    plan: (params, constants) => ({
      passes: [{ entry: 'main', workgroups: Math.ceil(elements(params) / constants.WORKGROUP_SIZE) }],
    }),
  };
}

/** A part of a split sum is at least this long: shorter ones cost more in the second pass than they win. */
const LEAST_PART = 64;

/** Outputs of an invocation: rows and columns. */
type Block = readonly [rows: number, columns: number];

/** Workgroups that cover a matrix of m rows and n columns. */
function tiles(m: number, n: number, [rows, columns]: Block, constants: Numbers): number {
  return Math.ceil(m / (rows * constants.WORKGROUP_Y)) * Math.ceil(n / (columns * constants.WORKGROUP_X));
}

/** A product whose workgroups each make one tile of the whole. */
function product(block: Block, sizes: (params: Numbers) => readonly [m: number, n: number]): Launch {
  return {
    plan: (params, constants) => ({
      passes: [{ entry: 'main', workgroups: tiles(...sizes(params), block, constants) }],
    }),
  };
}

/** Splitting stops where there is work for a large GPU: about eight workgroups for each of 128 cores. */
const ENOUGH_WORKGROUPS = 1024;
/** Rows and columns of outputs that count as one workgroup there. */
const SPLIT_TILE = 32;

/**
 * A product over the batch, which is long where the outputs are few: each part of it is summed by workgroups of its
 * own, and a second pass adds the parts.
 * @param element numbers that are read and written at a time
 */
function splitProduct(block: Block, element: number): Launch {
  return {
    extras: { splits: 'u32' },
    scratch: 'partials',
    plan: (p, c) => {
      const perPart = tiles(p.outputs, p.inputs, block, c);
      const invocations = c.WORKGROUP_X * c.WORKGROUP_Y;
      // By the sizes alone, so that all variants add in the same order.
      const grain = Math.ceil(p.outputs / SPLIT_TILE) * Math.ceil(p.inputs / SPLIT_TILE);
      const splits = Math.max(
        1,
        Math.min(Math.ceil(p.batch / LEAST_PART), Math.floor(ENOUGH_WORKGROUPS / grain)),
      );
      const size = p.outputs * p.inputs + p.outputs;
      const bias = Math.ceil(p.outputs / element / invocations);
      return {
        passes: [
          { entry: 'sum_parts', workgroups: (perPart + bias) * splits },
          { entry: 'add_parts', workgroups: Math.ceil(size / element / invocations) },
        ],
        extras: { splits },
        scratch: size * splits,
      };
    },
  };
}

/** Sums over many rows: each chunk of them by invocations of its own, and a second pass adds the chunks. */
function chunked(sumsOf: (params: Numbers) => number, rowsOf: (params: Numbers) => number): Launch {
  return {
    extras: { chunk: 'u32' },
    scratch: 'partials',
    plan: (p, c) => {
      const [sums, rows] = [sumsOf(p), rowsOf(p)];
      // As many chunks as rows in one: neither pass then sums much longer than the other.
      const chunk = Math.max(LEAST_PART, Math.ceil(Math.sqrt(rows)));
      const partials = sums * Math.ceil(rows / chunk);
      return {
        passes: [
          { entry: 'sum_chunks', workgroups: Math.ceil(partials / c.WORKGROUP_SIZE) },
          { entry: 'add_chunks', workgroups: Math.ceil(sums / c.WORKGROUP_SIZE) },
        ],
        extras: { chunk },
        scratch: partials,
      };
    },
  };
}

const forward = (block: Block) => product(block, (p) => [p.batch, p.outputs]);
const backwardInput = (block: Block) => product(block, (p) => [p.batch, p.inputs]);

/** Elements of four numbers that a workgroup of the fused sampler has at least. */
const LEAST_MEMORY = 128;

/** Of every shader whose kernel's contract does not say that its items are made one by one. */
const OWN: { readonly [K in ShaderName]?: Launch } = {
  'linear_forward.direct': forward([8, 8]),
  'linear_forward.quads': forward([16, 8]),
  'linear_forward.staged': forward([4, 4]),
  'linear_forward.staged_half': forward([8, 8]),
  'linear_forward.staged_vec4': forward([8, 8]),
  'linear_backward_input.direct': backwardInput([8, 8]),
  'linear_backward_input.quads': backwardInput([16, 8]),
  'linear_backward_input.staged': backwardInput([4, 4]),
  'linear_backward_input.staged_vec4': backwardInput([8, 8]),
  'linear_backward_weight.direct': splitProduct([8, 8], 1),
  'linear_backward_weight.quads': splitProduct([16, 8], 4),
  'linear_backward_weight.staged': splitProduct([4, 4], 1),
  'linear_backward_weight.staged_vec4': splitProduct([8, 8], 4),
  'linear_swiglu.direct': forward([4, 4]),
  'linear_swiglu.quads': forward([16, 4]),
  batch_draw: {
    extras: { dropBelow: 'u32' },
    plan: (p, c) => ({
      ...elementwise(() => p.batch).plan(p, c),
      // Uniforms are (k + ½)·2⁻³²: those below the probability have k below this, whatever its rounding.
      extras: { dropBelow: Math.min(2 ** 32 - 1, Math.max(0, Math.ceil(p.labelDropout * 2 ** 32 - 0.5))) },
    }),
  },
  assignment: {
    scratch: 'state',
    scratchType: 'u32',
    plan: (p) => ({ passes: [{ entry: 'main', workgroups: 1 }], scratch: 5 * p.n }),
  },
  sinkhorn_step: { plan: (p) => ({ passes: [{ entry: 'main', workgroups: p.n }] }) },
  marginal_error: { plan: () => ({ passes: [{ entry: 'main', workgroups: 1 }] }) },
  plan_draw: { plan: (p) => ({ passes: [{ entry: 'main', workgroups: p.n }] }) },
  'reduce_sum.direct': elementwise((p) => Math.ceil(p.n / p.chunk)),
  'reduce_sum.staged': {
    plan: (p) => ({ passes: [{ entry: 'main', workgroups: Math.ceil(p.n / p.chunk) }] }),
  },
  rms_norm_forward: { plan: (p) => ({ passes: [{ entry: 'main', workgroups: p.batch }] }) },
  rms_norm_tangent: { plan: (p) => ({ passes: [{ entry: 'main', workgroups: p.batch * p.directions }] }) },
  rms_norm_tangent_backward: { plan: (p) => ({ passes: [{ entry: 'main', workgroups: p.batch }] }) },
  column_dot: chunked(
    (p) => p.cols,
    (p) => p.rows,
  ),
  adamw: {
    extras: { rest1: 'f32', rest2: 'f32' },
    plan: (p, c) => ({
      ...elementwise(() => p.n).plan(p, c),
      extras: { rest1: 1 - p.beta1, rest2: 1 - p.beta2 },
    }),
  },
  clock_advance: { plan: () => ({ passes: [{ entry: 'main', workgroups: 1 }] }) },
  fused_sampler: {
    scratch: 'weights',
    constants: (p, adapter) => {
      const { hidden, wide, state } = fusedSizes(p);
      const largest = fusedTile(p);
      // A software adapter zeroes this memory element by element in code, and needs seconds to compile 16 KiB of that.
      const tile = adapter.software ? Math.min(4, largest) : largest;
      if (tile === 0) {
        throw new TributaryError(
          'limits',
          `fused_sampler: the activations of 4 particles (${hidden} + ${wide} + ${state} numbers each) do not fit a workgroup's memory: use a smaller network, or the sampler that is not fused`,
        );
      }
      // Powers of two, so that few pipelines serve all sizes.
      const elements = (tile * (hidden + wide + state)) / 4;
      const power = Math.max(LEAST_MEMORY, 2 ** Math.ceil(Math.log2(elements)));
      return {
        TILE: tile,
        MEMORY: adapter.software ? Math.min(power, Math.ceil(elements / 64) * 64) : power,
      };
    },
    plan: (p, c) => {
      const { length } = networkLayout(p);
      return {
        passes: [
          { entry: 'transpose_matrices', workgroups: Math.ceil(length / c.WORKGROUP_SIZE) },
          { entry: 'main', workgroups: Math.ceil(p.n / c.TILE) },
        ],
        scratch: length,
      };
    },
  },
  histogram_2d: {
    extras: { perX: 'f32', perY: 'f32' },
    plan: (p, c) => {
      // The edges as the shader has them, in float32.
      const width = Math.fround(p.right) - Math.fround(p.left);
      const height = Math.fround(p.top) - Math.fround(p.bottom);
      const clear = { entry: 'clear', workgroups: Math.ceil((p.nx * p.ny + 1) / c.WORKGROUP_SIZE) };
      const count = { entry: 'main', workgroups: Math.ceil(p.n / c.WORKGROUP_SIZE) };
      return {
        passes: p.accumulate ? [count] : [clear, count],
        extras: { perX: p.nx / width, perY: p.ny / height },
      };
    },
  },
  moments: chunked(
    (p) => momentCount(p.dim),
    (p) => p.n,
  ),
};

function launchOf(shader: ShaderName): Launch {
  const { items } = contractOf(kernelOf(shader));
  const launch = OWN[shader] ?? (items && elementwise(items));
  if (launch === undefined)
    throw new Error(`${shader}: neither its contract nor src/webgpu/launches.ts says how`);
  return launch;
}

/** How each shader is launched. */
export const LAUNCHES = Object.fromEntries(SHADER_NAMES.map((shader) => [shader, launchOf(shader)])) as {
  readonly [K in ShaderName]: Launch;
};
