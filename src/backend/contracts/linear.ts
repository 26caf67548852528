/** The linear layer: the three matrix products of y = x Wᵀ + b. */
import type { Drawer } from '../drawer.js';
import { defineKernel, kernelCall } from '../kernel.js';

const shape = { batch: 'u32', inputs: 'u32', outputs: 'u32' } as const;

/** Batch, inputs and outputs for cross-checks of what multiplies matrices. */
export const LINEAR_SIZES = [
  [1, 1, 1],
  [2, 3, 5],
  [7, 13, 11],
  [17, 1, 64],
  [64, 64, 1],
  [33, 65, 67],
  [130, 31, 129],
  // Multiples of 4, which are read four at a time.
  [3, 4, 4],
  [67, 132, 68],
  [129, 12, 200],
] as const;

/** A random shape, half of them of widths that are multiples of 4, for which there are kernels of their own. */
export const linearShape = (draw: Drawer) => {
  const sizes = { batch: draw.size(), inputs: draw.size(129), outputs: draw.size(129) };
  if (draw.below(2) === 0) return sizes;
  return { ...sizes, inputs: 4 * Math.ceil(sizes.inputs / 4), outputs: 4 * Math.ceil(sizes.outputs / 4) };
};

export const linearForward = defineKernel({
  name: 'linear_forward',
  summary: 'The linear layer, with an optional residual added.',
  formula: 'y[b,o] = bias[o] + Σ_i x[b,i]·weight[o,i] (+ residual[b,o])',
  source: 'Weights are stored [outputs, inputs] as in PyTorch’s nn.Linear.',
  params: { ...shape, hasResidual: 'u32' },
  bindings: {
    x: { dtype: 'float', access: 'read', shape: '[batch, inputs]', length: (p) => p.batch * p.inputs },
    weight: {
      dtype: 'float',
      access: 'read',
      shape: '[outputs, inputs]',
      length: (p) => p.outputs * p.inputs,
    },
    bias: { dtype: 'float', access: 'read', shape: '[outputs]', length: (p) => p.outputs },
    // Bound to x when there is none: WebGPU has no empty bindings.
    residual: {
      dtype: 'float',
      access: 'read',
      shape: '[batch, outputs] if hasResidual',
      length: (p) => (p.hasResidual ? p.batch * p.outputs : 1),
    },
    y: { dtype: 'float', access: 'write', shape: '[batch, outputs]', length: (p) => p.batch * p.outputs },
  },
  cases: LINEAR_SIZES.map(([batch, inputs, outputs], i) => ({ batch, inputs, outputs, hasResidual: i % 2 })),
  shape: (draw) => ({ ...linearShape(draw), hasResidual: draw.below(2) }),
  gradient: {
    kind: 'backward',
    outputs: ['y'],
    inputs: ['x', 'weight', 'bias'],
    vjp: (a, { batch, inputs, outputs }) => [
      kernelCall(
        linearBackwardInput,
        { dy: a.d_y, weight: a.weight, dx: a.d_x },
        { batch, inputs, outputs, accumulate: 0 },
      ),
      kernelCall(
        linearBackwardWeight,
        { x: a.x, dy: a.d_y, dweight: a.d_weight, dbias: a.d_bias },
        { batch, inputs, outputs, accumulate: 0, accumulateBias: 0 },
      ),
    ],
  },
});

export const linearBackwardInput = defineKernel({
  name: 'linear_backward_input',
  summary: 'The linear layer’s gradient to its input.',
  formula: 'dx[b,i] = Σ_o dy[b,o]·weight[o,i] (added to dx if accumulate)',
  source: 'Chain rule on linear_forward.',
  params: { ...shape, accumulate: 'u32' },
  bindings: {
    dy: { dtype: 'float', access: 'read', shape: '[batch, outputs]', length: (p) => p.batch * p.outputs },
    weight: {
      dtype: 'float',
      access: 'read',
      shape: '[outputs, inputs]',
      length: (p) => p.outputs * p.inputs,
    },
    dx: { dtype: 'float', access: 'update', shape: '[batch, inputs]', length: (p) => p.batch * p.inputs },
  },
  cases: LINEAR_SIZES.map(([batch, inputs, outputs], i) => ({ batch, inputs, outputs, accumulate: i % 2 })),
  shape: (draw) => ({ ...linearShape(draw), accumulate: draw.below(2) }),
  gradient: { kind: 'part-of', forward: 'linear_forward' },
});

export const linearBackwardWeight = defineKernel({
  name: 'linear_backward_weight',
  summary: 'The linear layer’s gradients to its weight and bias.',
  formula:
    'dweight[o,i] = Σ_b dy[b,o]·x[b,i] (added if accumulate);  dbias[o] = Σ_b dy[b,o] (added if accumulateBias)',
  source: 'Chain rule on linear_forward.',
  params: { ...shape, accumulate: 'u32', accumulateBias: 'u32' },
  bindings: {
    x: { dtype: 'float', access: 'read', shape: '[batch, inputs]', length: (p) => p.batch * p.inputs },
    dy: { dtype: 'float', access: 'read', shape: '[batch, outputs]', length: (p) => p.batch * p.outputs },
    dweight: {
      dtype: 'float',
      access: 'update',
      shape: '[outputs, inputs]',
      length: (p) => p.outputs * p.inputs,
    },
    dbias: {
      dtype: 'float',
      access: 'update',
      accumulate: 'accumulateBias',
      shape: '[outputs]',
      length: (p) => p.outputs,
    },
  },
  cases: [...LINEAR_SIZES, [517, 9, 5] as const].map(([batch, inputs, outputs], i) => ({
    batch,
    inputs,
    outputs,
    accumulate: i % 2,
    accumulateBias: (i >> 1) % 2,
  })),
  shape: (draw) => ({ ...linearShape(draw), accumulate: draw.below(2), accumulateBias: draw.below(2) }),
  gradient: { kind: 'part-of', forward: 'linear_forward' },
});
