import type { Dataset } from '../data/dataset.js';
import type { Distribution } from '../data/distribution.js';
import { badInput } from '../errors.js';
import { CounterRandom, STREAM } from '../random/random.js';

/** Points to be judged. */
export interface Samples {
  /** [n, d] */
  points: Float64Array;
  /** [n] the label each point was asked for */
  labels?: Uint32Array;
}

/** A fresh true sample, and the true points that it is compared with in place of the model's. */
export interface FloorDraw extends Samples {
  against: Float64Array;
}

/** One metric of one set of samples. */
export interface Metric {
  value: number;
  /** The same metric of fresh true samples of the same size: what a perfect model would score. Mean of draws. */
  floor: number;
  /** Standard deviation over those draws; 0 for a single one. */
  floorStd: number;
  /** Points judged. */
  n: number;
  /** Points in each draw of the floor; other than n only where the truth is a finite set of points. */
  floorN: number;
  better: 'lower' | 'higher';
  /** The metric of the training points themselves. */
  training?: number;
  /** What else a metric has to say. */
  details?: Record<string, number>;
}

/** Reference points drawn at least, so that the reference's own error stays below the floor's. */
export const REFERENCE_POINTS = 20_000;

/**
 * What samples are compared with: true points, fresh draws for the floors, and densities, each computed once
 * and shared by all metrics.
 */
export class Truth {
  private readonly cache = new WeakMap<Float64Array, Float64Array>();

  constructor(
    readonly dim: number,
    /** [m, d] true points */
    readonly reference: Float64Array,
    readonly floors: readonly FloorDraw[],
    /** Seeds projections and subsamples. */
    readonly seed: number,
    /** The law of the truth, where it is known. */
    readonly distribution?: Distribution,
  ) {}

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
}

/**
 * The truth of a known distribution.
 * @param n how many points will be judged: the size of each draw of the floor
 * @param draws fresh samples that the floor averages over
 */
export function truthOf(
  distribution: Distribution,
  n: number,
  seed: number,
  draws = 3,
  referencePoints = Math.max(n, REFERENCE_POINTS),
): Truth {
  if (!Number.isInteger(draws) || draws < 1) badInput(`a floor needs at least one draw, got ${draws}`);
  // Step 0 of the stream belongs to the projections.
  const draw = (size: number, step: number) => distribution.sample(size, seed, step, STREAM.evaluation);
  const reference = draw(referencePoints, 1).points;
  const floors = Array.from({ length: draws }, (_, k) => ({ ...draw(n, 2 + k), against: reference }));
  return new Truth(distribution.dim, reference, floors, seed, distribution);
}

/**
 * A finite set of points as the truth, where nothing else is known. The floor compares random halves of the
 * set with each other, so that it belongs to half as many points (`floorN`) and is a little too high.
 * @throws bad-input for fewer than 4 rows: a half needs two
 */
export function truthOfPoints(dataset: Dataset, seed: number, draws = 3): Truth {
  const { dim, rows, points } = dataset;
  if (rows < 4) badInput(`${dataset.name}: ${rows} rows are too few to judge against; 4 are the least`);
  const half = Math.floor(rows / 2);
  const floors = Array.from({ length: draws }, (_, k): FloorDraw => {
    const random = new CounterRandom(seed, STREAM.evaluation, 2 + k);
    const order = Array.from({ length: rows }, (_, row) => row);
    for (let at = 0; at < 2 * half; at++) {
      const other = at + random.integer(at, rows - at);
      [order[at], order[other]] = [order[other], order[at]];
    }
    const gather = (from: number) => {
      const result = new Float64Array(half * dim);
      for (let row = 0; row < half; row++) {
        const source = order[from + row] * dim;
        result.set(points.subarray(source, source + dim), row * dim);
      }
      return result;
    };
    return { points: gather(0), against: gather(half) };
  });
  return new Truth(dim, points, floors, seed);
}

/**
 * Rows evenly spaced through points [n, d], at most `limit` of them; the points themselves where they are few.
 * Even spacing keeps the share of every class in samples that are sorted by class.
 */
export function subsample(points: Float64Array, dim: number, limit: number): Float64Array {
  const n = points.length / dim;
  if (n <= limit) return points;
  const result = new Float64Array(limit * dim);
  for (let row = 0; row < limit; row++) {
    const source = Math.floor((row * n) / limit) * dim;
    result.set(points.subarray(source, source + dim), row * dim);
  }
  return result;
}

/** Number of rows of points [n, d]; throws bad-input for fewer than `least`. */
export function rowsOf(points: Float64Array, dim: number, least: number, metric: string): number {
  const n = points.length / dim;
  if (!Number.isInteger(n)) badInput(`${points.length} numbers are not rows of ${dim} coordinates`);
  if (n < least) badInput(`${metric} needs at least ${least} points, got ${n}`);
  return n;
}

/** A metric of the samples, of the floor's draws and, where given, of the training points. */
export function measure(
  samples: Samples,
  truth: Truth,
  better: Metric['better'],
  core: (samples: Samples, against: Float64Array) => number,
  training?: Samples,
): Metric {
  const value = core(samples, truth.reference);
  const floors = truth.floors.map((draw) => core(draw, draw.against));
  const floor = floors.reduce((sum, one) => sum + one, 0) / floors.length;
  const spread = floors.reduce((sum, one) => sum + (one - floor) ** 2, 0) / Math.max(1, floors.length - 1);
  return {
    value,
    floor,
    floorStd: Math.sqrt(spread),
    n: samples.points.length / truth.dim,
    floorN: truth.floors[0].points.length / truth.dim,
    better,
    ...(training ? { training: core(training, truth.reference) } : {}),
  };
}
