import { COVARIANCE_FLOOR, flooredCovariance } from './covariance_floor.js';
import { Frame } from './frame.js';
import type { FramedLaw } from './framed_law.js';
import { mixtureLaw, mixtureLawFrom } from './mixture_law.js';
import type { Tensors } from './tensors.js';
import type { ClassPoints } from './training_points.js';

/** Mean [d] and population covariance [d, d] of rows [n, d]. */
export function momentsOf(rows: Float64Array, d: number): { mean: Float64Array; covariance: Float64Array } {
  const n = rows.length / d;
  const mean = new Float64Array(d);
  for (let at = 0; at < rows.length; at++) mean[at % d] += rows[at] / n;
  const covariance = new Float64Array(d * d);
  const delta = new Float64Array(d);
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < d; i++) delta[i] = rows[row * d + i] - mean[i];
    for (let i = 0; i < d; i++) {
      const own = delta[i];
      for (let j = 0; j <= i; j++) covariance[i * d + j] += own * delta[j];
    }
  }
  for (let i = 0; i < d; i++)
    for (let j = 0; j <= i; j++) {
      covariance[i * d + j] /= n;
      covariance[j * d + i] = covariance[i * d + j];
    }
  return { mean, covariance };
}

const facts = () => ({});

/**
 * The Gaussian of greatest likelihood, N(mean, population covariance). A singular covariance is raised to
 * {@link COVARIANCE_FLOOR} in the directions that lack variance: a thousandth of a column's deviation, or where the
 * column has none of the others', or where no point differs from another of 1.
 */
export function fitGaussian({ points, dim, fallback }: ClassPoints): FramedLaw {
  const frame = Frame.byColumn(points, dim, fallback);
  const { mean, covariance } = momentsOf(frame.of(points).inside, frame.rank);
  const covariances = flooredCovariance(covariance, frame.rank);
  const mixture = { dim: frame.rank, weights: [1], means: mean, covariances };
  return mixtureLaw(frame, mixture, COVARIANCE_FLOOR, facts);
}

/** @throws bad-checkpoint */
export const gaussianFrom = (tensors: Tensors): FramedLaw => mixtureLawFrom(tensors, facts);
