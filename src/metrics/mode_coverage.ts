import type { Modes } from '../data/distribution.js';
import { badInput } from '../errors.js';
import { normalInterval } from './chance.js';
import { measureShare, withRange } from './measure.js';
import { logGamma } from './special.js';
import type { Measured, Samples, Truth } from './truth.js';

/** A mode counts as covered with this fraction of the points that it should get. */
export const COVERED_FRACTION = 0.1;

export interface Coverage {
  /** Share of modes with at least max(1, 0.1·n·weight) points. */
  covered: number;
  /** Share of points that lie in a mode at all. */
  inside: number;
  /** [M] points in each mode */
  counts: Uint32Array;
  n: number;
}

/** Points that a mode needs to count as covered. */
const needed = (n: number, weight: number): number => Math.ceil(Math.max(1, COVERED_FRACTION * n * weight));

/** How points [n, d] are spread over the modes. Throws bad-input for no points. */
export function coverage(points: Float64Array, modes: Modes): Coverage {
  const assigned = modes.assign(points);
  const n = assigned.length;
  if (n === 0) badInput('mode coverage needs at least one point');
  const counts = new Uint32Array(modes.weights.length);
  let inside = 0;
  for (const mode of assigned) {
    if (mode < 0) continue;
    counts[mode]++;
    inside++;
  }
  const covered = counts.reduce((sum, count, k) => sum + (count >= needed(n, modes.weights[k]) ? 1 : 0), 0);
  return { covered: covered / counts.length, inside: inside / n, counts, n };
}

function modesOf(truth: Truth): Modes {
  return truth.distribution?.modes ?? badInput('the truth has no modes to count');
}

/**
 * P(fewer than `least` of n points hit a mode), without bias from `count` hits of `m` reference points: the share of
 * all subsets of n of these that hit it less often (hypergeometric; m ≥ n).
 */
export function missProbability(count: number, m: number, n: number, least: number): number {
  const choose = (a: number, b: number) => logGamma(a + 1) - logGamma(b + 1) - logGamma(a - b + 1);
  const all = choose(m, n);
  let sum = 0;
  for (let hits = 0; hits < least && hits <= count && hits <= n; hits++) {
    if (n - hits > m - count) continue;
    sum += Math.exp(choose(count, hits) + choose(m - count, n - hits) - all);
  }
  return Math.min(1, sum);
}

/** The law of the number of successes of independent trials: [M + 1]. */
function successes(probabilities: ArrayLike<number>): Float64Array {
  const law = new Float64Array(probabilities.length + 1);
  law[0] = 1;
  for (let k = 0; k < probabilities.length; k++)
    for (let j = k + 1; j >= 0; j--)
      law[j] = law[j] * (1 - probabilities[k]) + (j > 0 ? law[j - 1] * probabilities[k] : 0);
  return law;
}

/** The least number that is exceeded with probability `tail` at most. */
function upperQuantile(law: Float64Array, tail: number): number {
  let beyond = 1;
  return law.findIndex((probability) => {
    beyond -= probability;
    return beyond <= tail;
  });
}

/**
 * Share of modes that the samples reach: at least a tenth of the points a mode should get, and at least one,
 * each within three standard deviations of a mode it most probably came from (the radius of PacGAN,
 * 1712.04086). Few samples cannot reach many light modes, which the floor shows.
 */
export function modeCoverage(samples: Samples, truth: Truth, beside: readonly Samples[] = []): Measured {
  const modes = modesOf(truth);
  const own = coverage(samples.points, modes);
  const reference = coverage(truth.reference, modes);
  const size = modes.weights.length;
  const misses = Float64Array.from(reference.counts, (count, k) =>
    missProbability(count, reference.n, own.n, needed(own.n, modes.weights[k])),
  );
  const mean = misses.reduce((sum, miss) => sum + miss, 0);
  const variance = misses.reduce((sum, miss) => sum + miss * (1 - miss), 0);
  // The reference's own chance widens the range as it would that of a mean.
  const widening = Math.sqrt(1 + own.n / reference.n);
  const law = successes(misses);
  const most = upperQuantile(law, truth.tail);
  const least = size - upperQuantile(law.slice().reverse(), truth.tail);
  const range = (missed: number) => Math.min(1, Math.max(0, 1 - (mean + widening * (missed - mean)) / size));
  // How a mode with as many points as it has would fare in fresh samples: a Poisson number around these.
  const spread = own.counts.reduce((sum, count, k) => {
    const chance = poissonBelow(needed(own.n, modes.weights[k]), count);
    return sum + chance * (1 - chance);
  }, 0);
  return {
    value: own.covered,
    interval: normalInterval(own.covered, Math.sqrt(spread) / size, 0).map((end) => Math.min(1, end)) as [
      number,
      number,
    ],
    floor: 1 - mean / size,
    floorStd: Math.sqrt(variance) / size,
    ...withRange(truth, [range(most), range(least)]),
    ...{ n: own.n, floorN: own.n, better: 'higher' },
    beside: beside.map(({ points }) => coverage(points, modes).covered),
  };
}

/** P(Poisson(rate) < least). */
function poissonBelow(least: number, rate: number): number {
  let [term, sum] = [Math.exp(-rate), 0];
  for (let k = 0; k < least; k++) {
    sum += term;
    term *= rate / (k + 1);
  }
  return Math.min(1, sum);
}

/** Share of samples within a mode, PacGAN's "high-quality" samples; three std in the plane hold 98.89 %. */
export function highQuality(samples: Samples, truth: Truth, beside: readonly Samples[] = []): Measured {
  const modes = modesOf(truth);
  const count = ({ points }: Samples) => {
    const { inside, n } = coverage(points, modes);
    return { hits: inside * n, of: n };
  };
  return measureShare(samples, truth, 'higher', count(samples), count(truth.labelled), beside.map(count));
}
