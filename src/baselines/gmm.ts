import { orderedRows } from '../data/canonical.js';
import { badInput } from '../errors.js';
import { permutedRows } from '../random/permutation.js';
import { STREAM } from '../random/random.js';
import { COVARIANCE_FLOOR } from './covariance_floor.js';
import { type Components, expectationMaximisation, startComponents } from './em.js';
import { Frame } from './frame.js';
import type { FramedLaw } from './framed_law.js';
import { mixtureLaw, mixtureLawFrom } from './mixture_law.js';
import { selectComponents, startRandom } from './select_components.js';
import type { Tensors } from './tensors.js';
import type { ClassPoints } from './training_points.js';

export interface GmmSettings {
  /** K; by held-out likelihood if left out. */
  components?: number | undefined;
  /** Of the starts and of the rows that are held out; 0 if left out. */
  seed?: number | undefined;
}

const STARTS = 4;
/** Rows that starts are compared on, at most. */
const START_ROWS = 4000;
/** Multiplications that the last fit may take, at most. */
const MOST_WORK = 3e9;
const MOST_STEPS = 200;

/** Rows [n, d], or as many as `most` of them in a random order. */
function thinned(rows: Float64Array, d: number, most: number, seed: number): Float64Array {
  const n = rows.length / d;
  if (n <= most) return rows;
  return orderedRows(rows, d, permutedRows(n, most, seed, STREAM.baselineFit, 1));
}

/** The best of several starts on some of the rows, gone on with on all. */
function fitComponents(rows: Float64Array, d: number, k: number, seed: number): Components {
  const some = thinned(rows, d, START_ROWS, seed);
  let best: { components: Components; likelihood: number } | undefined;
  for (let start = 0; start < (k === 1 ? 1 : STARTS); start++) {
    const first = startComponents(some, d, k, startRandom(seed, k, start));
    const found = expectationMaximisation(some, d, first, 1e-4, 60);
    if (!best || found.likelihood > best.likelihood) best = found;
  }
  const affordable = Math.floor(MOST_WORK / (MOST_STEPS * k * (d * d + 8)));
  const all = thinned(rows, d, Math.max(START_ROWS, affordable), seed);
  return expectationMaximisation(all, d, best!.components, 1e-7, MOST_STEPS).components;
}

const facts = (_: Frame, components: number) => ({ components });

/**
 * A mixture of Gaussians with full covariances of greatest likelihood, by expectation maximisation (Dempster, Laird &
 * Rubin 1977) from several k-means++ starts. No covariance is below {@link COVARIANCE_FLOOR} in any direction, which
 * holds off the spikes that would make the likelihood infinite. Many rows: K is chosen on 4000 of them, starts
 * compared on 4000, and the last fit made on as many as 3·10⁹ multiplications allow: 31 250 in the plane with
 * K = 40.
 * @throws bad-input for a number of components that is not whole and positive. Where there are fewer distinct points,
 * there are fewer components
 */
export function fitGmm({ points, dim, fallback }: ClassPoints, settings: GmmSettings = {}): FramedLaw {
  const { components, seed = 0 } = settings;
  if (components !== undefined && !(Number.isInteger(components) && components >= 1))
    badInput(`the number of components must be a whole number from 1, got ${components}`);
  const frame = Frame.byColumn(points, dim, fallback);
  const { inside } = frame.of(points);
  const k = components ?? selectComponents(inside, frame.rank, seed);
  const found = fitComponents(inside, frame.rank, k, seed);
  return mixtureLaw(frame, { dim: frame.rank, ...found }, COVARIANCE_FLOOR, facts);
}

/** @throws bad-checkpoint */
export const gmmFrom = (tensors: Tensors): FramedLaw => mixtureLawFrom(tensors, facts);
