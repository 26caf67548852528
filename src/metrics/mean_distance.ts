import type { GaussianMixture } from '../data/mixture.js';
import { meanLength } from './special.js';

/** Spacing of the table in standard deviations; cubics between its nodes are exact to 4e-9. */
const SPACING = 1 / 32;

/**
 * E‖N(μ, I_d)‖ as a function of |μ|: a table of values and slopes with cubics between, and Kummer's expansion beyond,
 * a + (d − 1)/2a − (d − 1)(d − 3)/8a³ + (d − 1)(d − 3)(d − 5)/16a⁵.
 */
export class LengthTable {
  /** [cells, 4]: the value where a cell begins, its rise, and what the slopes at its ends have beside that. */
  private readonly cells: Float64Array;
  private readonly end: number;

  constructor(private readonly dim: number) {
    this.end = 16 + 8 * Math.sqrt(dim);
    const count = Math.ceil(this.end / SPACING) + 1;
    this.cells = new Float64Array(4 * count);
    const node = (k: number) => {
      const a = k * SPACING;
      const value = meanLength(a, dim);
      return { value, slope: a * (meanLength(a, dim + 2) - value) };
    };
    for (let k = 0, left = node(0); k < count; k++) {
      const right = node(k + 1);
      const rise = right.value - left.value;
      this.cells.set([left.value, rise, SPACING * left.slope - rise, rise - SPACING * right.slope], 4 * k);
      left = right;
    }
  }

  at(a: number): number {
    const { dim, cells } = this;
    if (a >= this.end) {
      const [b, s] = [dim - 1, 1 / (a * a)];
      return a + (b / (2 * a)) * (1 - ((dim - 3) / 4) * s * (1 - ((dim - 5) / 2) * s));
    }
    const k = Math.floor(a / SPACING);
    const u = a / SPACING - k;
    const cell = 4 * k;
    const bend = (1 - u) * cells[cell + 2] + u * cells[cell + 3];
    return cells[cell] + u * cells[cell + 1] + u * (1 - u) * bend;
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
    const { mixture, stds, table } = this;
    const { dim, means, weights } = mixture;
    const result = new Float64Array(points.length / dim);
    for (let row = 0; row < result.length; row++) {
      const [x, y] = [points[2 * row], points[2 * row + 1]];
      let sum = 0;
      for (let k = 0; k < stds.length; k++) {
        if (dim !== 2) sum += weights[k] * this.between(points, row * dim, k, stds[k]);
        else {
          // Curves in the plane have thousands of components.
          const dx = x - means[2 * k];
          const dy = y - means[2 * k + 1];
          sum += weights[k] * around(table, Math.sqrt(dx * dx + dy * dy), stds[k]);
        }
      }
      result[row] = sum;
    }
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
    return around(this.table, Math.sqrt(square), std);
  }
}

/** The mean distance to a normal with deviation `std` from so far away. */
const around = (table: LengthTable, distance: number, std: number): number =>
  std === 0 ? distance : std * table.at(distance / std);
