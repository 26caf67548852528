import { MixtureDistance } from './mean_distance.js';
import { distanceMetric } from './measure.js';
import { type Measured, mixtureOf, rowsOf, type Samples, subsample, type Truth } from './truth.js';

/** The metric takes every pair, so it looks at this many points of each set at most, chosen by the seed. */
export const ENERGY_LIMIT = 4000;

/** Mean Euclidean distance of each row of a [n, d] to all rows of b [m, d], itself included: [n]. */
function meanDistances(a: Float64Array, b: Float64Array, dim: number): Float64Array {
  const n = a.length / dim;
  const m = b.length / dim;
  const result = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < m; j++) {
      let square = 0;
      for (let k = 0; k < dim; k++) {
        const delta = a[i * dim + k] - b[j * dim + k];
        square += delta * delta;
      }
      sum += Math.sqrt(square);
    }
    result[i] = sum / m;
  }
  return result;
}

/** The same of the rows of a to each other, itself included: each pair once. */
function ownDistances(a: Float64Array, dim: number): Float64Array {
  const n = a.length / dim;
  const result = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < i; j++) {
      let square = 0;
      for (let k = 0; k < dim; k++) {
        const delta = a[i * dim + k] - a[j * dim + k];
        square += delta * delta;
      }
      const distance = Math.sqrt(square);
      sum += distance;
      result[j] += distance / n;
    }
    result[i] += sum / n;
  }
  return result;
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** 2E|X − Y| − E|X − X′| − E|Y − Y′| as a V-statistic: pairs of a point with itself count, so it is ≥ 0. */
export function energy(a: Float64Array, b: Float64Array, dim: number): number {
  rowsOf(a, dim, 1, 'the energy distance');
  rowsOf(b, dim, 1, 'the energy distance');
  return Math.max(
    0,
    2 * mean(meanDistances(a, b, dim)) - mean(ownDistances(a, dim)) - mean(ownDistances(b, dim)),
  );
}

/** E|x − Y| of points, and E|Y − Y′|, of the law or of points that stand for it. */
interface Other {
  to(points: Float64Array): Float64Array;
  readonly within: number;
  /** How many points stand for the law; infinitely many where it is the law. */
  readonly rows: number;
}

function pointsAs(against: Float64Array, limit: number, { dim, seed }: Truth, part = 0): Other {
  const points = subsample(against, dim, limit, seed, part, 1);
  return {
    to: (own) => meanDistances(own, points, dim),
    within: mean(ownDistances(points, dim)),
    rows: points.length / dim,
  };
}

const exactOthers = new WeakMap<object, Other>();

/** The law's own mean distances in closed form, for isotropic mixtures. */
function exactOther({ distribution }: Truth): Other | undefined {
  const mixture = mixtureOf(distribution);
  if (!mixture?.variances) return undefined;
  let known = exactOthers.get(mixture);
  if (known === undefined) {
    const distance = new MixtureDistance(mixture);
    known = {
      to: (points) => distance.to(points),
      within: distance.within,
      rows: Number.POSITIVE_INFINITY,
    };
    exactOthers.set(mixture, known);
  }
  return known;
}

/**
 * Points of each draw of the floor at most. Of equal laws the statistic is (1/n + 1/m) times a law of its own up to
 * higher orders, a weighted sum of χ², so that smaller draws tell of larger ones.
 */
const DRAWN = 500;

/** Where there are fewer draws, several parts of each stand for as many, as far as it has them. */
const PARTS = 30;

/**
 * Energy distance between the samples and the truth, in units of the data; 0 only for equal laws. V-statistic over at
 * most {@link ENERGY_LIMIT} of the samples; the truth is exact where it is a mixture of isotropic Gaussians, elsewhere
 * the reference points, and each draw of the floor has its own. Source: Székely & Rizzo 2013.
 */
export function energyDistance(samples: Samples, truth: Truth, beside: readonly Samples[] = []): Measured {
  const { dim, seed } = truth;
  const exact = exactOther(truth);
  const score = (set: Float64Array, other: Other, limit: number, part = 0) => {
    rowsOf(set, dim, 1, 'the energy distance');
    const points = subsample(set, dim, limit, seed, part);
    const [across, own] = [other.to(points), ownDistances(points, dim)];
    const value = Math.max(0, 2 * mean(across) - mean(own) - other.within);
    return {
      value,
      influence: across.map((one, i) => 2 * (one - own[i])),
      rate: dim / points.length + 1 / other.rows,
    };
  };
  const reference = exact ?? pointsAs(truth.reference, ENERGY_LIMIT, truth);
  const { value, influence, rate } = score(samples.points, reference, ENERGY_LIMIT);
  // Where nothing but points is known their halves are compared as they are.
  const known = truth.against === 'distribution';
  const drawn = known ? DRAWN : ENERGY_LIMIT;
  const draws = truth.floors.flatMap((draw) => {
    const rows = draw.points.length / dim;
    const parts = known ? Math.max(1, Math.floor(Math.min(PARTS / truth.floors.length, rows / DRAWN))) : 1;
    return Array.from({ length: parts }, (_, part) => {
      const one = score(draw.points, exact ?? pointsAs(draw.against(), drawn, truth, part), drawn, part);
      return known ? (one.value * rate) / one.rate : one.value;
    });
  });
  const others = beside.map(({ points }) => score(points, reference, ENERGY_LIMIT).value);
  const metric = distanceMetric(samples, truth, { value, influence, draws, beside: others }, true);
  // The mean of the V-statistic of an exact law: each of the n pairs of a point with itself lacks E|Y − Y′|.
  if (exact) metric.floor = exact.within * rate;
  metric.details = { points: Math.min(ENERGY_LIMIT, metric.n), exact: exact ? 1 : 0 };
  return metric;
}
