import { badInput } from '../errors.js';

/** Per-coordinate z-scoring z = (x − mean)/std. */
export interface Standardiser {
  /** [d] */
  readonly mean: Float64Array;
  /** [d], positive */
  readonly std: Float64Array;
  /** Σ ln std: ln p_x(x) = ln p_z(z) − logDet. A density of standardised data is off by exactly this. */
  readonly logDet: number;
  /** x ↦ z, [n, d] → [n, d] */
  forward(points: Float64Array): Float64Array;
  /** z ↦ x, [n, d] → [n, d] */
  inverse(points: Float64Array): Float64Array;
}

/** The standardiser with given moments, as rebuilt from a checkpoint. */
export function standardiserFrom(mean: Float64Array, std: Float64Array): Standardiser {
  const dim = mean.length;
  if (std.length !== dim) badInput(`${dim} means need ${dim} standard deviations, got ${std.length}`);
  let logDet = 0;
  for (let i = 0; i < dim; i++) {
    if (!(std[i] > 0))
      badInput(`the standard deviation of column ${i + 1} is ${std[i]}; it must be positive`);
    logDet += Math.log(std[i]);
  }
  const check = (points: Float64Array) => {
    if (points.length % dim !== 0) badInput(`${points.length} numbers are not rows of ${dim} coordinates`);
  };
  return {
    mean,
    std,
    logDet,
    forward: (points) => {
      check(points);
      return points.map((value, at) => (value - mean[at % dim]) / std[at % dim]);
    },
    inverse: (points) => {
      check(points);
      return points.map((value, at) => value * std[at % dim] + mean[at % dim]);
    },
  };
}

/**
 * The standardiser of points [n, d], by the population moments (divided by n). A coordinate that never varies
 * keeps its scale: its std is taken as 1.
 */
export function standardise(points: Float64Array, dim: number): Standardiser {
  const n = points.length / dim;
  if (!Number.isInteger(n) || n < 1) badInput(`${points.length} numbers are not rows of ${dim} coordinates`);
  const mean = new Float64Array(dim);
  const std = new Float64Array(dim);
  for (let row = 0; row < n; row++) for (let i = 0; i < dim; i++) mean[i] += points[row * dim + i] / n;
  for (let row = 0; row < n; row++)
    for (let i = 0; i < dim; i++) std[i] += (points[row * dim + i] - mean[i]) ** 2 / n;
  for (let i = 0; i < dim; i++) {
    const spread = Math.sqrt(std[i]);
    // Below this the variance is rounding noise of the mean, and dividing by it would amplify it.
    std[i] = spread > 1e-12 * Math.max(1, Math.abs(mean[i])) ? spread : 1;
  }
  return standardiserFrom(mean, std);
}
