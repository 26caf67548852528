import type { Dataset } from '../data/dataset.js';
import type { Distribution } from '../data/distribution.js';
import type { GaussianMixture } from '../data/mixture.js';
import { badInput } from '../errors.js';
import { permutedRows } from '../random/permutation.js';
import { STREAM } from '../random/random.js';
import type { Range } from './chance.js';

/** Points to be judged. */
export interface Samples {
  /** [n, d] */
  points: Float64Array;
  /** [n] the label each point was asked for */
  labels?: Uint32Array;
}

/** A fresh true sample, and the true points that it is compared with in place of the model's: its own. */
export interface FloorDraw extends Samples {
  against(): Float64Array;
}

/** One metric of one set of samples. */
export interface Metric {
  value: number;
  /**
   * 95 % interval of the value over fresh samples of the same model: from each point's own contribution, and from
   * the spread of what it is compared with. A shift of the value by its number of samples is not in it.
   */
  interval: Range;
  /** The same metric of fresh true samples of the same size: what a perfect model scores, on average. */
  floor: number;
  /** Standard deviation from one such sample to the next; 0 for a single one. */
  floorStd: number;
  /**
   * Where perfect samples score, so wide that all metrics of an evaluation together leave it on the bad side in 5 %
   * of cases. A value inside cannot be told from perfect. Absent where no perfect samples are known.
   */
  perfect?: Range;
  /** Points judged. */
  n: number;
  /** Points in each draw of the floor; other than n only where the truth is a finite set of points. */
  floorN: number;
  better: 'lower' | 'higher';
  /** The metric of the training points themselves. */
  training?: number;
  /** The metric of models without a network that were fitted to the training points, by name; where it applies to them. */
  baselines?: Readonly<Record<string, number>>;
  /** What else a metric has to say. */
  details?: Record<string, number>;
}

/** A metric with that of other points, which stand beside the samples: undefined where it does not apply to them. */
export interface Measured extends Metric {
  beside: readonly (number | undefined)[];
}

/** What samples are compared with: a known law, points that the model has not seen, or the points that it learnt. */
export type Against = 'distribution' | 'held-out points' | 'training points';

/** Reference points drawn at least. Their own error is in the range of perfect samples. */
export const REFERENCE_POINTS = 10_000;

/** Reference points beyond those judged, at most: twice as many as these while that costs little. */
const SPARE_POINTS = 20_000;

/** Fresh samples that floors rest on: more where they cost little. */
const MOST_DRAWS = 20;
const LEAST_DRAWS = 10;
const DRAWN_POINTS = 200_000;

/** One-sided probability of a false alarm of one metric, where nothing else is said. */
const TAIL = 0.005;

export interface TruthOptions {
  /** Fresh samples that floors rest on; 10 to 20 by their size if not given. */
  readonly draws?: number | undefined;
  /** Probability beyond each end of a metric's perfect range. */
  readonly tail?: number;
}

/** A mixture of Gaussians that the law is, or equals up to quadrature; undefined where there is none. */
export const mixtureOf = (distribution?: Distribution): GaussianMixture | undefined =>
  distribution?.mixture ?? distribution?.quadrature;

/**
 * What samples are compared with: true points, fresh draws for the floors, and densities, each computed once
 * and shared by all metrics.
 */
export class Truth {
  private readonly cache = new WeakMap<Float64Array, Float64Array>();

  constructor(
    readonly dim: number,
    /** True points */
    readonly labelled: Samples,
    readonly floors: readonly FloorDraw[],
    /** Seeds projections and subsamples. */
    readonly seed: number,
    readonly against: Against,
    /** Probability beyond each end of a metric's perfect range. */
    readonly tail = TAIL,
    /** The law of the truth, where it is known. */
    readonly distribution?: Distribution,
  ) {}

  /** [m, d] the true points without their labels */
  get reference(): Float64Array {
    return this.labelled.points;
  }

  /** As many of them as each draw of the floor is compared with. */
  get comparison(): Float64Array {
    if (this.against !== 'distribution') return this.reference;
    return this.reference.subarray(0, Math.max(this.floors[0].points.length, REFERENCE_POINTS * this.dim));
  }

  /** ln p_true of points [n, d], remembered for as long as the array lives: [n]. */
  logDensity(points: Float64Array): Float64Array {
    const known = this.cache.get(points);
    if (known) return known;
    const distribution = this.distribution;
    if (!distribution?.logDensity)
      badInput(`${distribution?.name ?? 'a set of points'} has no known density`);
    const result = distribution.logDensity(points);
    this.cache.set(points, result);
    return result;
  }

  /** Fresh true points [n, d] of their own, `k` by `k`; null where only a set of points is known. */
  fresh(n: number, k: number): Float64Array | null {
    return this.distribution?.sample(n, this.seed, FRESH + k, STREAM.evaluation).points ?? null;
  }
}

/** Steps of the evaluation's stream: 0 the projections, 1 the reference, from 2 the floors, then these. */
const AGAINST = 1000;
const FRESH = 2000;
const SUBSAMPLES = 3000;

/**
 * The truth of a known distribution.
 * @param n how many points will be judged: the size of each draw of the floor
 * @throws bad-input for a number of draws below 2, which have no spread
 */
export function truthOf(
  distribution: Distribution,
  n: number,
  seed: number,
  {
    draws = Math.max(LEAST_DRAWS, Math.min(MOST_DRAWS, Math.round(DRAWN_POINTS / n))),
    tail,
  }: TruthOptions = {},
): Truth {
  if (!Number.isInteger(draws) || draws < 2) badInput(`a floor needs two draws or more, got ${draws}`);
  const draw = (size: number, step: number) => distribution.sample(size, seed, step, STREAM.evaluation);
  // Twice as many as are judged, while that costs little: shares have their floors from these alone.
  const size = Math.max(n, REFERENCE_POINTS, Math.min(2 * n, n + SPARE_POINTS));
  const floors = Array.from({ length: draws }, (_, k): FloorDraw => {
    let own: Float64Array | undefined;
    const against = () => {
      own ??= draw(Math.max(n, REFERENCE_POINTS), AGAINST + k).points;
      return own;
    };
    return { ...draw(n, 2 + k), against };
  });
  return new Truth(distribution.dim, draw(size, 1), floors, seed, 'distribution', tail, distribution);
}

/**
 * A finite set of points as the truth, where nothing else is known. The floor compares random halves of the
 * set with each other, so that it belongs to half as many points (`floorN`) and is a little too high.
 * @param against whether the model has seen the points
 * @throws bad-input for fewer than 4 rows: a half needs two
 */
export function truthOfPoints(
  dataset: Dataset,
  seed: number,
  against: Exclude<Against, 'distribution'>,
  { draws = LEAST_DRAWS, tail }: TruthOptions = {},
): Truth {
  const { dim, rows, points } = dataset;
  if (rows < 4) badInput(`${dataset.name}: ${rows} rows are too few to judge against; 4 are the least`);
  const half = Math.floor(rows / 2);
  const floors = Array.from({ length: draws }, (_, k): FloorDraw => {
    const order = permutedRows(rows, 2 * half, seed, STREAM.evaluation, 2 + k);
    const other = gather(points, dim, order.subarray(half));
    return { points: gather(points, dim, order.subarray(0, half)), against: () => other };
  });
  return new Truth(dim, dataset, floors, seed, against, tail);
}

function gather(points: Float64Array, dim: number, rows: Uint32Array): Float64Array {
  const result = new Float64Array(rows.length * dim);
  rows.forEach((row, at) => result.set(points.subarray(row * dim, (row + 1) * dim), at * dim));
  return result;
}

/**
 * `limit` rows of points [n, d] by a permutation that the seed chooses: any order of the rows serves as well. All of
 * them, as they are, where they are few.
 * @param part which of several disjoint parts
 * @param choice another order of the same rows
 */
export function subsample(
  points: Float64Array,
  dim: number,
  limit: number,
  seed: number,
  part = 0,
  choice = 0,
): Float64Array {
  const n = points.length / dim;
  if (n <= limit) return points;
  const order = permutedRows(
    n,
    Math.min(n, (part + 1) * limit),
    seed,
    STREAM.evaluation,
    SUBSAMPLES + choice,
  );
  return gather(points, dim, order.subarray(part * limit));
}

/** Number of rows of points [n, d]; throws bad-input for fewer than `least`. */
export function rowsOf(points: Float64Array, dim: number, least: number, metric: string): number {
  const n = points.length / dim;
  if (!Number.isInteger(n)) badInput(`${points.length} numbers are not rows of ${dim} coordinates`);
  if (n < least) badInput(`${metric} needs at least ${least} points, got ${n}`);
  return n;
}
