import { orderedRows } from '../data/canonical.js';
import { badInput } from '../errors.js';
import { COVARIANCE_FLOOR } from './covariance_floor.js';
import { Frame } from './frame.js';
import { FramedLaw } from './framed_law.js';
import { bestScale, type KernelPairs, leaveOneOut, leftOutRows, MOST_PAIRS } from './leave_one_out.js';
import { halfLogDet, LocalKernels, localShape, squareIn } from './local_kernels.js';
import { nearestNeighbours } from './neighbours.js';
import { positivesOf, type Tensors, tensor, tensorOf, valuesOf } from './tensors.js';
import { type ClassPoints, type DistinctPoints, distinctPoints } from './training_points.js';

export interface ManifoldParzenSettings {
  /** k, the nearest other points that give a kernel its shape; by leave-one-out likelihood if left out. */
  neighbours?: number | undefined;
  /** s, by which a kernel is narrower than its neighbours' spread; by leave-one-out likelihood if left out. */
  scale?: number | undefined;
}

const CANDIDATES = [2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];
/** Candidates in a row that are worse than the best before no more are tried. */
const PATIENCE = 3;
/** Multiplications for the squares of one candidate, at most. */
const PAIR_WORK = 1e9;
/** Multiplications to find neighbours where a tree does not help, at most, and from how many dimensions on. */
const SEARCH_WORK = 2e10;
const TREE_DIMENSIONS = 4;
/** Numbers that the directions of all kernels are, at most. */
const MOST_NUMBERS = 2 ** 25;

/** Evenly spaced ones of the points, as many as can be afforded in r dimensions. */
function affordable(found: DistinctPoints, dim: number, r: number, most: number): DistinctPoints {
  const m = found.counts.length;
  const searched = r > TREE_DIMENSIONS ? Math.sqrt(SEARCH_WORK / r) : m;
  const kept = Math.max(1, Math.floor(Math.min(m, searched, MOST_NUMBERS / (r * Math.min(most, r)))));
  if (kept === m) return found;
  const rows = Uint32Array.from({ length: kept }, (_, at) => Math.floor(((at + 0.5) * m) / kept));
  return { points: orderedRows(found.points, dim, rows), counts: orderedRows(found.counts, 1, rows) };
}

/** The neighbours of every point, [m, width], nearest first. */
interface Neighbourhoods {
  readonly points: Float64Array;
  readonly r: number;
  readonly counts: Float64Array;
  readonly neighbours: Uint32Array;
  readonly width: number;
}

/**
 * The kernels with k neighbours at scale 1 as seen from points left out. A point that is left out is no neighbour
 * either: the next one takes its place, or kernels that point at it would judge themselves.
 */
export function parzenPairs(hood: Neighbourhoods, k: number): KernelPairs {
  const { points, r, counts, neighbours, width } = hood;
  const m = counts.length;
  const most = Math.min(MOST_PAIRS / 2, PAIR_WORK / (r * Math.min(k, r)));
  const rows = leftOutRows(m, most);
  const squares = new Float64Array(rows.length * m);
  const levels = new Float64Array(rows.length * m);
  const delta = new Float64Array(r);
  const total = counts.reduce((sum, count) => sum + count, 0);
  for (let j = 0; j < m; j++) {
    const own = neighbours.subarray(j * width, j * width + k);
    const whole = localShape(points, r, j, own);
    const wholeLevel = Math.log(counts[j] / total) - halfLogDet(r, whole.variances, whole.rest);
    rows.forEach((row, q) => {
      const at = q * m + j;
      if (row === j) {
        squares[at] = Number.POSITIVE_INFINITY;
        return;
      }
      let [shape, level] = [whole, wholeLevel];
      const place = own.indexOf(row);
      if (place >= 0) {
        const others = own.slice();
        others[place] = neighbours[j * width + k];
        shape = localShape(points, r, j, others);
        level = Math.log(counts[j] / total) - halfLogDet(r, shape.variances, shape.rest);
      }
      for (let i = 0; i < r; i++) delta[i] = points[row * r + i] - points[j * r + i];
      squares[at] = squareIn(delta, shape.directions, shape.variances, shape.rest);
      levels[at] = level;
    });
  }
  return { rows, counts, squares, levels, dim: r };
}

/** k and s of greatest leave-one-out likelihood, as far as they are not given. */
function chosen(hood: Neighbourhoods, { neighbours, scale }: ManifoldParzenSettings): [number, number] {
  const m = hood.counts.length;
  const others = m - 1;
  // A point left out leaves one neighbour fewer.
  if (others < 2) return [Math.min(others, 1), scale ?? 1];
  if (neighbours !== undefined && scale !== undefined) return [Math.min(neighbours, others), scale];
  const candidates = neighbours
    ? [Math.min(neighbours, others - 1)]
    : [1, ...CANDIDATES].filter((k) => k < others && (k > 1 || others === 2));
  let best = { k: 0, scale: 1, likelihood: Number.NEGATIVE_INFINITY };
  let worse = 0;
  for (const k of candidates) {
    const pairs = parzenPairs(hood, k);
    const found = scale === undefined ? bestScale(pairs) : { scale, likelihood: leaveOneOut(pairs, scale) };
    if (found.likelihood > best.likelihood) [best, worse] = [{ k, ...found }, 0];
    else if (++worse === PATIENCE) break;
  }
  return [neighbours === undefined ? best.k : Math.min(neighbours, others), best.scale];
}

function checkSettings({ neighbours, scale }: ManifoldParzenSettings): void {
  if (neighbours !== undefined && !(Number.isInteger(neighbours) && neighbours >= 1))
    badInput(`the number of neighbours must be a whole number from 1, got ${neighbours}`);
  if (scale !== undefined && !(scale > 0 && scale < Number.POSITIVE_INFINITY))
    badInput(`the scale of the kernels must be a positive number, got ${scale}`);
}

/**
 * A kernel density estimate whose kernels lie along the data: around every point a Gaussian of covariance s²·(C + ridge)
 * with the C of its k nearest others, see {@link localShape}. All copies of a point are one centre of that weight, and
 * no neighbour of itself. k (2 to 64) and s have the greatest leave-one-out likelihood if not given. One point alone
 * is a Gaussian of the deviation of the data of all classes, or 1. Across a plane that holds all points the
 * variance is the trace of their covariance over d times {@link COVARIANCE_FLOOR}.
 * Beyond some 10⁴ points in hundreds of dimensions, evenly spaced ones are centres.
 * Source: Vincent & Bengio, "Manifold Parzen windows", NIPS 2002.
 * @throws bad-input for neighbours or a scale that cannot be. Where there are fewer others, there are fewer neighbours
 */
export function fitManifoldParzen(
  { points, dim, fallback }: ClassPoints,
  settings: ManifoldParzenSettings = {},
): FramedLaw {
  checkSettings(settings);
  const frame = Frame.isotropic(points, dim, fallback);
  const r = frame.rank;
  const most = settings.neighbours ?? CANDIDATES[CANDIDATES.length - 1];
  const { points: centres, counts } = affordable(distinctPoints(points, dim), dim, r, most);
  const m = counts.length;
  const { inside } = frame.of(centres);
  const width = Math.min(most + 1, m - 1);
  const neighbours = width > 0 ? nearestNeighbours(inside, r, width) : new Uint32Array(0);
  const [k, s] = chosen({ points: inside, r, counts, neighbours, width }, settings);
  const q = Math.min(k, r);
  const directions = new Float64Array(m * q * r);
  const variances = new Float64Array(m * q);
  const rests = new Float64Array(m).fill(1);
  for (let j = 0; j < m && k > 0; j++) {
    const shape = localShape(inside, r, j, neighbours.subarray(j * width, j * width + k));
    directions.set(shape.directions, j * q * r);
    variances.set(
      shape.variances.map((variance) => s * s * variance),
      j * q,
    );
    rests[j] = s * s * shape.rest;
  }
  const total = counts.reduce((sum, count) => sum + count, 0);
  const weights = counts.map((count) => count / total);
  const kernels = new LocalKernels(r, weights, inside, directions, variances, rests);
  return parzenLaw(frame, kernels, COVARIANCE_FLOOR, k, s);
}

function parzenLaw(frame: Frame, kernels: LocalKernels, rest: number, k: number, s: number): FramedLaw {
  const { weights, centres, directions, variances, rests } = kernels;
  const m = weights.length;
  const q = variances.length / m;
  const own: Tensors = new Map([
    ['weights', tensor(weights, m)],
    ['centres', tensor(centres, m, frame.rank)],
    ['rests', tensor(rests, m)],
    ['neighbours', tensor([k])],
    ['kernel_scale', tensor([s])],
  ]);
  if (q > 0) {
    own.set('directions', tensor(directions, m, q, frame.rank));
    own.set('variances', tensor(variances, m, q));
  }
  return new FramedLaw(frame, kernels, rest, { neighbours: k, scale: s }, own);
}

/** @throws bad-checkpoint */
export function manifoldParzenFrom(tensors: Tensors): FramedLaw {
  const frame = Frame.from(tensors);
  const r = frame.rank;
  const m = tensorOf(tensors, 'weights', 1).values.length;
  const q = tensors.has('variances') ? tensorOf(tensors, 'variances', 2).shape[1] : 0;
  const kernels = new LocalKernels(
    r,
    positivesOf(tensors, 'weights', m),
    valuesOf(tensors, 'centres', m, r),
    q > 0 ? valuesOf(tensors, 'directions', m, q, r) : new Float64Array(0),
    q > 0 ? positivesOf(tensors, 'variances', m, q) : new Float64Array(0),
    positivesOf(tensors, 'rests', m),
  );
  const [k, s] = [valuesOf(tensors, 'neighbours')[0], valuesOf(tensors, 'kernel_scale')[0]];
  return parzenLaw(frame, kernels, positivesOf(tensors, 'rest')[0], k, s);
}
