import { type Dataset, datasetFromPoints } from '../data/dataset.js';
import type { Distribution } from '../data/distribution.js';
import { badInput } from '../errors.js';
import { energyDistance } from './energyDistance.js';
import { frechet } from './frechet.js';
import { labelPurity } from './labelPurity.js';
import { logPTrue } from './logPTrue.js';
import { highQuality, modeCoverage } from './modeCoverage.js';
import { offSupport, offSupportFixed } from './offSupport.js';
import { slicedW2 } from './slicedW2.js';
import { type Metric, type Samples, type Truth, truthOf, truthOfPoints } from './truth.js';
import { w2 } from './w2.js';
import { worstColumn } from './worstColumn.js';

export interface EvaluationInput {
  /** [n, d], at least two rows */
  points: Float64Array;
  /** [n] the labels that were asked for; without them label purity is left out */
  labels?: ArrayLike<number>;
  /** The truth. Without it, `heldOut` or else `training` stands in for it. */
  distribution?: Distribution;
  /** The points the model was trained on: scored themselves, as `training` of every metric. */
  training?: Dataset;
  /** True points that the model has not seen, where the distribution is not known. */
  heldOut?: Dataset;
  /** The model's family, passed through. */
  family?: string;
  seed: number;
  /** Fresh samples that each floor averages over; 3 if left out. */
  floorDraws?: number;
  /** Called before each metric with its name and the share of the work that is done. */
  onProgress?(metric: string, done: number): void;
}

export interface Evaluation {
  family?: string;
  data: string;
  seed: number;
  n: number;
  /** By name: frechet, sliced_w2, w2, energy_distance, log_p_true, off_support … */
  metrics: Record<string, Metric>;
}

type MetricFunction = (samples: Samples, truth: Truth, training?: Samples) => Metric;

/** The metrics that this truth and these samples allow, by name. */
function applicable(truth: Truth, samples: Samples): [string, MetricFunction][] {
  const { distribution } = truth;
  const list: [string, MetricFunction][] = [
    ['frechet', frechet],
    ['sliced_w2', slicedW2],
    ['w2', w2],
    ['energy_distance', energyDistance],
  ];
  // The columns of somebody's own data need not share a scale.
  if (distribution === undefined) list.push(['worst_column', worstColumn]);
  if (distribution?.logDensity)
    list.push(['log_p_true', logPTrue], ['off_support', offSupport], ['off_support_fixed', offSupportFixed]);
  if (distribution?.modes) list.push(['mode_coverage', modeCoverage], ['high_quality', highQuality]);
  if (distribution?.labelOf && distribution.classes > 1 && samples.labels)
    list.push(['label_purity', labelPurity]);
  return list;
}

/**
 * Every metric that applies to a set of samples, each with the floor that a perfect model would score.
 * @throws bad-input for fewer than two rows, for a number that is not finite (naming its row and column), for
 * labels that do not fit, and where there is no truth to compare with
 */
export function evaluateSamples(input: EvaluationInput): Evaluation {
  const { distribution, training, seed } = input;
  const standIn = input.heldOut ?? training;
  const dim = distribution?.dim ?? standIn?.dim;
  if (dim === undefined) badInput('an evaluation needs a distribution, held-out points or training points');
  if (training && training.dim !== dim)
    badInput(`the training points are ${training.dim}-D, the truth is ${dim}-D`);
  const checked = datasetFromPoints('samples', input.points, dim, input.labels);
  if (checked.rows < 2) badInput('an evaluation needs at least 2 samples, got 1');
  const samples: Samples = input.labels
    ? { points: checked.points, labels: checked.labels }
    : { points: checked.points };
  input.onProgress?.('true samples', 0);
  const truth = distribution
    ? truthOf(distribution, checked.rows, seed, input.floorDraws)
    : truthOfPoints(standIn!, seed, input.floorDraws);
  // Points judged against themselves would score 0, and a single one has no covariance.
  const scored = training && truth.reference !== training.points && training.rows > 1;
  const list = applicable(truth, samples);
  const metrics: Record<string, Metric> = {};
  list.forEach(([name, metric], at) => {
    input.onProgress?.(name, (at + 1) / (list.length + 1));
    metrics[name] = metric(samples, truth, scored ? training : undefined);
  });
  return {
    ...(input.family === undefined ? {} : { family: input.family }),
    data: distribution?.name ?? standIn!.name,
    seed,
    n: checked.rows,
    metrics,
  };
}
