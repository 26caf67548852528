import { cholesky, inverseFromCholesky } from '../data/cholesky.js';
import type { GaussianMixture } from '../data/mixture.js';
import { type Coefficients, coefficients, type Schedule } from './schedule.js';

/** The pivots of a pair's covariance are held at this, so that point masses stay finite at t = 1. */
const FLOOR = 1e-30;

/** The Gaussians N(m_ij, C_ij) of all pairs of components at one t; the inner loops of the oracle. */
export interface Pairs {
  /** The schedule at the current time. */
  readonly now: Coefficients;
  /** [K0·K1] ln(p_i p_j N_ij(x)) + ½ d ln 2π of the last point. */
  readonly terms: Float64Array;
  setTime(t: number): void;
  /** Fills `terms` for the point at `offset` of x; returns the largest. */
  logTerms(x: Float64Array, offset: number): number;
  /** y = C_ij⁻¹ (x − m_ij) */
  pull(x: Float64Array, offset: number, i: number, j: number, y: Float64Array): void;
  /** sums += weight · (μ⁰, C⁰y, μ¹, C¹y, y), [5, d] */
  accumulate(i: number, j: number, weight: number, y: Float64Array, sums: Float64Array): void;
}

export function createPairs(schedule: Schedule, base: GaussianMixture, target: GaussianMixture): Pairs {
  return base.variances && target.variances
    ? new IsotropicPairs(schedule, base, target)
    : new FullPairs(schedule, base, target);
}

/** The distinct values of an array and, for each element, which of them it is. */
function distinct(values: Float64Array): { values: Float64Array; index: Uint32Array } {
  const found = new Map<number, number>();
  const index = Uint32Array.from(values, (value) => {
    const known = found.get(value);
    if (known !== undefined) return known;
    found.set(value, found.size);
    return found.size - 1;
  });
  return { values: Float64Array.from(found.keys()), index };
}

/**
 * Isotropic components. Mixtures have few distinct variances, so that 1/C and ln C are computed once for each
 * pair of distinct ones: a new t costs next to nothing, and every row can have its own.
 */
class IsotropicPairs implements Pairs {
  readonly now = coefficients();
  readonly terms: Float64Array;
  private readonly groups0;
  private readonly groups1;
  /** [G0·G1] */
  private readonly precision: Float64Array;
  private readonly logNorm: Float64Array;
  private readonly logWeights0: Float64Array;
  private readonly logWeights1: Float64Array;

  constructor(
    private readonly schedule: Schedule,
    private readonly base: GaussianMixture,
    private readonly target: GaussianMixture,
  ) {
    this.groups0 = distinct(base.variances!);
    this.groups1 = distinct(target.variances!);
    this.precision = new Float64Array(this.groups0.values.length * this.groups1.values.length);
    this.logNorm = new Float64Array(this.precision.length);
    this.logWeights0 = base.weights.map(Math.log);
    this.logWeights1 = target.weights.map(Math.log);
    this.terms = new Float64Array(base.size * target.size);
  }

  setTime(t: number): void {
    const { alpha, beta, gamma } = this.schedule.at(t, this.now);
    const { groups0, groups1, base } = this;
    let at = 0;
    for (const v0 of groups0.values) {
      for (const v1 of groups1.values) {
        const variance = Math.max(FLOOR, alpha * alpha * v0 + beta * beta * v1 + gamma * gamma);
        this.precision[at] = 1 / variance;
        this.logNorm[at++] = -0.5 * base.dim * Math.log(variance);
      }
    }
  }

  logTerms(x: Float64Array, offset: number): number {
    const { base, target, terms, precision, logNorm, groups0, groups1, logWeights0, logWeights1 } = this;
    const { alpha, beta } = this.now;
    const { dim } = base;
    const means1 = target.means;
    const index1 = groups1.index;
    const k1 = target.size;
    let largest = Number.NEGATIVE_INFINITY;
    for (let i = 0, pair = 0; i < base.size; i++) {
      const group = groups0.index[i] * groups1.values.length;
      const logWeight = logWeights0[i];
      if (dim === 2) {
        const px = x[offset] - alpha * base.means[2 * i];
        const py = x[offset + 1] - alpha * base.means[2 * i + 1];
        for (let j = 0; j < k1; j++, pair++) {
          const dx = px - beta * means1[2 * j];
          const dy = py - beta * means1[2 * j + 1];
          const g = group + index1[j];
          const term = logWeight + logWeights1[j] + logNorm[g] - 0.5 * precision[g] * (dx * dx + dy * dy);
          terms[pair] = term;
          if (term > largest) largest = term;
        }
        continue;
      }
      for (let j = 0; j < k1; j++, pair++) {
        let square = 0;
        for (let k = 0; k < dim; k++) {
          const delta = x[offset + k] - alpha * base.means[i * dim + k] - beta * means1[j * dim + k];
          square += delta * delta;
        }
        const g = group + index1[j];
        const term = logWeight + logWeights1[j] + logNorm[g] - 0.5 * precision[g] * square;
        terms[pair] = term;
        if (term > largest) largest = term;
      }
    }
    return largest;
  }

  pull(x: Float64Array, offset: number, i: number, j: number, y: Float64Array): void {
    const { base, target, groups0, groups1 } = this;
    const { alpha, beta } = this.now;
    const { dim } = base;
    const precision = this.precision[groups0.index[i] * groups1.values.length + groups1.index[j]];
    for (let k = 0; k < dim; k++) {
      const mean = alpha * base.means[i * dim + k] + beta * target.means[j * dim + k];
      y[k] = precision * (x[offset + k] - mean);
    }
  }

  accumulate(i: number, j: number, weight: number, y: Float64Array, sums: Float64Array): void {
    const { base, target } = this;
    const { dim } = base;
    const v0 = weight * base.variances![i];
    const v1 = weight * target.variances![j];
    for (let k = 0; k < dim; k++) {
      sums[k] += weight * base.means[i * dim + k];
      sums[dim + k] += v0 * y[k];
      sums[2 * dim + k] += weight * target.means[j * dim + k];
      sums[3 * dim + k] += v1 * y[k];
      sums[4 * dim + k] += weight * y[k];
    }
  }
}

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
class FullPairs implements Pairs {
  readonly now = coefficients();
  readonly terms: Float64Array;
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
    private readonly base: GaussianMixture,
    private readonly target: GaussianMixture,
  ) {
    const { dim } = base;
    const pairs = base.size * target.size;
    this.c0 = fullCovariances(base);
    this.c1 = fullCovariances(target);
    this.inverse = new Float64Array(pairs * dim * dim);
    this.logNorm = new Float64Array(pairs);
    this.terms = new Float64Array(pairs);
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
