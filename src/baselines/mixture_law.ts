import { GaussianMixture } from '../data/mixture.js';
import type { MixtureParameters } from '../data/mixture_tables.js';
import { Frame } from './frame.js';
import { FramedLaw } from './framed_law.js';
import { positivesOf, type Tensors, tensor, tensorOf, valuesOf } from './tensors.js';

type Facts = (frame: Frame, components: number, rest: number) => Record<string, number>;

/** A mixture of Gaussians within the plane of a frame, N(0, rest·I) across it. */
export function mixtureLaw(frame: Frame, mixture: MixtureParameters, rest: number, facts: Facts): FramedLaw {
  const { dim, weights, means, variances, covariances } = mixture;
  const size = weights.length;
  // Weights as they were given: normalised ones would be off by a rounding when they are read and normalised again.
  const own: Tensors = new Map([
    ['weights', tensor(weights, size)],
    ['means', tensor(means, size, dim)],
  ]);
  if (variances) own.set('variances', tensor(variances, size));
  if (covariances) own.set('covariances', tensor(covariances, size, dim, dim));
  return new FramedLaw(frame, new GaussianMixture(mixture), rest, facts(frame, size, rest), own);
}

/** @throws bad-checkpoint where a tensor is missing or of another shape, bad-input where it cannot be a mixture's */
export function mixtureLawFrom(tensors: Tensors, facts: Facts): FramedLaw {
  const frame = Frame.from(tensors);
  const dim = frame.rank;
  const weights = tensorOf(tensors, 'weights', 1).values;
  const size = weights.length;
  const means = valuesOf(tensors, 'means', size, dim);
  const spread = tensors.has('variances')
    ? { variances: positivesOf(tensors, 'variances', size) }
    : { covariances: valuesOf(tensors, 'covariances', size, dim, dim) };
  return mixtureLaw(frame, { dim, weights, means, ...spread }, positivesOf(tensors, 'rest')[0], facts);
}
