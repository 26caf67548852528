import { shareRange } from './chance.js';
import { measureShare } from './measure.js';
import { type Measured, type Samples, subsample, type Truth } from './truth.js';

/** A sample is a copy of a training row that is this many times nearer to it than any other training row is. */
export const COPY_RATIO = 10;

/** Samples that are looked at, chosen by the seed; fewer where rows and coordinates are very many. */
const MOST_QUERIES = 4000;
const LEAST_QUERIES = 200;
const MOST_OPERATIONS = 4e9;

/** The rows of points [n, d] with what is known of their nearest other row. */
class Rows {
  private readonly gaps = new Map<number, number>();
  readonly n: number;

  constructor(
    readonly points: Float64Array,
    private readonly dim: number,
  ) {
    this.n = points.length / dim;
  }

  /** Squared distance to the nearest row but `left` and `out`, and which it is. */
  nearest(from: Float64Array, at: number, left = -1, out = -1): { row: number; square: number } {
    const { points, dim, n } = this;
    let [row, square] = [-1, Number.POSITIVE_INFINITY];
    for (let other = 0; other < n; other++) {
      if (other === left || other === out) continue;
      let sum = 0;
      for (let i = 0, b = other * dim; i < dim && sum < square; i++) {
        const delta = from[at + i] - points[b + i];
        sum += delta * delta;
      }
      if (sum < square) [row, square] = [other, sum];
    }
    return { row, square };
  }

  /** Squared distance from a row to the nearest other. */
  gap(row: number, left: number): number {
    if (left >= 0) return this.nearest(this.points, row * this.dim, row, left).square;
    const known = this.gaps.get(row) ?? this.nearest(this.points, row * this.dim, row).square;
    this.gaps.set(row, known);
    return known;
  }

  /** Whether the point at `at` of `from` is a copy of a row, and its distance to it. `left` is left out. */
  judge(from: Float64Array, at: number, left = -1): { copy: boolean; distance: number } {
    const { row, square } = this.nearest(from, at, left);
    const copy = COPY_RATIO ** 2 * square <= this.gap(row, left);
    return { copy, distance: Math.sqrt(square) };
  }
}

interface Copies {
  readonly hits: number;
  readonly of: number;
  /** Median distance to the nearest training row. */
  readonly distance: number;
}

function count(found: readonly { copy: boolean; distance: number }[]): Copies {
  const distances = Float64Array.from(found, ({ distance }) => distance).sort();
  return {
    hits: found.filter(({ copy }) => copy).length,
    of: found.length,
    distance: distances[distances.length >> 1],
  };
}

/**
 * Share of samples that are copies of a training row: ten times nearer to it than its own nearest neighbour among the
 * rows is. In d dimensions about 10⁻ᵈ of fresh true points are that near by chance; the floor counts them, on true
 * points where there is a law, else by leaving out each training row in turn. At most {@link MOST_QUERIES} samples
 * are looked at (`details.points`); `details.distance` and `trueDistance` are median distances to the nearest row.
 * A model that memorises copies all. Compare Meehan, Chaudhuri & Dasgupta 2020.
 * @param training at least three rows
 * @param beside other points that are looked at likewise
 */
export function copies(
  samples: Samples,
  truth: Truth,
  training: Samples,
  beside: readonly Samples[] = [],
): Measured {
  const { dim, seed } = truth;
  const rows = new Rows(training.points, dim);
  const affordable = Math.max(LEAST_QUERIES, Math.floor(MOST_OPERATIONS / (rows.n * dim)));
  const limit = Math.min(MOST_QUERIES, affordable);
  const judged = (set: Float64Array, leaveOut: boolean) => {
    const points = subsample(set, dim, limit, seed, 0, 2);
    const own = leaveOut ? new Rows(training.points, dim) : rows;
    return count(
      Array.from({ length: points.length / dim }, (_, k) =>
        leaveOut ? own.judge(points, k * dim, own.nearest(points, k * dim).row) : own.judge(points, k * dim),
      ),
    );
  };
  const own = judged(samples.points, false);
  const fresh =
    truth.against === 'training points' ? judged(training.points, true) : judged(truth.reference, false);
  const metric = measureShare(
    samples,
    truth,
    'lower',
    own,
    fresh,
    beside.map(({ points }) => judged(points, false)),
  );
  metric.perfect = shareRange(fresh.hits, fresh.of, own.of, truth.tail);
  metric.details = { points: own.of, distance: own.distance, trueDistance: fresh.distance };
  return metric;
}
