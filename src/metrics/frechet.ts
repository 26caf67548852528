import { symmetricEigen, symmetricRoot } from '../data/eigen.js';
import { distanceMetric } from './measure.js';
import { type Measured, rowsOf, type Samples, type Truth } from './truth.js';

export interface Moments {
  /** [d] */
  mean: Float64Array;
  /** [d, d] */
  covariance: Float64Array;
}

/**
 * Mean and covariance (divided by n − 1) of points [n, d].
 * @throws bad-input for fewer than two points
 */
export function sampleMoments(points: Float64Array, dim: number): Moments {
  const n = rowsOf(points, dim, 2, 'a covariance');
  const mean = new Float64Array(dim);
  const covariance = new Float64Array(dim * dim);
  for (let at = 0; at < points.length; at++) mean[at % dim] += points[at] / n;
  const centred = new Float64Array(dim);
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < dim; i++) centred[i] = points[row * dim + i] - mean[i];
    for (let i = 0; i < dim; i++)
      for (let j = 0; j <= i; j++) covariance[i * dim + j] += (centred[i] * centred[j]) / (n - 1);
  }
  for (let i = 0; i < dim; i++) for (let j = 0; j < i; j++) covariance[j * dim + i] = covariance[i * dim + j];
  return { mean, covariance };
}

function product(a: Float64Array, b: Float64Array, d: number): Float64Array {
  const result = new Float64Array(d * d);
  for (let i = 0; i < d; i++)
    for (let k = 0; k < d; k++) for (let j = 0; j < d; j++) result[i * d + j] += a[i * d + k] * b[k * d + j];
  return result;
}

/** tr (A B)^½ for covariances A and B [d, d]. */
function traceOfRoot(a: Float64Array, b: Float64Array, d: number): number {
  if (d === 2) {
    // AB has eigenvalues λ, μ ≥ 0, and (√λ + √μ)² = tr AB + 2 √(det A · det B).
    const trace = a[0] * b[0] + a[1] * b[2] + a[2] * b[1] + a[3] * b[3];
    const determinant = (a[0] * a[3] - a[1] * a[2]) * (b[0] * b[3] - b[1] * b[2]);
    return Math.sqrt(Math.max(0, trace + 2 * Math.sqrt(Math.max(0, determinant))));
  }
  const root = symmetricRoot(a, d);
  const inner = product(product(root, b, d), root, d);
  return symmetricEigen(inner, d).values.reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0);
}

/**
 * |m₁ − m₂|² + tr(C₁ + C₂ − 2 (C₁C₂)^½), the squared 2-Wasserstein distance of the Gaussians with these
 * moments. Source: Dowson & Landau 1982; as a score of generative models ("FID"), Heusel et al., 1706.08500.
 */
export function frechetDistance(first: Moments, second: Moments): number {
  const d = first.mean.length;
  let distance = 0;
  for (let i = 0; i < d; i++) {
    distance += (first.mean[i] - second.mean[i]) ** 2;
    distance += first.covariance[i * d + i] + second.covariance[i * d + i];
  }
  return Math.max(0, distance - 2 * traceOfRoot(first.covariance, second.covariance, d));
}

/** The optimal map's matrix from one covariance to another, A^½ (A^½ C A^½)^−½ A^½ from C to A, [d, d]. */
function transportMatrix(from: Float64Array, to: Float64Array, d: number): Float64Array {
  const root = symmetricRoot(to, d);
  const { values, vectors } = symmetricEigen(product(product(root, from, d), root, d), d);
  const largest = Math.max(...values);
  const inverse = new Float64Array(d * d);
  for (let k = 0; k < d; k++) {
    if (!(values[k] > 1e-14 * largest)) continue;
    for (let i = 0; i < d; i++)
      for (let j = 0; j < d; j++)
        inverse[i * d + j] += (vectors[i * d + k] * vectors[j * d + k]) / Math.sqrt(values[k]);
  }
  return product(product(root, inverse, d), root, d);
}

/**
 * What each point adds to the Fréchet distance to first order, up to a constant: 2 Δᵀx + (x − m)ᵀ(I − T)(x − m), where
 * Δ is the difference of means and T the optimal map's matrix. [n]
 */
function frechetInfluence(points: Float64Array, own: Moments, truth: Moments): Float64Array {
  const d = own.mean.length;
  const matrix = transportMatrix(own.covariance, truth.covariance, d);
  const centred = new Float64Array(d);
  return Float64Array.from({ length: points.length / d }, (_, row) => {
    let sum = 0;
    for (let i = 0; i < d; i++) centred[i] = points[row * d + i] - own.mean[i];
    for (let i = 0; i < d; i++) {
      sum += centred[i] * (2 * (own.mean[i] - truth.mean[i]) + centred[i]);
      for (let j = 0; j < d; j++) sum -= centred[i] * matrix[i * d + j] * centred[j];
    }
    return sum;
  });
}

/**
 * Fréchet distance between the samples' moments and the true ones: analytic where the distribution has them,
 * else those of the reference points, and each draw of the floor has its own. Squared units of the data. It sees two
 * moments and nothing more.
 */
export function frechet(samples: Samples, truth: Truth, beside: readonly Samples[] = []): Measured {
  const { distribution, dim } = truth;
  const analytic =
    distribution?.mean && distribution.covariance
      ? { mean: distribution.mean(), covariance: distribution.covariance() }
      : undefined;
  const reference = analytic ?? sampleMoments(truth.comparison, dim);
  const own = sampleMoments(samples.points, dim);
  const draws = truth.floors.map((draw) =>
    frechetDistance(sampleMoments(draw.points, dim), analytic ?? sampleMoments(draw.against(), dim)),
  );
  return distanceMetric(
    samples,
    truth,
    {
      value: frechetDistance(own, reference),
      influence: frechetInfluence(samples.points, own, reference),
      draws,
      beside: beside.map(({ points }) => frechetDistance(sampleMoments(points, dim), reference)),
    },
    true,
  );
}
