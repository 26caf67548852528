import { badInput } from '../errors.js';
import { cholesky, inverseFromCholesky } from './cholesky.js';

export interface MixtureParameters {
  dim: number;
  /** K positive numbers; they are normalised to sum 1. */
  weights: ArrayLike<number>;
  /** [K, d] */
  means: Float64Array;
  /** [K]: component k has covariance variances[k]·I. The fast path. Zero is allowed: a point mass. */
  variances?: Float64Array;
  /** [K, d, d]: full covariances, symmetric and positive semi-definite. Exactly one of the two is given. */
  covariances?: Float64Array;
  /** [K] label of each component; all 0 if left out. */
  labels?: ArrayLike<number>;
}

export interface MixtureSample {
  /** [n, d] */
  points: Float64Array;
  /** [n] */
  labels: Uint32Array;
  /** [n] which component each point came from */
  components: Uint32Array;
}

/** Terms this far below the largest (e⁻⁵⁰ of it) are below float64's rounding of any sum that holds it. */
export const NEGLIGIBLE = -50;

/** What a mixture computes once from its parameters. */
export interface MixtureTables {
  weights: Float64Array;
  labels: Uint32Array;
  /** [K] running sums of the weights */
  cumulative: Float64Array;
  /** [K] ln w_k − ½ ln det 2πC_k */
  logNorm: Float64Array;
  /** [K] for isotropic components, else [K, d, d]: inverse covariances */
  precisions: Float64Array;
  /** [K, d, d] Cholesky factors of full covariances */
  factors: Float64Array | undefined;
  /** Whether some covariance has no full rank. */
  degenerate: boolean;
}

const LOG_TWO_PI = Math.log(2 * Math.PI);

function checkShapes({ dim, weights, means, variances, covariances, labels }: MixtureParameters): void {
  const size = weights.length;
  if (!Number.isInteger(dim) || dim < 1) badInput(`a mixture's dimension must be at least 1, got ${dim}`);
  if (size < 1) badInput('a mixture needs at least one component');
  if (means.length !== size * dim)
    badInput(`${size} components in ${dim}-D need ${size * dim} means, got ${means.length}`);
  if ((variances === undefined) === (covariances === undefined))
    badInput('a mixture needs either variances or covariances');
  if (variances && variances.length !== size)
    badInput(`${size} components need ${size} variances, got ${variances.length}`);
  if (covariances && covariances.length !== size * dim * dim)
    badInput(`${size} components need ${size} covariances of ${dim}×${dim}`);
  if (labels && labels.length !== size)
    badInput(`${size} components need ${size} labels, got ${labels.length}`);
  for (let k = 0; k < size; k++) {
    if (!(weights[k] > 0 && weights[k] < Number.POSITIVE_INFINITY))
      badInput(`mixture weight ${k} is ${weights[k]}; weights must be positive and finite`);
    if (labels && !(Number.isInteger(labels[k]) && labels[k] >= 0))
      badInput(`mixture label ${k} is ${labels[k]}; labels are whole numbers from 0`);
    if (variances && !(variances[k] >= 0 && variances[k] < Number.POSITIVE_INFINITY))
      badInput(`mixture variance ${k} is ${variances[k]}; it must be finite and at least 0`);
  }
}

/** Checks a mixture's parameters and prepares its tables. Throws bad-input for what cannot be a mixture. */
export function mixtureTables(parameters: MixtureParameters): MixtureTables {
  checkShapes(parameters);
  const { dim, variances, covariances } = parameters;
  const size = parameters.weights.length;
  let total = 0;
  for (let k = 0; k < size; k++) total += parameters.weights[k];
  const weights = Float64Array.from(parameters.weights, (weight) => weight / total);
  const cumulative = new Float64Array(size);
  let running = 0;
  for (let k = 0; k < size; k++) {
    running += weights[k];
    cumulative[k] = running;
  }
  const logNorm = new Float64Array(size);
  const precisions = new Float64Array(variances ? size : size * dim * dim);
  const factors = variances ? undefined : new Float64Array(size * dim * dim);
  const scratch = new Float64Array(dim);
  let degenerate = false;
  for (let k = 0; k < size; k++) {
    let logDet: number;
    if (variances) {
      if (variances[k] === 0) degenerate = true;
      precisions[k] = 1 / variances[k];
      logDet = dim * Math.log(variances[k]);
    } else {
      const at = k * dim * dim;
      const rank = cholesky(covariances!, at, dim, factors!, at);
      if (!(rank > -1e-10)) badInput(`mixture covariance ${k} is not positive semi-definite`);
      if (rank <= 1e-15) degenerate = true;
      logDet = inverseFromCholesky(factors!, dim, precisions, at, scratch);
    }
    logNorm[k] = Math.log(weights[k]) - 0.5 * (dim * LOG_TWO_PI + logDet);
  }
  const labels = Uint32Array.from(parameters.labels ?? new Uint32Array(size));
  return { weights, labels, cumulative, logNorm, precisions, factors, degenerate };
}

/** The first index whose cumulative weight exceeds u in (0, 1). */
export function pick(cumulative: Float64Array, u: number): number {
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (cumulative[middle] > u) high = middle;
    else low = middle + 1;
  }
  return low;
}

interface Moments {
  dim: number;
  size: number;
  weights: Float64Array;
  means: Float64Array;
  variances: Float64Array | undefined;
  covariances: Float64Array | undefined;
}

/** E[x] of a mixture, [d]. */
export function mixtureMean({ dim, size, weights, means }: Moments): Float64Array {
  const result = new Float64Array(dim);
  for (let k = 0; k < size; k++) for (let i = 0; i < dim; i++) result[i] += weights[k] * means[k * dim + i];
  return result;
}

/** Cov[x] of a mixture, [d, d]. */
export function mixtureCovariance(mixture: Moments): Float64Array {
  const { dim, size, weights, means, variances, covariances } = mixture;
  const mean = mixtureMean(mixture);
  const result = new Float64Array(dim * dim);
  for (let k = 0; k < size; k++) {
    for (let i = 0; i < dim; i++) {
      for (let j = 0; j < dim; j++) {
        const own = variances ? (i === j ? variances[k] : 0) : covariances![(k * dim + i) * dim + j];
        const spread = (means[k * dim + i] - mean[i]) * (means[k * dim + j] - mean[j]);
        result[i * dim + j] += weights[k] * (own + spread);
      }
    }
  }
  return result;
}
