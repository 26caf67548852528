import { NEGLIGIBLE } from '../data/mixture_tables.js';
import type { Pairs } from './oracle_pairs.js';

/**
 * The velocity of the probability flow with its divergence. With w the posterior probability of a pair of
 * components, B = α̇μ⁰ + αα̇C⁰y + β̇μ¹ + ββ̇C¹y + γγ̇y the pair's own velocity and y = C⁻¹(x − m), b = Σ w B and
 * ∇w = w(Σ w y − y), so ∇·b = Σ w ½ tr(ĊC⁻¹) − Σ w (y − ȳ)·(B − b): a sum of deviations, which keeps its digits
 * where the components are narrow. Source: arXiv 2303.08797, §A, differentiated.
 */
export class PairFlow {
  private readonly dim: number;
  /** One pair's own (μ⁰, C⁰y, μ¹, C¹y, y), [5, d]. */
  private readonly own: Float64Array;

  constructor(private readonly pairs: Pairs) {
    this.dim = pairs.base.dim;
    this.own = new Float64Array(5 * this.dim);
  }

  /**
   * @param sums what {@link Pairs.posterior} has just given for the point at `offset`
   * @param velocity receives b at `offset`
   * @returns ∇·b
   */
  at(x: Float64Array, offset: number, sums: Float64Array, velocity: Float64Array): number {
    const { dim, own, pairs } = this;
    const { base, target, terms, y } = pairs;
    for (let k = 0; k < dim; k++) velocity[offset + k] = this.velocityOf(sums, k);
    let largest = Number.NEGATIVE_INFINITY;
    for (const term of terms) largest = Math.max(largest, term);
    let total = 0;
    let sum = 0;
    for (let i = 0, pair = 0; i < base.size; i++) {
      for (let j = 0; j < target.size; j++, pair++) {
        const relative = terms[pair] - largest;
        if (relative <= NEGLIGIBLE) continue;
        const weight = Math.exp(relative);
        pairs.pull(x, offset, i, j, y);
        own.fill(0);
        pairs.accumulate(i, j, 1, y, own);
        let covariance = 0;
        for (let k = 0; k < dim; k++) {
          covariance += (y[k] - sums[4 * dim + k]) * (this.velocityOf(own, k) - velocity[offset + k]);
        }
        total += weight;
        sum += weight * (pairs.growth(i, j) - covariance);
      }
    }
    return sum / total;
  }

  /** Coordinate k of the velocity that (μ⁰, C⁰y, μ¹, C¹y, y) make. */
  private velocityOf(parts: Float64Array, k: number): number {
    const { dim } = this;
    const { alphaDot, alphaAlphaDot, betaDot, betaBetaDot, gammaGammaDot } = this.pairs.now;
    return (
      alphaDot * parts[k] +
      alphaAlphaDot * parts[dim + k] +
      betaDot * parts[2 * dim + k] +
      betaBetaDot * parts[3 * dim + k] +
      gammaGammaDot * parts[4 * dim + k]
    );
  }
}
