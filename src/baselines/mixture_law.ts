import { GaussianMixture } from '../data/mixture.js';
import { Frame } from './frame.js';
import { FramedLaw } from './framed_law.js';
import { type Tensors, tensor, tensorOf, valuesOf } from './tensors.js';

type Facts = (frame: Frame, mixture: GaussianMixture, rest: number) => Record<string, number>;

/** A mixture of Gaussians within the plane of a frame, N(0, rest·I) across it. */
export function mixtureLaw(frame: Frame, mixture: GaussianMixture, rest: number, facts: Facts): FramedLaw {
  const { dim, size, weights, means, variances, covariances } = mixture;
  const own: Tensors = new Map([
    ['weights', tensor(weights, size)],
    ['means', tensor(means, size, dim)],
  ]);
  if (variances) own.set('variances', tensor(variances, size));
  else own.set('covariances', tensor(covariances!, size, dim, dim));
  return new FramedLaw(frame, mixture, rest, facts(frame, mixture, rest), own);
}

/** @throws bad-checkpoint where a tensor is missing or of another shape, bad-input where it cannot be a mixture's */
export function mixtureLawFrom(tensors: Tensors, facts: Facts): FramedLaw {
  const frame = Frame.from(tensors);
  const dim = frame.rank;
  const weights = tensorOf(tensors, 'weights', 1).values;
  const size = weights.length;
  const means = valuesOf(tensors, 'means', size, dim);
  const spread = tensors.has('variances')
    ? { variances: valuesOf(tensors, 'variances', size) }
    : { covariances: valuesOf(tensors, 'covariances', size, dim, dim) };
  const mixture = new GaussianMixture({ dim, weights, means, ...spread });
  return mixtureLaw(frame, mixture, valuesOf(tensors, 'rest')[0], facts);
}
