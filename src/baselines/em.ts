import { cholesky } from '../data/cholesky.js';
import { NEGLIGIBLE } from '../data/mixture_tables.js';
import type { CounterRandom } from '../random/random.js';
import { flooredCovariance } from './covariance_floor.js';
import { kMeans, squareBetween } from './k_means.js';

/** A mixture's parameters while it is fitted. */
export interface Components {
  /** [K], sum 1 */
  weights: Float64Array;
  /** [K, d] */
  means: Float64Array;
  /** [K, d, d] */
  covariances: Float64Array;
}

/** A component of fewer points than this is empty, and left out. */
const EMPTY = 1e-9;

/** A start: the clusters of k-means, each with its own covariance as far as its points say something of one. */
export function startComponents(rows: Float64Array, d: number, k: number, random: CounterRandom): Components {
  const n = rows.length / d;
  const { clusters, count } = kMeans(rows, d, k, random);
  const sizes = new Float64Array(count);
  const means = new Float64Array(count * d);
  const covariances = new Float64Array(count * d * d);
  for (let row = 0; row < n; row++) {
    sizes[clusters[row]]++;
    for (let i = 0; i < d; i++) means[clusters[row] * d + i] += rows[row * d + i];
  }
  for (let at = 0; at < means.length; at++) means[at] /= sizes[Math.floor(at / d)];
  let within = 0;
  for (let row = 0; row < n; row++) {
    const c = clusters[row];
    within += squareBetween(rows, row, means, c, d);
    for (let i = 0; i < d; i++)
      for (let j = 0; j < d; j++)
        covariances[(c * d + i) * d + j] +=
          (rows[row * d + i] - means[c * d + i]) * (rows[row * d + j] - means[c * d + j]);
  }
  // As many imagined points as a covariance needs spread as all clusters do: one of a few points is no spike.
  const imagined = count === 1 ? 0 : d + 1;
  for (let c = 0; c < count; c++) {
    const own = covariances.subarray(c * d * d, (c + 1) * d * d);
    for (let i = 0; i < d; i++) own[i * d + i] += (imagined * within) / (n * d);
    own.set(
      flooredCovariance(
        own.map((value) => value / (sizes[c] + imagined)),
        d,
      ),
    );
  }
  return { weights: sizes.map((size) => size / n), means, covariances };
}

/**
 * One step of expectation maximisation, by log-sum-exp.
 * @param rows [n, d]
 * @returns the next parameters, with the mean ln p of the rows under the present ones, nats. It never falls but by
 * rounding.
 */
export function emStep(
  rows: Float64Array,
  d: number,
  { weights, means, covariances }: Components,
): { next: Components; likelihood: number } {
  const n = rows.length / d;
  const k = weights.length;
  const tables = whitening(d, weights, covariances);
  const terms = new Float64Array(k);
  const counts = new Float64Array(k);
  const first = new Float64Array(k * d);
  const second = new Float64Array(k * d * d);
  const delta = new Float64Array(d);
  let likelihood = 0;
  for (let row = 0; row < n; row++) {
    const level = logTerms(rows, row, d, means, tables, terms);
    likelihood += level / n;
    for (let c = 0; c < k; c++) {
      const relative = terms[c] - level;
      if (relative < NEGLIGIBLE) continue;
      const share = Math.exp(relative);
      counts[c] += share;
      for (let i = 0; i < d; i++) delta[i] = rows[row * d + i] - means[c * d + i];
      for (let i = 0; i < d; i++) {
        const own = share * delta[i];
        first[c * d + i] += own;
        const at = (c * d + i) * d;
        for (let j = 0; j <= i; j++) second[at + j] += own * delta[j];
      }
    }
  }
  const kept: number[] = [];
  let total = 0;
  for (let c = 0; c < k; c++) {
    if (!(counts[c] > EMPTY)) continue;
    kept.push(c);
    total += counts[c];
  }
  const next: Components = {
    weights: Float64Array.from(kept, (c) => counts[c] / total),
    means: new Float64Array(kept.length * d),
    covariances: new Float64Array(kept.length * d * d),
  };
  kept.forEach((c, to) => {
    const s = new Float64Array(d * d);
    const shift = Float64Array.from({ length: d }, (_, i) => first[c * d + i] / counts[c]);
    for (let i = 0; i < d; i++) {
      next.means[to * d + i] = means[c * d + i] + shift[i];
      for (let j = 0; j <= i; j++) {
        s[i * d + j] = second[(c * d + i) * d + j] / counts[c] - shift[i] * shift[j];
        s[j * d + i] = s[i * d + j];
      }
    }
    next.covariances.set(flooredCovariance(s, d), to * d * d);
  });
  return { next, likelihood };
}

/** Mean ln p of rows [n, d], nats. */
export function meanLogLikelihood(rows: Float64Array, d: number, components: Components): number {
  const { weights, means, covariances } = components;
  const tables = whitening(d, weights, covariances);
  const terms = new Float64Array(weights.length);
  const n = rows.length / d;
  let sum = 0;
  for (let row = 0; row < n; row++) sum += logTerms(rows, row, d, means, tables, terms);
  return sum / n;
}

interface Whitening {
  /** [K, d, d] lower Cholesky factors, the reciprocals of their diagonals in place of these */
  factors: Float64Array;
  /** [K] ln w − ½ ln det 2πC */
  levels: Float64Array;
  scratch: Float64Array;
}

function whitening(d: number, weights: Float64Array, covariances: Float64Array): Whitening {
  const factors = new Float64Array(covariances.length);
  const levels = weights.map((weight, c) => {
    const at = c * d * d;
    cholesky(covariances, at, d, factors, at);
    let level = Math.log(weight) - 0.5 * d * Math.log(2 * Math.PI);
    for (let i = 0; i < d; i++) {
      level -= Math.log(factors[at + i * d + i]);
      factors[at + i * d + i] = 1 / factors[at + i * d + i];
    }
    return level;
  });
  return { factors, levels, scratch: new Float64Array(d) };
}

/** Fills `terms` with ln w_k N_k of a row; returns ln of their sum. */
function logTerms(
  rows: Float64Array,
  row: number,
  d: number,
  means: Float64Array,
  { factors, levels, scratch }: Whitening,
  terms: Float64Array,
): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < terms.length; c++) {
    let square = 0;
    for (let i = 0; i < d; i++) {
      const at = (c * d + i) * d;
      let value = rows[row * d + i] - means[c * d + i];
      for (let j = 0; j < i; j++) value -= factors[at + j] * scratch[j];
      value *= factors[at + i];
      scratch[i] = value;
      square += value * value;
    }
    terms[c] = levels[c] - 0.5 * square;
    if (terms[c] > largest) largest = terms[c];
  }
  let sum = 0;
  for (let c = 0; c < terms.length; c++) {
    const relative = terms[c] - largest;
    if (relative > NEGLIGIBLE) sum += Math.exp(relative);
  }
  return largest + Math.log(sum);
}

/**
 * Steps until one gains less than `tolerance` nats a point, or there were `most`.
 * @returns the last parameters and the likelihood before the last step
 */
export function expectationMaximisation(
  rows: Float64Array,
  d: number,
  start: Components,
  tolerance: number,
  most: number,
): { components: Components; likelihood: number } {
  let components = start;
  let before = Number.NEGATIVE_INFINITY;
  for (let step = 0; step < most; step++) {
    const { next, likelihood } = emStep(rows, d, components);
    components = next;
    if (likelihood - before < tolerance) return { components, likelihood };
    before = likelihood;
  }
  return { components, likelihood: before };
}
