import type { Dataset } from '../data/dataset.js';
import { distributionByName } from '../data/registry.js';
import { badInput } from '../errors.js';
import { type Evaluation, evaluateSamples } from '../metrics/evaluate.js';
import type { RunConfig } from '../train/config.js';
import { METRIC_TEXTS } from './metric_texts.js';
import { progressBar } from './progress.js';
import type { SampledRun } from './sample_run.js';

/** The training set in the coordinates in which a run is judged: a lifted one in its own plane. */
export function judgedDataset(config: RunConfig, dataset: Dataset): Dataset {
  if (config.data.ambient === 0) return dataset;
  const distribution = distributionByName(config.data.name);
  const { points, labels } = distribution.sample(config.data.rows, config.seed);
  return { ...dataset, dim: distribution.dim, points, labels, distribution };
}

/** Found out before the work: points that are their own truth are judged against halves of themselves. */
export function checkJudgeable(dataset: Dataset): void {
  if (dataset.distribution === undefined && dataset.rows < 4) {
    badInput(`${dataset.name}: ${dataset.rows} rows are too few to judge samples against; 4 are the least`);
  }
}

export function evaluateRun(
  config: RunConfig,
  dataset: Dataset,
  samples: Pick<SampledRun, 'points' | 'labels'>,
  seed: number,
  quiet = false,
): Evaluation {
  const training = judgedDataset(config, dataset);
  const bar = progressBar('evaluating', 100, quiet);
  try {
    return evaluateSamples({
      points: samples.points,
      ...(samples.labels ? { labels: samples.labels } : {}),
      ...(training.distribution ? { distribution: training.distribution } : {}),
      training,
      family: config.family,
      seed,
      onProgress: (metric, done) => bar.update(Math.round(100 * done), metric),
    });
  } finally {
    bar.update(100);
    bar.stop();
  }
}

const cell = (value: number | undefined, unit: string): string => {
  if (value === undefined) return '–';
  if (unit === 'fraction') return `${(100 * value).toFixed(2)} %`;
  return Math.abs(value) < 0.01 ? value.toExponential(2) : value.toFixed(4);
};

/** The metrics as a plain-text table: value, what perfect samples of this size score, the training set. */
export function metricsTable(evaluation: Evaluation): string {
  const rows = Object.entries(evaluation.metrics).map(([key, metric]) => {
    const { name = key, unit = '' } = METRIC_TEXTS[key] ?? {};
    const floor = `${cell(metric.floor, unit)} ± ${cell(metric.floorStd, unit)}`;
    return [name, cell(metric.value, unit), floor, cell(metric.training, unit), metric.better];
  });
  const table = [['metric', 'value', 'perfect samples', 'training set', 'better'], ...rows];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  return table
    .map((row) =>
      row
        .map((text, i) => text.padEnd(widths[i]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
