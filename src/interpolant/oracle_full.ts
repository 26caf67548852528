import { cholesky, inverseFromCholesky } from '../data/cholesky.js';
import type { GaussianMixture } from '../data/mixture.js';
import { FLOOR, generalPosterior, type Pairs } from './oracle_pairs.js';
import { coefficients, type Schedule } from './schedule.js';

/** The covariances of a mixture written out, [K, d, d]. */
function fullCovariances(mixture: GaussianMixture): Float64Array {
  if (mixture.covariances) return mixture.covariances;
  const { dim, size } = mixture;
  const result = new Float64Array(size * dim * dim);
  for (let k = 0; k < size; k++)
    for (let i = 0; i < dim; i++) result[(k * dim + i) * dim + i] = mixture.variances![k];
  return result;
}

/** Full covariances: a new t factorises every pair's C, O(K0·K1·d³); after that a point costs O(K0·K1·d²). */
export class FullPairs implements Pairs {
  readonly now = coefficients();
  readonly terms: Float64Array;
  readonly y: Float64Array;
  private readonly c0: Float64Array;
  private readonly c1: Float64Array;
  /** [K0·K1, d, d] */
  private readonly inverse: Float64Array;
  private readonly logNorm: Float64Array;
  private readonly matrix: Float64Array;
  private readonly factor: Float64Array;
  private readonly scratch: Float64Array;
  private readonly delta: Float64Array;

  constructor(
    private readonly schedule: Schedule,
    readonly base: GaussianMixture,
    readonly target: GaussianMixture,
  ) {
    const { dim } = base;
    const pairs = base.size * target.size;
    this.c0 = fullCovariances(base);
    this.c1 = fullCovariances(target);
    this.inverse = new Float64Array(pairs * dim * dim);
    this.logNorm = new Float64Array(pairs);
    this.terms = new Float64Array(pairs);
    this.y = new Float64Array(dim);
    this.matrix = new Float64Array(dim * dim);
    this.factor = new Float64Array(dim * dim);
    this.scratch = new Float64Array(dim);
    this.delta = new Float64Array(dim);
  }

  setTime(t: number): void {
    const { alpha, beta, gamma } = this.schedule.at(t, this.now);
    const { base, target, c0, c1, matrix, factor, scratch } = this;
    const { dim } = base;
    const square = dim * dim;
    for (let i = 0, pair = 0; i < base.size; i++) {
      for (let j = 0; j < target.size; j++, pair++) {
        for (let at = 0; at < square; at++) {
          const identity = at % (dim + 1) === 0 ? gamma * gamma : 0;
          matrix[at] = alpha * alpha * c0[i * square + at] + beta * beta * c1[j * square + at] + identity;
        }
        cholesky(matrix, 0, dim, factor, 0, FLOOR);
        const logDet = inverseFromCholesky(factor, dim, this.inverse.subarray(pair * square), 0, scratch);
        this.logNorm[pair] = Math.log(base.weights[i] * target.weights[j]) - 0.5 * logDet;
      }
    }
  }

  logTerms(x: Float64Array, offset: number): number {
    const { base, target, terms, logNorm, scratch, delta } = this;
    const { dim } = base;
    let largest = Number.NEGATIVE_INFINITY;
    for (let i = 0, pair = 0; i < base.size; i++) {
      for (let j = 0; j < target.size; j++, pair++) {
        this.pull(x, offset, i, j, scratch);
        let square = 0;
        for (let k = 0; k < dim; k++) square += delta[k] * scratch[k];
        const term = logNorm[pair] - 0.5 * square;
        terms[pair] = term;
        if (term > largest) largest = term;
      }
    }
    return largest;
  }

  posterior(x: Float64Array, offset: number, sums: Float64Array): number {
    return generalPosterior(this, x, offset, sums);
  }

  pull(x: Float64Array, offset: number, i: number, j: number, y: Float64Array): void {
    const { base, target, inverse, delta } = this;
    const { alpha, beta } = this.now;
    const { dim } = base;
    const start = (i * target.size + j) * dim * dim;
    for (let k = 0; k < dim; k++)
      delta[k] = x[offset + k] - alpha * base.means[i * dim + k] - beta * target.means[j * dim + k];
    for (let k = 0; k < dim; k++) {
      let sum = 0;
      for (let l = 0; l < dim; l++) sum += inverse[start + k * dim + l] * delta[l];
      y[k] = sum;
    }
  }

  growth(i: number, j: number): number {
    const { base, target, c0, c1, inverse } = this;
    const { alphaAlphaDot, betaBetaDot, gammaGammaDot } = this.now;
    const square = base.dim * base.dim;
    const start = (i * target.size + j) * square;
    let sum = 0;
    for (let at = 0; at < square; at++) {
      const identity = at % (base.dim + 1) === 0 ? gammaGammaDot : 0;
      const rate = alphaAlphaDot * c0[i * square + at] + betaBetaDot * c1[j * square + at] + identity;
      // Both matrices are symmetric.
      sum += rate * inverse[start + at];
    }
    return sum;
  }

  accumulate(i: number, j: number, weight: number, y: Float64Array, sums: Float64Array): void {
    const { base, target, c0, c1 } = this;
    const { dim } = base;
    for (let k = 0; k < dim; k++) {
      let pull0 = 0;
      let pull1 = 0;
      for (let l = 0; l < dim; l++) {
        pull0 += c0[(i * dim + k) * dim + l] * y[l];
        pull1 += c1[(j * dim + k) * dim + l] * y[l];
      }
      sums[k] += weight * base.means[i * dim + k];
      sums[dim + k] += weight * pull0;
      sums[2 * dim + k] += weight * target.means[j * dim + k];
      sums[3 * dim + k] += weight * pull1;
      sums[4 * dim + k] += weight * y[k];
    }
  }
}
