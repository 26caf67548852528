import { type Metric, measure, rowsOf, type Samples, subsample, type Truth } from './truth.js';

/** The metric takes every pair, so it looks at this many evenly spaced points of each set at most. */
export const ENERGY_LIMIT = 4000;

/** Mean Euclidean distance over all pairs of rows of a [n, d] and b [m, d]. */
function meanDistance(a: Float64Array, b: Float64Array, dim: number): number {
  const n = a.length / dim;
  const m = b.length / dim;
  const same = a === b;
  let total = 0;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = same ? i + 1 : 0; j < m; j++) {
      let square = 0;
      for (let k = 0; k < dim; k++) {
        const delta = a[i * dim + k] - b[j * dim + k];
        square += delta * delta;
      }
      sum += Math.sqrt(square);
    }
    total += same ? 2 * sum : sum;
  }
  return total / (n * m);
}

/** 2E|X − Y| − E|X − X′| − E|Y − Y′| as a V-statistic: pairs of a point with itself count, so it is ≥ 0. */
export function energy(a: Float64Array, b: Float64Array, dim: number, within?: number): number {
  rowsOf(a, dim, 1, 'the energy distance');
  rowsOf(b, dim, 1, 'the energy distance');
  const value = 2 * meanDistance(a, b, dim) - meanDistance(a, a, dim) - (within ?? meanDistance(b, b, dim));
  return Math.max(0, value);
}

/**
 * Energy distance between the samples and the reference points, in units of the data; 0 only for equal laws.
 * V-statistic over at most {@link ENERGY_LIMIT} points of each. Source: Székely & Rizzo 2013.
 */
export function energyDistance(samples: Samples, truth: Truth, training?: Samples): Metric {
  const { dim } = truth;
  const known = new Map<Float64Array, { points: Float64Array; within: number }>();
  const prepare = (against: Float64Array) => {
    const points = subsample(against, dim, ENERGY_LIMIT);
    const prepared = known.get(against) ?? { points, within: meanDistance(points, points, dim) };
    known.set(against, prepared);
    return prepared;
  };
  return measure(
    samples,
    truth,
    'lower',
    ({ points }, against) => {
      const other = prepare(against);
      return energy(subsample(points, dim, ENERGY_LIMIT), other.points, dim, other.within);
    },
    training,
  );
}
