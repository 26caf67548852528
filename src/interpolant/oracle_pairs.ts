import type { GaussianMixture } from '../data/mixture.js';
import { NEGLIGIBLE } from '../data/mixture_tables.js';
import type { Coefficients } from './schedule.js';

/** The pivots of a pair's covariance are held at this, so that point masses stay finite at t = 1. */
export const FLOOR = 1e-30;

/** The Gaussians N(m_ij, C_ij) of all pairs of components at one t; the inner loops of the oracle. */
export interface Pairs extends PairTerms {
  /** The schedule at the current time. */
  readonly now: Coefficients;
  setTime(t: number): void;
  /**
   * The posterior means of (μ⁰, C⁰y, μ¹, C¹y, y) given x_t = x, where y = C_ij⁻¹(x − m_ij).
   * @param offset where the point starts in x
   * @param sums receives them one after the other, [5, d]
   * @returns ln ρ_t(x) + ½ d ln 2π
   */
  posterior(x: Float64Array, offset: number, sums: Float64Array): number;
}

/** What the general algorithm asks of one kind of components. */
export interface PairTerms {
  readonly base: GaussianMixture;
  readonly target: GaussianMixture;
  /** [K0·K1] ln(p_i p_j N_ij(x)) + ½ d ln 2π of the last point. */
  readonly terms: Float64Array;
  /** [d] */
  readonly y: Float64Array;
  /** Fills `terms` for the point at `offset` of x; returns the largest. */
  logTerms(x: Float64Array, offset: number): number;
  /** y = C_ij⁻¹ (x − m_ij) */
  pull(x: Float64Array, offset: number, i: number, j: number, y: Float64Array): void;
  /** sums += weight · (μ⁰, C⁰y, μ¹, C¹y, y) */
  accumulate(i: number, j: number, weight: number, y: Float64Array, sums: Float64Array): void;
  /** ½ tr(Ċ_ij C_ij⁻¹), how fast the pair's volume grows. */
  growth(i: number, j: number): number;
}

/** {@link Pairs.posterior} for components of any kind. */
export function generalPosterior(
  pairs: PairTerms,
  x: Float64Array,
  offset: number,
  sums: Float64Array,
): number {
  const largest = pairs.logTerms(x, offset);
  const { terms, y, base, target } = pairs;
  sums.fill(0);
  let total = 0;
  for (let i = 0, pair = 0; i < base.size; i++) {
    for (let j = 0; j < target.size; j++, pair++) {
      const relative = terms[pair] - largest;
      if (relative <= NEGLIGIBLE) continue;
      const weight = Math.exp(relative);
      total += weight;
      pairs.pull(x, offset, i, j, y);
      pairs.accumulate(i, j, weight, y, sums);
    }
  }
  for (let at = 0; at < sums.length; at++) sums[at] /= total;
  return largest + Math.log(total);
}
