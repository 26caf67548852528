import { type Dataset, datasetFromPoints } from '../data/dataset.js';
import type { Distribution } from '../data/distribution.js';
import { badInput } from '../errors.js';
import { ambientResidual } from './ambient_residual.js';
import { FALSE_ALARMS } from './chance.js';
import { copies } from './copies.js';
import { energyDistance } from './energy_distance.js';
import { frechet } from './frechet.js';
import { labelPurity } from './label_purity.js';
import { logPTrue } from './log_p_true.js';
import { highQuality, modeCoverage } from './mode_coverage.js';
import { nullModels } from './null_models.js';
import { offSupport } from './off_support.js';
import { slicedW2 } from './sliced_w2.js';
import {
  type Against,
  type Measured,
  type Metric,
  type Samples,
  type Truth,
  truthOf,
  truthOfPoints,
} from './truth.js';
import { w2 } from './w2.js';
import { worstColumn } from './worst_column.js';

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
  /** [n] squared distances of lifted samples from the plane of the data, in the data's units. */
  offPlane?: Float64Array;
  /** Scores models without a network as well, fitted to the training points, as `baselines` of every metric. */
  baselines?: boolean;
  /** Fresh samples that floors rest on, two or more; 10 to 20 by their size if left out. */
  floorDraws?: number;
  /** Called before each metric with its name and the share of the work that is done. */
  onProgress?(metric: string, done: number): void;
}

export interface Evaluation {
  family?: string;
  data: string;
  seed: number;
  n: number;
  /**
   * What the samples were compared with. Against the training points a copy of them scores best, so that nothing is
   * said of perfect samples there.
   */
  against: Against;
  /** By name: frechet, sliced_w2, w2, energy_distance, log_p_true, off_support, copies, ambient_residual … */
  metrics: Record<string, Metric>;
}

/** Rows of which one can be left out and the others still have neighbours. */
const LEAST_ROWS = 4;

type MetricFunction = (samples: Samples, truth: Truth, beside: readonly Samples[]) => Measured;

/** The metrics that this truth and these samples allow, by name. */
function applicable(
  { distribution, training, offPlane, labels }: EvaluationInput,
  rows: number,
): [string, MetricFunction][] {
  const list: [string, MetricFunction][] = [
    ['frechet', frechet],
    ['sliced_w2', slicedW2],
    ['w2', w2],
    ['energy_distance', energyDistance],
  ];
  // The columns of somebody's own data need not share a scale.
  if (distribution === undefined) list.push(['worst_column', worstColumn]);
  if (distribution?.logDensity) list.push(['log_p_true', logPTrue], ['off_support', offSupport]);
  if (distribution?.modes) list.push(['mode_coverage', modeCoverage], ['high_quality', highQuality]);
  if (distribution?.labelOf && distribution.classes > 1 && labels) list.push(['label_purity', labelPurity]);
  if (training && training.rows >= LEAST_ROWS) {
    const learnt: Samples = training;
    list.push([
      'copies',
      (samples, truth, beside) => {
        // Of the training points themselves there is nothing to find out.
        const others = beside.filter((set) => set !== learnt);
        const found = copies(samples, truth, learnt, others);
        return { ...found, beside: beside.map((set) => found.beside[others.indexOf(set)]) };
      },
    ]);
  }
  if (offPlane) {
    if (offPlane.length !== rows)
      badInput(`${rows} samples have ${offPlane.length} distances from the plane`);
    list.push(['ambient_residual', (_, truth) => ({ ...ambientResidual(offPlane, truth), beside: [] })]);
  }
  return list;
}

/**
 * A metric with what stands beside the samples by its name.
 * @param scored whether the training points stand there first
 * @param names of the models after them
 */
function named({ beside, ...metric }: Measured, scored: boolean, names: readonly string[]): Metric {
  const training = scored ? beside[0] : undefined;
  const others = beside.slice(scored ? 1 : 0);
  const known = names.flatMap((name, i): [string, number][] =>
    others[i] === undefined ? [] : [[name, others[i]]],
  );
  return {
    ...metric,
    ...(training === undefined ? {} : { training }),
    ...(known.length > 0 ? { baselines: Object.fromEntries(known) } : {}),
  };
}

/** What an evaluation comes to next, and the share of the work that is done before it. */
export interface EvaluationStep {
  readonly metric: string;
  readonly done: number;
}

/**
 * Every metric that applies to a set of samples, each with its interval, and with what perfect samples would score.
 * @throws bad-input for fewer than two rows, for a number that is not finite (naming its row and column), for
 * labels that do not fit, and where there is no truth to compare with
 */
export function evaluateSamples(input: EvaluationInput): Evaluation {
  const steps = evaluationSteps(input);
  let next = steps.next();
  for (; !next.done; next = steps.next()) input.onProgress?.(next.value.metric, next.value.done);
  return next.value;
}

/**
 * {@link evaluateSamples} metric by metric, for whoever has other work to do between them, or may not want the rest:
 * each step is said before it is computed. `onProgress` is not called.
 */
export function* evaluationSteps(input: EvaluationInput): Generator<EvaluationStep, Evaluation, void> {
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
  yield { metric: 'true samples', done: 0 };
  const list = applicable(input, checked.rows);
  // All metrics together are to raise a false alarm in 5 % of cases at most.
  const options = { draws: input.floorDraws, tail: FALSE_ALARMS / list.length };
  const truth = distribution
    ? truthOf(distribution, checked.rows, seed, options)
    : truthOfPoints(standIn!, seed, input.heldOut ? 'held-out points' : 'training points', options);
  // Points judged against themselves would score 0, and a single one has no covariance.
  const scored = training && truth.reference !== training.points && training.rows > 1;
  const models =
    input.baselines && training
      ? nullModels(training, checked.rows, samples.labels, seed)
      : new Map<string, Samples>();
  const beside: Samples[] = [...(scored ? [training] : []), ...models.values()];
  const metrics: Record<string, Metric> = {};
  for (const [at, [name, metric]] of list.entries()) {
    yield { metric: name, done: (at + 1) / (list.length + 1) };
    metrics[name] = named(metric(samples, truth, beside), scored === true, [...models.keys()]);
  }
  return {
    ...(input.family === undefined ? {} : { family: input.family }),
    data: distribution?.name ?? standIn!.name,
    seed,
    n: checked.rows,
    against: truth.against,
    metrics,
  };
}
