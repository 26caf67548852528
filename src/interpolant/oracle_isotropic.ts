import type { GaussianMixture } from '../data/mixture.js';
import { NEGLIGIBLE } from '../data/mixture_tables.js';
import { FLOOR, type Pairs } from './oracle_pairs.js';
import { coefficients, type Schedule } from './schedule.js';

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
export class IsotropicPairs implements Pairs {
  readonly now = coefficients();
  readonly terms: Float64Array;
  readonly y: Float64Array;
  /** [d] the point less a base mean */
  private readonly shifted: Float64Array;
  private readonly groups0;
  private readonly groups1;
  /** [G0·G1] */
  private readonly precision: Float64Array;
  private readonly logNorm: Float64Array;
  private readonly logWeights0: Float64Array;
  private readonly logWeights1: Float64Array;

  constructor(
    private readonly schedule: Schedule,
    readonly base: GaussianMixture,
    readonly target: GaussianMixture,
  ) {
    this.groups0 = distinct(base.variances!);
    this.groups1 = distinct(target.variances!);
    this.precision = new Float64Array(this.groups0.values.length * this.groups1.values.length);
    this.logNorm = new Float64Array(this.precision.length);
    this.logWeights0 = base.weights.map(Math.log);
    this.logWeights1 = target.weights.map(Math.log);
    this.terms = new Float64Array(base.size * target.size);
    this.y = new Float64Array(base.dim);
    this.shifted = new Float64Array(base.dim);
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
    const shifted = this.shifted;
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
      // The point less this base mean, shared by all of the target's components.
      for (let k = 0; k < dim; k++) shifted[k] = x[offset + k] - alpha * base.means[i * dim + k];
      for (let j = 0; j < k1; j++, pair++) {
        const start = j * dim;
        let square = 0;
        for (let k = 0; k < dim; k++) {
          const delta = shifted[k] - beta * means1[start + k];
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

  private group(i: number, j: number): number {
    return this.groups0.index[i] * this.groups1.values.length + this.groups1.index[j];
  }

  pull(x: Float64Array, offset: number, i: number, j: number, y: Float64Array): void {
    const { base, target } = this;
    const { alpha, beta } = this.now;
    const { dim } = base;
    const precision = this.precision[this.group(i, j)];
    for (let k = 0; k < dim; k++) {
      const mean = alpha * base.means[i * dim + k] + beta * target.means[j * dim + k];
      y[k] = precision * (x[offset + k] - mean);
    }
  }

  growth(i: number, j: number): number {
    const { base, target } = this;
    const { alphaAlphaDot, betaBetaDot, gammaGammaDot } = this.now;
    const rate = alphaAlphaDot * base.variances![i] + betaBetaDot * target.variances![j] + gammaGammaDot;
    return base.dim * rate * this.precision[this.group(i, j)];
  }

  accumulate(i: number, j: number, weight: number, y: Float64Array, sums: Float64Array): void {
    const { base, target } = this;
    const { dim } = base;
    for (let k = 0; k < dim; k++) {
      sums[k] += weight * base.means[i * dim + k];
      sums[dim + k] += weight * base.variances![i] * y[k];
      sums[2 * dim + k] += weight * target.means[j * dim + k];
      sums[3 * dim + k] += weight * target.variances![j] * y[k];
      sums[4 * dim + k] += weight * y[k];
    }
  }

  posterior(x: Float64Array, offset: number, sums: Float64Array): number {
    return this.base.dim === 2 ? this.planePosterior(x, offset, sums) : this.spacePosterior(x, offset, sums);
  }

  /** The plane, which the oracle is mostly asked about: the same sums in local variables. */
  private planePosterior(x: Float64Array, offset: number, sums: Float64Array): number {
    const largest = this.logTerms(x, offset);
    const { base, target, terms, precision, groups0, groups1 } = this;
    const { alpha, beta } = this.now;
    const means1 = target.means;
    const variances1 = target.variances!;
    const index1 = groups1.index;
    const k1 = target.size;
    sums.fill(0);
    let total = 0;
    for (let i = 0, pair = 0; i < base.size; i++) {
      const group = groups0.index[i] * groups1.values.length;
      const px = x[offset] - alpha * base.means[2 * i];
      const py = x[offset + 1] - alpha * base.means[2 * i + 1];
      let sum = 0;
      let meanX = 0;
      let meanY = 0;
      let pullX = 0;
      let pullY = 0;
      let spreadX = 0;
      let spreadY = 0;
      for (let j = 0; j < k1; j++, pair++) {
        const relative = terms[pair] - largest;
        if (relative <= NEGLIGIBLE) continue;
        const weight = Math.exp(relative);
        const mx = means1[2 * j];
        const my = means1[2 * j + 1];
        const scale = weight * precision[group + index1[j]];
        const yx = scale * (px - beta * mx);
        const yy = scale * (py - beta * my);
        sum += weight;
        meanX += weight * mx;
        meanY += weight * my;
        pullX += yx;
        pullY += yy;
        spreadX += variances1[j] * yx;
        spreadY += variances1[j] * yy;
      }
      total += sum;
      sums[0] += sum * base.means[2 * i];
      sums[1] += sum * base.means[2 * i + 1];
      sums[2] += base.variances![i] * pullX;
      sums[3] += base.variances![i] * pullY;
      sums[4] += meanX;
      sums[5] += meanY;
      sums[6] += spreadX;
      sums[7] += spreadY;
      sums[8] += pullX;
      sums[9] += pullY;
    }
    for (let at = 0; at < 10; at++) sums[at] /= total;
    return largest + Math.log(total);
  }

  /** Any dimension: every array read in order, as the memorising optimum has long rows. */
  private spacePosterior(x: Float64Array, offset: number, sums: Float64Array): number {
    const largest = this.logTerms(x, offset);
    const { base, target, terms, precision, groups0, groups1, shifted } = this;
    const { alpha, beta } = this.now;
    const { dim } = base;
    const means1 = target.means;
    sums.fill(0);
    let total = 0;
    for (let i = 0, pair = 0; i < base.size; i++) {
      const group = groups0.index[i] * groups1.values.length;
      let sum = 0;
      for (let k = 0; k < dim; k++) shifted[k] = x[offset + k] - alpha * base.means[i * dim + k];
      for (let j = 0; j < target.size; j++, pair++) {
        const relative = terms[pair] - largest;
        if (relative <= NEGLIGIBLE) continue;
        const weight = Math.exp(relative);
        const scale = weight * precision[group + groups1.index[j]];
        const scale0 = scale * base.variances![i];
        const scale1 = scale * target.variances![j];
        const start = j * dim;
        sum += weight;
        for (let k = 0; k < dim; k++) {
          const mean = means1[start + k];
          const delta = shifted[k] - beta * mean;
          sums[dim + k] += scale0 * delta;
          sums[2 * dim + k] += weight * mean;
          sums[3 * dim + k] += scale1 * delta;
          sums[4 * dim + k] += scale * delta;
        }
      }
      total += sum;
      for (let k = 0; k < dim; k++) sums[k] += sum * base.means[i * dim + k];
    }
    for (let at = 0; at < sums.length; at++) sums[at] /= total;
    return largest + Math.log(total);
  }
}
