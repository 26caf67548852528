import type { Dataset } from '../data/dataset.js';
import { distributionByName } from '../data/registry.js';
import { badInput } from '../errors.js';
import { type Evaluation, evaluateSamples } from '../metrics/evaluate.js';
import type { RunConfig } from '../model/run_config.js';
import { baselinesOf, comparedWith } from '../report/beside.js';
import { liftOf } from './landing.js';
import { METRIC_TEXTS } from './metric_texts.js';
import { type HeaderChoice, loadPoints } from './points.js';
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

/** What is judged of samples. */
export type Judgeable = Pick<SampledRun, 'points' | 'labels' | 'offPlane'>;

/**
 * Samples from a file. Those of a lifted run may have all its coordinates or those of its plane; of the latter it is
 * not known how far off the plane they were.
 * @param dim in which the run is judged
 * @throws TributaryError('bad-input') for another number of columns
 */
export function judgeable(
  config: RunConfig,
  dim: number,
  file: string,
  header?: HeaderChoice,
): Judgeable & { readonly reading: string } {
  const { reading, ...loaded } = loadPoints(file, header);
  const labels = loaded.labels && Uint32Array.from(loaded.labels);
  if (loaded.dim === dim) return { points: loaded.points, labels, reading };
  const lift = liftOf(config);
  if (lift && loaded.dim === lift.ambientDim)
    return { points: lift.project(loaded.points), labels, offPlane: lift.offPlane(loaded.points), reading };
  const lifted = lift ? ` or, with all coordinates, in ${lift.ambientDim}` : '';
  badInput(`${file} has ${loaded.dim} columns; this run is judged in ${dim}${lifted}`);
}

export function evaluateRun(
  config: RunConfig,
  dataset: Dataset,
  samples: Judgeable,
  seed: number,
  { quiet = false, baselines = true }: { readonly quiet?: boolean; readonly baselines?: boolean } = {},
): Evaluation {
  const training = judgedDataset(config, dataset);
  const bar = progressBar('evaluating', 100, quiet);
  try {
    return evaluateSamples({
      points: samples.points,
      ...(samples.labels ? { labels: samples.labels } : {}),
      ...(samples.offPlane ? { offPlane: samples.offPlane } : {}),
      ...(training.distribution ? { distribution: training.distribution } : {}),
      training,
      ...{ family: config.family, seed, baselines },
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
  if (value === 0) return '0';
  return Math.abs(value) < 0.01 ? value.toExponential(2) : value.toFixed(4);
};

/** What the floor's column is called. */
const FLOOR = {
  distribution: 'perfect samples',
  'held-out points': 'held-out halves',
  'training points': 'training halves',
} as const;

/** What there is to say below the table. */
function notes({ against, metrics }: Evaluation): string[] {
  const lines = [
    'value: with its 95 % interval over fresh samples of the same model',
    against === 'training points'
      ? 'No row was held out: samples are compared with the points that the model has learnt, of which a copy would score best.'
      : 'perfect samples: their mean, and the range they score in, which all metrics together leave on the bad side in 5 % of cases; inside it there is no telling them apart',
  ];
  const models = baselinesOf(Object.values(metrics));
  if (models.length > 0)
    lines.push(
      `${models.join(', ')}: models without a network, fitted to the same training points; * better than these samples by more than their interval`,
    );
  const { copies } = metrics;
  if (copies?.perfect && copies.value > copies.perfect[1])
    lines.push(
      `copies: ${cell(copies.value, 'fraction')} of the samples repeat a training row, against ${cell(copies.floor, 'fraction')} of fresh points`,
    );
  return lines;
}

/** The metrics as a plain-text table: value, what perfect samples of this size score, the training set. */
export function metricsTable(evaluation: Evaluation): string {
  const models = baselinesOf(Object.values(evaluation.metrics));
  const rows = Object.entries(evaluation.metrics).map(([key, metric]) => {
    const { name = key, unit = '' } = METRIC_TEXTS[key] ?? {};
    const range = ([low, high]: readonly [number, number]) => `[${cell(low, unit)}, ${cell(high, unit)}]`;
    const floor = metric.perfect
      ? `${cell(metric.floor, unit)} ${range(metric.perfect)}`
      : `${cell(metric.floor, unit)} ± ${cell(metric.floorStd, unit)}`;
    const value = `${cell(metric.value, unit)} ${range(metric.interval)}`;
    // A star where a model without a network does better.
    const others = models.map((model) => {
      const other = metric.baselines?.[model];
      return `${cell(other, unit)}${other !== undefined && comparedWith(metric, other) === 'better' ? ' *' : ''}`;
    });
    return [name, value, floor, cell(metric.training, unit), ...others, metric.better];
  });
  const table = [
    ['metric', 'value', FLOOR[evaluation.against], 'training set', ...models, 'better'],
    ...rows,
  ];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  const lines = table.map((row) =>
    row
      .map((text, i) => text.padEnd(widths[i]))
      .join('  ')
      .trimEnd(),
  );
  return [...lines, '', ...notes(evaluation)].join('\n');
}
