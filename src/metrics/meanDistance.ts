import type { GaussianMixture } from '../data/mixture.js';
import { meanLength } from './special.js';

/** Spacing of the table in standard deviations; cubics between its nodes are exact to 4e-9. */
const SPACING = 1 / 32;

/**
 * E‖N(μ, I_d)‖ as a function of |μ|: a table of values and slopes with cubics between, and Kummer's expansion beyond,
 * a + (d − 1)/2a − (d − 1)(d − 3)/8a³ + (d − 1)(d − 3)(d − 5)/16a⁵.
 */
export class LengthTable {
  private readonly values: Float64Array;
  private readonly slopes: Float64Array;
  private readonly end: number;

  constructor(private readonly dim: number) {
    this.end = 16 + 8 * Math.sqrt(dim);
    const count = Math.ceil(this.end / SPACING) + 1;
    this.values = new Float64Array(count + 1);
    this.slopes = new Float64Array(count + 1);
    for (let k = 0; k <= count; k++) {
      const a = k * SPACING;
      this.values[k] = meanLength(a, dim);
      this.slopes[k] = a * (meanLength(a, dim + 2) - this.values[k]);
    }
  }

  at(a: number): number {
    const { dim, values, slopes } = this;
    if (a >= this.end) {
      const [b, s] = [dim - 1, 1 / (a * a)];
      return a + (b / (2 * a)) * (1 - ((dim - 3) / 4) * s * (1 - ((dim - 5) / 2) * s));
    }
    const k = Math.floor(a / SPACING);
    const u = a / SPACING - k;
    const rise = values[k + 1] - values[k];
    const [left, right] = [SPACING * slopes[k] - rise, rise - SPACING * slopes[k + 1]];
    return values[k] + u * rise + u * (1 - u) * ((1 - u) * left + u * right);
  }
}

/** Mean Euclidean distances to a mixture of isotropic Gaussians, in closed form. */
export class MixtureDistance {
  private readonly table: LengthTable;
  private readonly stds: Float64Array;
  private own: number | undefined;

  /** @param mixture with `variances` */
  constructor(private readonly mixture: GaussianMixture) {
    this.table = new LengthTable(mixture.dim);
    this.stds = (mixture.variances as Float64Array).map(Math.sqrt);
  }

  /** E|x − Y| of each of points [n, d]: [n]. */
  to(points: Float64Array): Float64Array {
    const { mixture, stds } = this;
    const { dim } = mixture;
    const result = new Float64Array(points.length / dim);
    for (let row = 0; row < result.length; row++)
      for (let k = 0; k < stds.length; k++)
        result[row] += mixture.weights[k] * this.between(points, row * dim, k, stds[k]);
    return result;
  }

  /** E|Y − Y′| of two independent points of the mixture. */
  get within(): number {
    if (this.own !== undefined) return this.own;
    const { mixture, stds } = this;
    const { dim, means, weights } = mixture;
    let sum = 0;
    for (let k = 0; k < stds.length; k++)
      for (let l = 0; l <= k; l++) {
        const one = this.between(means, k * dim, l, Math.hypot(stds[k], stds[l]));
        sum += (k === l ? 1 : 2) * weights[k] * weights[l] * one;
      }
    this.own = sum;
    return sum;
  }

  /** E|x − Y| for Y around component k's mean with deviation `std`. */
  private between(points: Float64Array, at: number, k: number, std: number): number {
    const { dim, means } = this.mixture;
    let square = 0;
    for (let i = 0; i < dim; i++) square += (points[at + i] - means[k * dim + i]) ** 2;
    const distance = Math.sqrt(square);
    return std === 0 ? distance : std * this.table.at(distance / std);
  }
}
