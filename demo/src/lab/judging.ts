/** Metrics of samples, as workers compute them. */
import { type Dataset, type EvaluationInput, evaluateSamples, type RunConfig } from 'tributary-engine';
import type { FromJudge, ToTrainer } from './messages.js';
import { configOf, datasetOf, labelsOf } from './recipe.js';

/**
 * What metrics are told of samples.
 * @param labels of a model that knows them
 */
export function toJudge(
  points: Float64Array,
  labels: Uint32Array | undefined,
  { family }: RunConfig,
  dataset: Dataset,
): EvaluationInput {
  return {
    points,
    ...(labels ? { labels } : {}),
    ...(dataset.distribution ? { distribution: dataset.distribution } : {}),
    training: dataset,
    family,
    seed: 1,
  };
}

/** Judges particles that the page shows. */
export function answer({ job, choice, points }: Extract<ToTrainer, { type: 'judge' }>): FromJudge {
  try {
    if (!points.every(Number.isFinite)) throw new Error('some of these particles are not finite numbers');
    const dataset = datasetOf(choice);
    const config = configOf(choice, dataset);
    const labels = labelsOf(config, points.length / 2, -1);
    return {
      type: 'judged',
      job,
      result: evaluateSamples(toJudge(points, labels, config, dataset)),
      message: '',
    };
  } catch (error) {
    return {
      type: 'judged',
      job,
      result: null,
      message: error instanceof Error ? error.message : String(error),
    };
  }
}
