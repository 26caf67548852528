import { fitGaussian, gaussianFrom } from './gaussian.js';
import { fitGmm, type GmmSettings, gmmFrom } from './gmm.js';
import { fitKde, type KdeSettings, kdeFrom } from './kde.js';
import type { Law } from './law.js';
import { fitManifoldParzen, type ManifoldParzenSettings, manifoldParzenFrom } from './manifold_parzen.js';
import type { Tensors } from './tensors.js';
import type { ClassPoints } from './training_points.js';
import { fitTrainingSet, TRAINING_SET_DENSITY, trainingSetFrom } from './training_set.js';

/** What may be asked of a fit; each baseline looks at its own. */
export interface BaselineSettings extends KdeSettings, GmmSettings, ManifoldParzenSettings {}

export interface BaselineKind {
  readonly summary: string;
  readonly source: string;
  /** Why it has no density, where it has none. */
  readonly noDensity?: string;
  fit(points: ClassPoints, settings: BaselineSettings): Law;
  from(tensors: Tensors): Law;
}

/** Models without a network, by name. */
export const BASELINES = {
  'training-set': {
    summary:
      'training points drawn with replacement: cannot be beaten on most metrics, only unmasked as copies',
    source: 'Efron 1979, the bootstrap',
    noDensity: TRAINING_SET_DENSITY,
    fit: fitTrainingSet,
    from: trainingSetFrom,
  },
  gaussian: {
    summary: 'one Gaussian with the moments of the data',
    source: 'maximum likelihood',
    fit: fitGaussian,
    from: gaussianFrom,
  },
  kde: {
    summary: 'a spherical Gaussian around every point, bandwidth by leave-one-out likelihood',
    source: 'Parzen 1962; Duin 1976 for the bandwidth',
    fit: fitKde,
    from: kdeFrom,
  },
  gmm: {
    summary: 'a mixture of Gaussians by EM, number of components by held-out likelihood',
    source: 'Dempster, Laird & Rubin 1977; Arthur & Vassilvitskii 2007 for the starts',
    fit: fitGmm,
    from: gmmFrom,
  },
  'manifold-parzen': {
    summary: 'a Gaussian around every point along its neighbours, by leave-one-out likelihood',
    source: 'Vincent & Bengio, NIPS 2002',
    fit: fitManifoldParzen,
    from: manifoldParzenFrom,
  },
} as const satisfies Record<string, BaselineKind>;

export type BaselineName = keyof typeof BASELINES;

export const baselineNames = (): BaselineName[] => Object.keys(BASELINES) as BaselineName[];
