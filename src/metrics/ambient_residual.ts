import { badInput } from '../errors.js';
import { meanError, normalInterval, spreadOf } from './chance.js';
import { sampleMoments } from './frechet.js';
import type { Metric, Truth } from './truth.js';

/** What rounding leaves of points of the plane, as a share of the data's energy. */
const ROUNDING = 1e-9;

/**
 * Energy of lifted samples off the plane that the data lie in, over the data's own: E‖(I − UUᵀ)(x − b)‖² / tr Cov.
 * True points have 0; a model that adds to every point as much as the data spread has 1. It is what metrics in the
 * plane cannot see.
 * @param squares [n] squared distance of each sample from the plane, in the data's units
 */
export function ambientResidual(squares: Float64Array, truth: Truth): Metric {
  if (squares.length === 0) badInput('the ambient residual needs at least one point');
  const { distribution, dim } = truth;
  const covariance = distribution?.covariance?.() ?? sampleMoments(truth.reference, dim).covariance;
  let trace = 0;
  for (let i = 0; i < dim; i++) trace += covariance[i * dim + i];
  if (!(trace > 0)) badInput('the ambient residual is a share of the variance of the data, which is 0');
  const shares = squares.map((square) => square / trace);
  const value = spreadOf(shares).mean;
  return {
    value,
    interval: normalInterval(value, meanError(shares), 0),
    floor: 0,
    floorStd: 0,
    perfect: [0, ROUNDING],
    ...{ n: squares.length, floorN: squares.length, better: 'lower' },
    details: { variance: trace },
  };
}
