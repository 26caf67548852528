import { BASELINE_DESCRIPTIONS, type BaselineDescription, type BaselineName } from './descriptions.js';
import { fitGaussian, gaussianFrom } from './gaussian.js';
import { fitGmm, type GmmSettings, gmmFrom } from './gmm.js';
import { fitKde, type KdeSettings, kdeFrom } from './kde.js';
import type { Law } from './law.js';
import { fitManifoldParzen, type ManifoldParzenSettings, manifoldParzenFrom } from './manifold_parzen.js';
import type { Tensors } from './tensors.js';
import type { ClassPoints } from './training_points.js';
import { fitTrainingSet, trainingSetFrom } from './training_set.js';

/** What may be asked of a fit; each baseline looks at its own. */
export interface BaselineSettings extends KdeSettings, GmmSettings, ManifoldParzenSettings {}

export interface BaselineKind extends BaselineDescription {
  fit(points: ClassPoints, settings: BaselineSettings): Law;
  from(tensors: Tensors): Law;
}

/** Models without a network, by name. */
export const BASELINES = {
  'training-set': {
    ...BASELINE_DESCRIPTIONS['training-set'],
    fit: fitTrainingSet,
    from: trainingSetFrom,
  },
  gaussian: {
    ...BASELINE_DESCRIPTIONS.gaussian,
    fit: fitGaussian,
    from: gaussianFrom,
  },
  kde: {
    ...BASELINE_DESCRIPTIONS.kde,
    fit: fitKde,
    from: kdeFrom,
  },
  gmm: {
    ...BASELINE_DESCRIPTIONS.gmm,
    fit: fitGmm,
    from: gmmFrom,
  },
  'manifold-parzen': {
    ...BASELINE_DESCRIPTIONS['manifold-parzen'],
    fit: fitManifoldParzen,
    from: manifoldParzenFrom,
  },
} as const satisfies Record<BaselineName, BaselineKind>;

export type { BaselineName };

export const baselineNames = (): BaselineName[] => Object.keys(BASELINES) as BaselineName[];
