/** All that a loss may be made of, on the tape: what a family of one's own is written with. */
export { affine, combine, multiply } from './ops/arithmetic.js';
export {
  gaussianLogDensity,
  gaussianSample,
  type Mixture,
  mixtureJoint,
  mixtureLogDensity,
  mixtureSample,
} from './ops/density.js';
export { clamp, exp, log, sigmoid, softplus, square, tanh } from './ops/pointwise.js';
export {
  joinColumns,
  logSoftmax,
  reduceColumns,
  reduceRows,
  repeatRows,
  reshape,
  rowDot,
  rowScale,
  rowSum,
  takeColumns,
} from './ops/rows.js';
