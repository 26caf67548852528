import { badInput } from '../errors.js';
import { CounterRandom, STREAM } from '../random/random.js';
import { LineMixture } from './line_mixture.js';
import { distanceMetric } from './measure.js';
import { sortNumbers } from './sort.js';
import { type Measured, mixtureOf, rowsOf, type Samples, type Truth } from './truth.js';

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

/** Points [n, d] along one direction: [n]. */
function along(points: Float64Array, direction: Float64Array): Float64Array {
  const dim = direction.length;
  const line = new Float64Array(points.length / dim);
  for (let row = 0; row < line.length; row++)
    for (let i = 0; i < dim; i++) line[row] += direction[i] * points[row * dim + i];
  return line;
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
    rowsOf(points, dim, 1, 'sliced W2');
    return Array.from({ length: directions.length / dim }, (_, k) =>
      sortNumbers(along(points, directions.subarray(k * dim, (k + 1) * dim))),
    );
  }

  /** √ of the mean over directions of W₂². */
  distance(points: Float64Array): number {
    const lines = this.project(points);
    const sum = lines.reduce((total, line, k) => total + sortedW2Squared(line, this.sorted[k]), 0);
    return Math.sqrt(sum / lines.length);
  }
}

/** The truth along one direction: W₂² of sorted points to it, and where the transport takes each of them. */
interface Line {
  squared(sorted: Float64Array, set: number): number;
  /** [n] */
  transport(n: number): Float64Array;
}

/** The law itself along a direction, by its quantile function. */
function exactLine(line: LineMixture): Line {
  const known = new Map<number, Float64Array>();
  const means = (n: number) => {
    const own = known.get(n) ?? line.quantileMeans(n);
    known.set(n, own);
    return own;
  };
  return {
    squared: (sorted) => line.w2Squared(sorted, means(sorted.length)),
    transport: (n) => means(n).map((value) => n * value + line.mean),
  };
}

/** True points along a direction, for each set of samples its own. */
function sampledLine(direction: Float64Array, references: readonly Float64Array[]): Line {
  const sorted = new Map<Float64Array, Float64Array>();
  const line = (points: Float64Array) => {
    const own = sorted.get(points) ?? sortNumbers(along(points, direction));
    sorted.set(points, own);
    return own;
  };
  return {
    squared: (points, set) => sortedW2Squared(points, line(references[set])),
    transport: (n) => {
      const own = line(references[0]);
      return Float64Array.from({ length: n }, (_, i) => own[Math.floor(((i + 0.5) * own.length) / n)]);
    },
  };
}

/** Every so many-th direction serves the value's interval. */
const INTERVAL_STEP = 4;

/**
 * Adds the Kantorovich potential of each point, centred: the first-order change of W₂² with the point's weight
 * (del Barrio & Loubes 2019). Its slope is 2 (x − T(x)).
 */
function addPotentials(values: Float64Array, transport: Float64Array, into: Float64Array): void {
  const n = values.length;
  const order = new Uint32Array(n);
  const sorted = sortNumbers(values, order);
  const potential = new Float64Array(n);
  let mean = 0;
  for (let i = 1; i < n; i++) {
    const middle = sorted[i] + sorted[i - 1] - transport[i] - transport[i - 1];
    potential[i] = potential[i - 1] + (sorted[i] - sorted[i - 1]) * middle;
    mean += potential[i] / n;
  }
  for (let i = 0; i < n; i++) into[order[i]] += potential[i] - mean;
}

/**
 * Sliced 2-Wasserstein distance between the samples and the truth: √(mean over directions of the squared
 * one-dimensional distance), not squared, units of the data. The truth is exact where it is a mixture of Gaussians,
 * whose shadows have a quantile function; elsewhere it is the reference points, and each draw of the floor has its own.
 * Source: Bonneel, Rabin, Peyré & Pfister 2015.
 */
export function slicedW2(
  samples: Samples,
  truth: Truth,
  beside: readonly Samples[] = [],
  count = PROJECTIONS,
): Measured {
  const { dim } = truth;
  const directions = projections(dim, count, truth.seed);
  const used = directions.length / dim;
  const direction = (k: number) => directions.subarray(k * dim, (k + 1) * dim);
  const mixture = mixtureOf(truth.distribution);
  const exact =
    mixture !== undefined &&
    Array.from({ length: used }, (_, k) => k).every((k) => LineMixture.fits(mixture, direction(k)));
  const sets = [
    samples.points,
    ...truth.floors.map(({ points }) => points),
    ...beside.map(({ points }) => points),
  ];
  for (const points of sets) rowsOf(points, dim, 1, 'sliced W2');
  const references = exact
    ? []
    : [
        truth.comparison,
        ...truth.floors.map((draw) => draw.against()),
        ...beside.map(() => truth.comparison),
      ];
  const squares = new Float64Array(sets.length);
  const influence = new Float64Array(samples.points.length / dim);
  for (let k = 0; k < used; k++) {
    const line = exact
      ? exactLine(new LineMixture(...LineMixture.shadow(mixture, direction(k))))
      : sampledLine(direction(k), references);
    sets.forEach((points, set) => {
      const values = along(points, direction(k));
      squares[set] += line.squared(sortNumbers(values), set) / used;
      if (set === 0 && k % INTERVAL_STEP === 0)
        addPotentials(values, line.transport(values.length), influence);
    });
  }
  const distances = Array.from(squares, Math.sqrt);
  // √ has the slope 1/2W.
  const share = distances[0] > 0 ? 1 / (2 * distances[0] * Math.ceil(used / INTERVAL_STEP)) : 0;
  const draws = distances.slice(1, 1 + truth.floors.length);
  const metric = distanceMetric(
    samples,
    truth,
    {
      value: distances[0],
      influence: influence.map((value) => share * value),
      draws,
      beside: distances.slice(1 + truth.floors.length),
    },
    false,
  );
  metric.details = { exact: exact ? 1 : 0 };
  return metric;
}
