/** Gaussians with a diagonal covariance, given by means and logarithms of variances. */
import { defineKernel, kernelCall } from '../kernel.js';
import { column, matrix } from './bindings.js';

const SIZES = [
  [1, 1],
  [7, 3],
  [257, 2],
  [64, 65],
] as const;

export const gaussianSample = defineKernel({
  name: 'gaussian_sample',
  summary: 'Normals moved to a mean and scaled to a variance, so that gradients reach both.',
  formula: 'z = mean + e^(½ logvar)·noise',
  source: 'Kingma & Welling, "Auto-encoding variational Bayes", arXiv 1312.6114, eq. 10.',
  params: { rows: 'u32', cols: 'u32' },
  bindings: {
    mean: matrix('read'),
    logvar: matrix('read'),
    noise: matrix('read'),
    z: matrix('write'),
  },
  cases: SIZES.map(([rows, cols]) => ({ rows, cols })),
  items: (p) => p.rows * p.cols,
  shape: (draw) => ({ rows: draw.size(), cols: draw.size(65) }),
  gradient: {
    kind: 'backward',
    outputs: ['z'],
    inputs: ['mean', 'logvar'],
    vjp: ({ logvar, noise, d_z, d_mean, d_logvar }, { rows, cols }) => [
      kernelCall(
        gaussianSampleBackward,
        { logvar, noise, dz: d_z, dmean: d_mean, dlogvar: d_logvar },
        { rows, cols, accumulateMean: 0, accumulateLogvar: 0 },
      ),
    ],
  },
});

export const gaussianSampleBackward = defineKernel({
  name: 'gaussian_sample_backward',
  summary: 'The gradients of a reparametrised sample to its mean and log-variance.',
  formula:
    'dmean = dz (added if accumulateMean);  dlogvar = ½·dz·e^(½ logvar)·noise (added if accumulateLogvar)',
  source: 'Chain rule on gaussian_sample.',
  params: { rows: 'u32', cols: 'u32', accumulateMean: 'u32', accumulateLogvar: 'u32' },
  bindings: {
    logvar: matrix('read'),
    noise: matrix('read'),
    dz: matrix('read'),
    dmean: matrix('update', 'accumulateMean'),
    dlogvar: matrix('update', 'accumulateLogvar'),
  },
  cases: SIZES.map(([rows, cols], i) => ({
    ...{ rows, cols, accumulateMean: i % 2, accumulateLogvar: (i >> 1) % 2 },
  })),
  items: (p) => p.rows * p.cols,
  shape: (draw) => ({
    ...{ rows: draw.size(), cols: draw.size(65) },
    ...{ accumulateMean: draw.below(2), accumulateLogvar: draw.below(2) },
  }),
  gradient: { kind: 'part-of', forward: 'gaussian_sample' },
});

export const gaussianLogDensity = defineKernel({
  name: 'gaussian_log_density',
  summary: 'The log-density of each row under a Gaussian of its own.',
  formula: 'out[r] = −½ Σ_c (ln 2π + logvar[r,c] + (x[r,c] − mean[r,c])²·e^(−logvar[r,c]))',
  source: 'The normal distribution; in nats.',
  params: { rows: 'u32', cols: 'u32' },
  bindings: {
    x: matrix('read'),
    mean: matrix('read'),
    logvar: matrix('read'),
    out: column('write'),
  },
  cases: SIZES.map(([rows, cols]) => ({ rows, cols })),
  items: (p) => p.rows,
  shape: (draw) => ({ rows: draw.size(), cols: draw.size(65) }),
  gradient: {
    kind: 'backward',
    outputs: ['out'],
    inputs: ['x', 'mean', 'logvar'],
    vjp: ({ x, mean, logvar, d_out, d_x, d_mean, d_logvar }, { rows, cols }) => [
      kernelCall(
        gaussianLogDensityBackward,
        { x, mean, logvar, dout: d_out, dx: d_x, dmean: d_mean, dlogvar: d_logvar },
        { rows, cols, accumulateX: 0, accumulateMean: 0, accumulateLogvar: 0 },
      ),
    ],
  },
});

export const gaussianLogDensityBackward = defineKernel({
  name: 'gaussian_log_density_backward',
  summary: 'The gradients of a Gaussian’s log-density to the point, the mean and the log-variance.',
  formula:
    'dx = −dout·(x − mean)·e^−logvar;  dmean = dout·(x − mean)·e^−logvar;  dlogvar = ½·dout·((x − mean)²·e^−logvar − 1), each added if its own parameter says so',
  source: 'Chain rule on gaussian_log_density.',
  params: { rows: 'u32', cols: 'u32', accumulateX: 'u32', accumulateMean: 'u32', accumulateLogvar: 'u32' },
  bindings: {
    x: matrix('read'),
    mean: matrix('read'),
    logvar: matrix('read'),
    dout: column('read'),
    dx: matrix('update', 'accumulateX'),
    dmean: matrix('update', 'accumulateMean'),
    dlogvar: matrix('update', 'accumulateLogvar'),
  },
  cases: SIZES.map(([rows, cols], i) => ({
    ...{ rows, cols, accumulateX: i % 2, accumulateMean: (i >> 1) % 2, accumulateLogvar: i === 3 ? 1 : 0 },
  })),
  items: (p) => p.rows * p.cols,
  shape: (draw) => ({
    ...{ rows: draw.size(), cols: draw.size(65), accumulateX: draw.below(2) },
    ...{ accumulateMean: draw.below(2), accumulateLogvar: draw.below(2) },
  }),
  gradient: { kind: 'part-of', forward: 'gaussian_log_density' },
});
