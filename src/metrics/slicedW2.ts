import { badInput } from '../errors.js';
import { CounterRandom, STREAM } from '../random/random.js';
import { type Metric, measure, rowsOf, type Samples, type Truth } from './truth.js';

/** Directions averaged over, unless told otherwise. */
export const PROJECTIONS = 128;

/**
 * Unit vectors [count, d]: evenly spaced angles over the half circle in the plane, normalised Gaussians (a pure
 * function of the seed) elsewhere; in one dimension the single direction there is.
 */
export function projections(dim: number, count: number, seed: number): Float64Array {
  if (!Number.isInteger(count) || count < 1)
    badInput(`the number of projections must be positive, got ${count}`);
  if (dim === 1) return Float64Array.of(1);
  const result = new Float64Array(count * dim);
  const random = new CounterRandom(seed, STREAM.evaluation, 0);
  for (let k = 0; k < count; k++) {
    if (dim === 2) {
      const angle = (Math.PI * (k + 0.5)) / count;
      result[2 * k] = Math.cos(angle);
      result[2 * k + 1] = Math.sin(angle);
      continue;
    }
    let square = 0;
    for (let i = 0; i < dim; i++) {
      result[k * dim + i] = random.normal(k * dim + i);
      square += result[k * dim + i] ** 2;
    }
    for (let i = 0; i < dim; i++) result[k * dim + i] /= Math.sqrt(square);
  }
  return result;
}

/** W₂² of two sorted samples on the line: ∫ (F⁻¹ − G⁻¹)² over the merged quantile steps i/n and j/m. */
export function sortedW2Squared(a: Float64Array, b: Float64Array): number {
  const n = a.length;
  const m = b.length;
  let sum = 0;
  if (n === m) {
    for (let i = 0; i < n; i++) sum += (a[i] - b[i]) ** 2;
    return sum / n;
  }
  // Quantile levels are compared in units of 1/(n·m), in which both kinds of step are whole numbers.
  let level = 0;
  for (let i = 0, j = 0; i < n && j < m; ) {
    const nextA = (i + 1) * m;
    const nextB = (j + 1) * n;
    const next = Math.min(nextA, nextB);
    sum += (next - level) * (a[i] - b[j]) ** 2;
    level = next;
    if (nextA === next) i++;
    if (nextB === next) j++;
  }
  return sum / (n * m);
}

/** Points projected on every direction and sorted, to be compared with many samples. */
export class SlicedReference {
  private readonly sorted: Float64Array[];

  constructor(
    points: Float64Array,
    private readonly dim: number,
    /** [count, d] unit vectors */
    private readonly directions: Float64Array,
  ) {
    this.sorted = this.project(points);
  }

  private project(points: Float64Array): Float64Array[] {
    const { dim, directions } = this;
    const n = rowsOf(points, dim, 1, 'sliced W2');
    return Array.from({ length: directions.length / dim }, (_, k) => {
      const line = new Float64Array(n);
      for (let row = 0; row < n; row++)
        for (let i = 0; i < dim; i++) line[row] += directions[k * dim + i] * points[row * dim + i];
      return line.sort();
    });
  }

  /** √ of the mean over directions of W₂². */
  distance(points: Float64Array): number {
    const lines = this.project(points);
    const sum = lines.reduce((total, line, k) => total + sortedW2Squared(line, this.sorted[k]), 0);
    return Math.sqrt(sum / lines.length);
  }
}

/**
 * Sliced 2-Wasserstein distance between the samples and the reference points: √(mean over directions of the
 * squared one-dimensional distance), not squared, units of the data. Sizes may differ.
 * Source: Bonneel, Rabin, Peyré & Pfister 2015.
 */
export function slicedW2(samples: Samples, truth: Truth, training?: Samples, count = PROJECTIONS): Metric {
  const directions = projections(truth.dim, count, truth.seed);
  const references = new Map<Float64Array, SlicedReference>();
  return measure(
    samples,
    truth,
    'lower',
    ({ points }, against) => {
      const reference = references.get(against) ?? new SlicedReference(against, truth.dim, directions);
      references.set(against, reference);
      return reference.distance(points);
    },
    training,
  );
}
