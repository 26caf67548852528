import { symmetricEigen } from '../data/eigen.js';
import { NEGLIGIBLE, pick } from '../data/mixture_tables.js';
import type { CounterRandom } from '../random/random.js';
import type { InnerLaw } from './framed_law.js';

/** What is added to a local covariance in every direction, as a share of its mean eigenvalue. */
export const LOCAL_RIDGE = 1e-2;

/** The shape of one kernel: variances along a few orthonormal directions, and one in all others. */
export interface LocalShape {
  /** [q, r] */
  readonly directions: Float64Array;
  /** [q] */
  readonly variances: Float64Array;
  readonly rest: number;
}

/**
 * C = (1/k) Σ (x_j − x)(x_j − x)ᵀ over the k neighbours x_j of x, in its min(k, r) leading directions; the ridge
 * tr C/r · {@link LOCAL_RIDGE} is added to these and stands in all others.
 * @param points [m, r]
 */
export function localShape(
  points: Float64Array,
  r: number,
  row: number,
  neighbours: Uint32Array,
): LocalShape {
  const k = neighbours.length;
  const q = Math.min(k, r);
  const steps = new Float64Array(k * r);
  let trace = 0;
  for (let j = 0; j < k; j++)
    for (let i = 0; i < r; i++) {
      const step = (points[neighbours[j] * r + i] - points[row * r + i]) / Math.sqrt(k);
      steps[j * r + i] = step;
      trace += step * step;
    }
  // Neighbours that differ by less than these numbers can hold stand where the point does.
  trace = Math.max(trace, Number.MIN_VALUE / Number.EPSILON ** 2);
  const rest = (LOCAL_RIDGE * trace) / r;
  // The smaller of Aᵀ A and A Aᵀ, which share the eigenvalues that are not 0.
  const gram = new Float64Array(q * q);
  for (let a = 0; a < q; a++)
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      if (r <= k) for (let j = 0; j < k; j++) sum += steps[j * r + a] * steps[j * r + b];
      else for (let i = 0; i < r; i++) sum += steps[a * r + i] * steps[b * r + i];
      gram[a * q + b] = sum / trace;
      gram[b * q + a] = sum / trace;
    }
  const { values, vectors } = symmetricEigen(gram, q);
  const directions = new Float64Array(q * r);
  const variances = new Float64Array(q);
  for (let c = 0; c < q; c++) {
    const value = Math.max(0, values[c]) * trace;
    variances[c] = value + rest;
    if (r <= k) for (let i = 0; i < r; i++) directions[c * r + i] = vectors[i * q + c];
    // A direction without variance has none of its own: its length stays 0, as that of all others.
    else if (values[c] > 1e-12)
      for (let i = 0; i < r; i++) {
        let sum = 0;
        for (let j = 0; j < k; j++) sum += vectors[j * q + c] * steps[j * r + i];
        directions[c * r + i] = sum / Math.sqrt(value);
      }
    else variances[c] = rest;
  }
  return { directions, variances, rest };
}

/** δᵀ C⁻¹ δ for δ [r]. */
export function squareIn(
  delta: Float64Array,
  directions: Float64Array,
  variances: Float64Array,
  rest: number,
): number {
  const r = delta.length;
  let square = 0;
  for (let i = 0; i < r; i++) square += delta[i] * delta[i];
  let result = 0;
  for (let c = 0; c < variances.length; c++) {
    let dot = 0;
    for (let i = 0; i < r; i++) dot += directions[c * r + i] * delta[i];
    result += (dot * dot) / variances[c];
    square -= dot * dot;
  }
  // All directions have their own variance: what is left is rounding.
  return variances.length === r ? result : result + Math.max(0, square) / rest;
}

/** ½ ln det C. */
export function halfLogDet(r: number, variances: Float64Array, rest: number): number {
  let result = 0.5 * (r - variances.length) * Math.log(rest);
  for (const variance of variances) result += 0.5 * Math.log(variance);
  return result;
}

/** A mixture of Gaussians each of which has variances of its own along a few directions only. */
export class LocalKernels implements InnerLaw {
  readonly words: number;
  private readonly cumulative: Float64Array;
  private readonly levels: Float64Array;
  private readonly noise: Float64Array;

  /**
   * @param r dimension
   * @param weights [m], sum 1
   * @param centres [m, r]
   * @param directions [m, q, r]
   * @param variances [m, q]
   * @param rests [m]
   */
  constructor(
    private readonly r: number,
    readonly weights: Float64Array,
    readonly centres: Float64Array,
    readonly directions: Float64Array,
    readonly variances: Float64Array,
    readonly rests: Float64Array,
  ) {
    this.words = 2 + r;
    this.noise = new Float64Array(r);
    let running = 0;
    this.cumulative = weights.map((weight) => {
      running += weight;
      return running;
    });
    const q = variances.length / weights.length;
    this.levels = weights.map(
      (weight, j) =>
        Math.log(weight) -
        0.5 * r * Math.log(2 * Math.PI) -
        halfLogDet(r, variances.subarray(j * q, (j + 1) * q), rests[j]),
    );
  }

  draw(random: CounterRandom, element: number, out: Float64Array, at: number): void {
    const { r, cumulative, centres, directions, variances, rests, noise } = this;
    const j = pick(cumulative, random.uniform(element));
    const q = variances.length / rests.length;
    const rest = Math.sqrt(rests[j]);
    for (let i = 0; i < r; i++) {
      noise[i] = random.normal(element + 2 + i);
      out[at + i] = centres[j * r + i] + rest * noise[i];
    }
    for (let c = 0; c < q; c++) {
      const from = (j * q + c) * r;
      let dot = 0;
      for (let i = 0; i < r; i++) dot += directions[from + i] * noise[i];
      const more = (Math.sqrt(variances[j * q + c]) - rest) * dot;
      for (let i = 0; i < r; i++) out[at + i] += more * directions[from + i];
    }
  }

  logDensity(points: Float64Array): Float64Array {
    const { r, centres, directions, variances, rests, levels } = this;
    const m = rests.length;
    const q = variances.length / m;
    const shapes = Array.from({ length: m }, (_, j) => ({
      directions: directions.subarray(j * q * r, (j + 1) * q * r),
      variances: variances.subarray(j * q, (j + 1) * q),
    }));
    const delta = new Float64Array(r);
    const terms = new Float64Array(m);
    return Float64Array.from({ length: points.length / r }, (_, row) => {
      let largest = Number.NEGATIVE_INFINITY;
      for (let j = 0; j < m; j++) {
        for (let i = 0; i < r; i++) delta[i] = points[row * r + i] - centres[j * r + i];
        const square = squareIn(delta, shapes[j].directions, shapes[j].variances, rests[j]);
        terms[j] = levels[j] - 0.5 * square;
        if (terms[j] > largest) largest = terms[j];
      }
      let sum = 0;
      for (const term of terms) if (term - largest > NEGLIGIBLE) sum += Math.exp(term - largest);
      return largest + Math.log(sum);
    });
  }
}
