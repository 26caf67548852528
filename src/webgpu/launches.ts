/**
 * How every kernel is launched: how many workgroups a call takes, and what its shader is told beyond the
 * contract's parameters. Plain arithmetic: it needs no GPU, and the build checks the shaders against it.
 */
import type { KernelName } from '../backend/kernels.js';

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

/** Workgroups that cover a matrix of m rows and n columns with tiles of 4×4 outputs an invocation. */
function tiles(m: number, n: number, constants: Numbers): number {
  return Math.ceil(m / (4 * constants.WORKGROUP_Y)) * Math.ceil(n / (4 * constants.WORKGROUP_X));
}

/** A part of a split sum is at least this long: shorter ones cost more in the second pass than they win. */
const LEAST_PART = 64;
/** Splitting stops where there is work for a large GPU: about eight workgroups for each of 128 cores. */
const ENOUGH_WORKGROUPS = 1024;

export const LAUNCHES: { readonly [K in KernelName]: Launch } = {
  linear_forward: {
    plan: (p, c) => ({ passes: [{ entry: 'main', workgroups: tiles(p.batch, p.outputs, c) }] }),
  },
  linear_backward_input: {
    plan: (p, c) => ({ passes: [{ entry: 'main', workgroups: tiles(p.batch, p.inputs, c) }] }),
  },
  linear_backward_weight: {
    extras: { splits: 'u32' },
    scratch: 'partials',
    plan: (p, c) => {
      const perPart = tiles(p.outputs, p.inputs, c);
      const invocations = c.WORKGROUP_X * c.WORKGROUP_Y;
      const splits = Math.max(
        1,
        Math.min(Math.ceil(p.batch / LEAST_PART), Math.floor(ENOUGH_WORKGROUPS / perPart)),
      );
      const size = p.outputs * p.inputs + p.outputs;
      return {
        passes: [
          { entry: 'sum_parts', workgroups: (perPart + Math.ceil(p.outputs / invocations)) * splits },
          { entry: 'add_parts', workgroups: Math.ceil(size / invocations) },
        ],
        extras: { splits },
        scratch: size * splits,
      };
    },
  },
  swiglu_forward: elementwise((p) => p.n),
  swiglu_backward: elementwise((p) => p.n),
  fourier_features: elementwise((p) => p.batch * (p.dim + p.frequencies)),
  fourier_features_backward: elementwise((p) => p.batch * p.dim),
  embedding: elementwise((p) => p.batch * p.width),
  embedding_backward: elementwise((p) => p.rows * p.width),
  random_normal: elementwise((p) => p.n),
  interpolant_draw: {
    extras: { timeRange: 'f32', timeRest: 'f32', dropBelow: 'u32' },
    plan: (p, c) => ({
      ...elementwise(() => p.batch * p.dim).plan(p, c),
      extras: {
        timeRange: p.timeMax - p.timeMin,
        timeRest: 1 - p.timeMax,
        // Uniforms are (k + ½)·2⁻²³: those below the probability have k below this, whatever its rounding.
        dropBelow: Math.max(0, Math.ceil(p.labelDropout * 2 ** 23 - 0.5)),
      },
    }),
  },
  regression_loss: elementwise((p) => p.batch),
  reduce_sum: {
    plan: (p) => ({ passes: [{ entry: 'main', workgroups: Math.ceil(p.n / p.chunk) }] }),
  },
  adamw: {
    extras: { rest1: 'f32', rest2: 'f32' },
    plan: (p, c) => ({
      ...elementwise(() => p.n).plan(p, c),
      extras: { rest1: 1 - p.beta1, rest2: 1 - p.beta2 },
    }),
  },
  ema: elementwise((p) => p.n),
  clock_advance: { plan: () => ({ passes: [{ entry: 'main', workgroups: 1 }] }) },
  broadcast_time: elementwise((p) => p.batch),
  solver_update: elementwise((p) => p.n),
};
