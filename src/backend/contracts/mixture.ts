/**
 * Mixtures of Gaussians with diagonal covariances, whose components all rows share (priors, kernel density
 * estimates) or each row has for itself (mixture density networks).
 */
import type { CounterRandom } from '../../random/random.js';
import type { Drawer } from '../drawer.js';
import { defineKernel, kernelCall } from '../kernel.js';
import { column, matrix } from './bindings.js';

type Sizes = {
  readonly rows: number;
  readonly cols: number;
  readonly components: number;
  readonly rowwise: number;
};

const params = {
  rows: 'u32',
  cols: 'u32',
  components: 'u32',
  /** 1: each row has components of its own. */
  rowwise: 'u32',
} as const;

const sets = (p: Sizes) => (p.rowwise ? p.rows : 1);
const weights = {
  dtype: 'float',
  access: 'read',
  shape: '[components], or [rows, components] if rowwise',
  length: (p: Sizes) => sets(p) * p.components,
} as const;
const places = {
  dtype: 'float',
  access: 'read',
  shape: '[components, cols], or [rows, components, cols] if rowwise',
  length: (p: Sizes) => sets(p) * p.components * p.cols,
} as const;
const joint = {
  dtype: 'float',
  access: 'read',
  shape: '[rows, components]',
  length: (p: Sizes) => p.rows * p.components,
} as const;

const cases = [
  { rows: 1, cols: 1, components: 1, rowwise: 0 },
  { rows: 67, cols: 2, components: 5, rowwise: 0 },
  { rows: 31, cols: 3, components: 7, rowwise: 1 },
  { rows: 5, cols: 17, components: 131, rowwise: 0 },
  { rows: 257, cols: 2, components: 3, rowwise: 1 },
];

const shape = (draw: Drawer) => ({
  ...{ rows: draw.size(129), cols: 1 + draw.below(7), components: draw.size(31), rowwise: draw.below(2) },
});

const source = 'Bishop, "Pattern recognition and machine learning", §9.2; in nats.';

export const mixtureJoint = defineKernel({
  name: 'mixture_joint',
  summary: 'The joint log-density of each row and each component of a Gaussian mixture.',
  formula:
    'out[r,k] = logWeight[k] − ½ Σ_c (ln 2π + logvar[k,c] + (x[r,c] − mean[k,c])²·e^(−logvar[k,c])), of the row’s own components if rowwise',
  source: `${source} Its logsumexp over k is the mixture’s log-density, its softmax the responsibilities.`,
  params,
  bindings: {
    x: matrix('read'),
    logWeight: weights,
    mean: places,
    logvar: places,
    out: { ...joint, access: 'write' },
  },
  cases,
  items: joint.length,
  shape,
  gradient: {
    kind: 'backward',
    outputs: ['out'],
    inputs: ['x', 'logWeight', 'mean', 'logvar'],
    vjp: (a, { rows, cols, components, rowwise }) => [
      kernelCall(
        mixtureJointBackwardInput,
        { x: a.x, mean: a.mean, logvar: a.logvar, dout: a.d_out, dx: a.d_x },
        { rows, cols, components, rowwise, accumulate: 0 },
      ),
      kernelCall(
        mixtureJointBackwardParameters,
        {
          ...{ x: a.x, mean: a.mean, logvar: a.logvar, dout: a.d_out },
          ...{ dlogWeight: a.d_logWeight, dmean: a.d_mean, dlogvar: a.d_logvar },
        },
        {
          ...{ rows, cols, components, rowwise },
          ...{ accumulateWeight: 0, accumulateMean: 0, accumulateLogvar: 0 },
        },
      ),
    ],
  },
});

export const mixtureJointBackwardInput = defineKernel({
  name: 'mixture_joint_backward_input',
  summary: 'The gradient of a mixture’s joint log-densities to the points.',
  formula: 'dx[r,c] = Σ_k dout[r,k]·(mean[k,c] − x[r,c])·e^−logvar[k,c] (added if accumulate)',
  source: 'Chain rule on mixture_joint.',
  params: { ...params, accumulate: 'u32' },
  bindings: { x: matrix('read'), mean: places, logvar: places, dout: joint, dx: matrix('update') },
  cases: cases.map((c, i) => ({ ...c, accumulate: i % 2 })),
  items: (p) => p.rows * p.cols,
  shape: (draw) => ({ ...shape(draw), accumulate: draw.below(2) }),
  gradient: { kind: 'part-of', forward: 'mixture_joint' },
});

export const mixtureJointBackwardParameters = defineKernel({
  name: 'mixture_joint_backward_parameters',
  summary: 'The gradients of a mixture’s joint log-densities to the components.',
  formula:
    'dlogWeight[k] = Σ_r dout[r,k];  dmean[k,c] = Σ_r dout[r,k]·(x[r,c] − mean[k,c])·e^−logvar[k,c];  dlogvar[k,c] = ½ Σ_r dout[r,k]·((x[r,c] − mean[k,c])²·e^−logvar[k,c] − 1); over r in order, or the row’s own if rowwise; each added if its own parameter says so',
  source: 'Chain rule on mixture_joint.',
  params: { ...params, accumulateWeight: 'u32', accumulateMean: 'u32', accumulateLogvar: 'u32' },
  bindings: {
    x: matrix('read'),
    mean: places,
    logvar: places,
    dout: joint,
    dlogWeight: { ...weights, access: 'update', accumulate: 'accumulateWeight' },
    dmean: { ...places, access: 'update', accumulate: 'accumulateMean' },
    dlogvar: { ...places, access: 'update', accumulate: 'accumulateLogvar' },
  },
  cases: cases.map((c, i) => ({
    ...c,
    ...{ accumulateWeight: i % 2, accumulateMean: (i >> 1) % 2, accumulateLogvar: i === 3 ? 1 : 0 },
  })),
  items: places.length,
  shape: (draw) => ({
    ...shape(draw),
    ...{ accumulateWeight: draw.below(2), accumulateMean: draw.below(2), accumulateLogvar: draw.below(2) },
  }),
  gradient: { kind: 'part-of', forward: 'mixture_joint' },
});

/** Weights that sum to 1, and uniforms inside a component's share of (0, 1): at its ends rounding would decide. */
function sampleInputs(p: Sizes, random: CounterRandom) {
  const logWeight: number[] = [];
  const uniform: number[] = [];
  for (let set = 0; set < sets(p); set++) {
    const shares = Array.from({ length: p.components }, (_, k) => {
      return Math.exp(random.normal(set * p.components + k));
    });
    const total = shares.reduce((a, b) => a + b, 0);
    logWeight.push(...shares.map((share) => Math.log(share / total)));
  }
  for (let row = 0; row < p.rows; row++) {
    const own = logWeight.slice((p.rowwise ? row : 0) * p.components).slice(0, p.components);
    const chosen = random.integer(10_000 + row, p.components);
    const below = own.slice(0, chosen).reduce((sum, log) => sum + Math.exp(log), 0);
    uniform.push(below + (0.1 + 0.8 * random.uniform(20_000 + row)) * Math.exp(own[chosen]));
  }
  return { logWeight, uniform };
}

export const mixtureSample = defineKernel({
  name: 'mixture_sample',
  summary: 'Samples of a Gaussian mixture from uniforms, which choose the component, and normals.',
  formula:
    'z[r,c] = mean[k,c] + e^(½ logvar[k,c])·noise[r,c], k the first with Σ_{j ≤ k} e^logWeight[j] > uniform[r], or the last; of the row’s own components if rowwise',
  source: `${source} The component by inversion.`,
  params,
  bindings: {
    uniform: column('read'),
    noise: matrix('read'),
    logWeight: weights,
    mean: places,
    logvar: places,
    z: matrix('write'),
  },
  cases,
  items: (p) => p.rows,
  shape,
  inputs: sampleInputs,
  gradient: { kind: 'none', why: 'the choice of a component has no derivative' },
});
