import { GaussianMixture } from '../data/mixture.js';
import { badInput } from '../errors.js';
import { PairFlow } from './oracle_flow.js';
import { FullPairs } from './oracle_full.js';
import { IsotropicPairs } from './oracle_isotropic.js';
import type { Pairs } from './oracle_pairs.js';
import type { Schedule } from './schedule.js';

/** One t for all rows, or one per row: [n]. */
export type Times = number | Float64Array;

/** Every exact quantity at n points: each array is [n, d] except logDensity, [n]. */
export interface OracleEvaluation {
  /** b = E[∂tI + γ̇z | x_t = x] */
  velocity: Float64Array;
  /** s = ∇ ln ρ_t */
  score: Float64Array;
  /** v = E[∂tI | x_t = x] = b + γγ̇ s */
  drift: Float64Array;
  /** η = E[z | x_t = x] = −γ s */
  denoiser: Float64Array;
  /** E[x0 | x_t = x] */
  basePosterior: Float64Array;
  /** E[x1 | x_t = x] */
  dataPosterior: Float64Array;
  /** ln ρ_t(x), nats */
  logDensity: Float64Array;
}

const LOG_TWO_PI = Math.log(2 * Math.PI);

/**
 * The exact interpolant between two mixtures of Gaussians under the independent coupling: every quantity that a
 * network is trained to approximate, in float64. Source: Albergo, Boffi & Vanden-Eijnden, 2303.08797, §A.
 *
 * Each pair of components (i, j) contributes a Gaussian N(m, C) with m = αμ⁰ + βμ¹ and
 * C = α²C⁰ + β²C¹ + γ²I. With y = C⁻¹(x − m) the pair's conditional means are E[x0] = μ⁰ + αC⁰y,
 * E[x1] = μ¹ + βC¹y and E[z] = γy, so the products αα̇, ββ̇ and γγ̇ appear whole and no end of time divides
 * by zero. Where C itself vanishes (point masses at t = 1) its pivots are held at 1e-30: the result is finite,
 * exact at the points and far too large to be missed elsewhere.
 *
 * An instance holds scratch space: use one per thread.
 */
export class MixtureOracle {
  private readonly pairs: Pairs;
  /** Posterior means of μ⁰, C⁰y, μ¹, C¹y and y, one after the other, [5, d]. */
  private readonly sums: Float64Array;
  private logDensityOfRow = 0;

  /** @throws bad-input where base and target differ in dimension */
  constructor(
    readonly schedule: Schedule,
    readonly base: GaussianMixture,
    readonly target: GaussianMixture,
  ) {
    if (base.dim !== target.dim)
      badInput(`the base is ${base.dim}-D and the data ${target.dim}-D; they must agree`);
    this.pairs =
      base.variances && target.variances
        ? new IsotropicPairs(schedule, base, target)
        : new FullPairs(schedule, base, target);
    this.sums = new Float64Array(5 * base.dim);
  }

  get dim(): number {
    return this.base.dim;
  }

  /** The oracle of the data given a label, from the same base. */
  conditional(label: number): MixtureOracle {
    return new MixtureOracle(this.schedule, this.base, this.target.conditional(label));
  }

  private forRows(t: Times, x: Float64Array, visit: (offset: number, row: number) => void): void {
    const { dim } = this;
    if (x.length % dim !== 0) badInput(`${x.length} numbers are not rows of ${dim} coordinates`);
    const n = x.length / dim;
    if (typeof t === 'number') this.pairs.setTime(t);
    else if (t.length !== n) badInput(`${n} points need ${n} times, got ${t.length}`);
    for (let row = 0; row < n; row++) {
      if (typeof t !== 'number') this.pairs.setTime(t[row]);
      this.logDensityOfRow = this.pairs.posterior(x, row * dim, this.sums) - 0.5 * dim * LOG_TWO_PI;
      visit(row * dim, row);
    }
  }

  private output(x: Float64Array, out: Float64Array | undefined): Float64Array {
    if (out && out.length !== x.length)
      badInput(`the output has ${out.length} numbers, the points ${x.length}`);
    return out ?? new Float64Array(x.length);
  }

  /** Fills `out` with a linear combination of the five posterior means: [n, d]. */
  private combine(
    t: Times,
    x: Float64Array,
    out: Float64Array | undefined,
    weigh: (row: Pairs['now']) => readonly [number, number, number, number, number],
  ): Float64Array {
    const result = this.output(x, out);
    const { dim, sums } = this;
    let weights = weigh(this.pairs.now);
    this.forRows(t, x, (offset, row) => {
      if (row === 0 || typeof t !== 'number') weights = weigh(this.pairs.now);
      const [w0, w1, w2, w3, w4] = weights;
      for (let i = 0; i < dim; i++)
        result[offset + i] =
          w0 * sums[i] +
          w1 * sums[dim + i] +
          w2 * sums[2 * dim + i] +
          w3 * sums[3 * dim + i] +
          w4 * sums[4 * dim + i];
    });
    return result;
  }

  /**
   * b(t, x), the velocity of the probability flow.
   * @param x [n, d]
   * @param out receives the result, [n, d]
   */
  velocity(t: Times, x: Float64Array, out?: Float64Array): Float64Array {
    return this.combine(t, x, out, (c) => [
      c.alphaDot,
      c.alphaAlphaDot,
      c.betaDot,
      c.betaBetaDot,
      c.gammaGammaDot,
    ]);
  }

  /**
   * b and its divergence in one pass: velocity [n, d], divergence [n]. The divergence is closed form:
   * E[½ tr ĊC⁻¹] − Σ_k Cov(y_k, B_k) over the posterior of the pairs, B a pair's own velocity.
   */
  flow(t: Times, x: Float64Array): { velocity: Float64Array; divergence: Float64Array } {
    const velocity = new Float64Array(x.length);
    const divergence = new Float64Array(x.length / this.dim);
    const flow = new PairFlow(this.pairs);
    this.forRows(t, x, (offset, row) => {
      divergence[row] = flow.at(x, offset, this.sums, velocity);
    });
    return { velocity, divergence };
  }

  /** ∇·b(t, x), [n]. */
  divergence(t: Times, x: Float64Array): Float64Array {
    return this.flow(t, x).divergence;
  }

  /** v(t, x) = E[∂tI | x_t = x]. */
  drift(t: Times, x: Float64Array, out?: Float64Array): Float64Array {
    return this.combine(t, x, out, (c) => [c.alphaDot, c.alphaAlphaDot, c.betaDot, c.betaBetaDot, 0]);
  }

  /** s(t, x) = ∇ ln ρ_t(x). */
  score(t: Times, x: Float64Array, out?: Float64Array): Float64Array {
    return this.combine(t, x, out, () => [0, 0, 0, 0, -1]);
  }

  /** η(t, x) = E[z | x_t = x] = −γ s. */
  denoiser(t: Times, x: Float64Array, out?: Float64Array): Float64Array {
    return this.combine(t, x, out, (c) => [0, 0, 0, 0, c.gamma]);
  }

  /** E[x0 | x_t = x], the mean of the base points that lead through x. */
  basePosterior(t: Times, x: Float64Array, out?: Float64Array): Float64Array {
    return this.combine(t, x, out, (c) => [1, c.alpha, 0, 0, 0]);
  }

  /** E[x1 | x_t = x], the denoised data point. */
  dataPosterior(t: Times, x: Float64Array, out?: Float64Array): Float64Array {
    return this.combine(t, x, out, (c) => [0, 0, 1, c.beta, 0]);
  }

  /** ln ρ_t(x) in nats, [n]. */
  logDensity(t: Times, x: Float64Array): Float64Array {
    const result = new Float64Array(x.length / this.dim);
    this.forRows(t, x, (_, row) => {
      result[row] = this.logDensityOfRow;
    });
    return result;
  }

  /** Every quantity in one pass over the components. */
  evaluate(t: Times, x: Float64Array): OracleEvaluation {
    const { dim, sums } = this;
    const make = () => new Float64Array(x.length);
    const all: OracleEvaluation = {
      velocity: make(),
      score: make(),
      drift: make(),
      denoiser: make(),
      basePosterior: make(),
      dataPosterior: make(),
      logDensity: new Float64Array(x.length / dim),
    };
    const c = this.pairs.now;
    this.forRows(t, x, (offset, row) => {
      all.logDensity[row] = this.logDensityOfRow;
      for (let i = 0; i < dim; i++) {
        const at = offset + i;
        const mu0 = sums[i];
        const pull0 = sums[dim + i];
        const mu1 = sums[2 * dim + i];
        const pull1 = sums[3 * dim + i];
        const y = sums[4 * dim + i];
        all.drift[at] = c.alphaDot * mu0 + c.alphaAlphaDot * pull0 + c.betaDot * mu1 + c.betaBetaDot * pull1;
        all.velocity[at] = all.drift[at] + c.gammaGammaDot * y;
        all.score[at] = -y;
        all.denoiser[at] = c.gamma * y;
        all.basePosterior[at] = mu0 + c.alpha * pull0;
        all.dataPosterior[at] = mu1 + c.beta * pull1;
      }
    });
    return all;
  }
}

/** The oracle from N(0, I) to a mixture. */
export function gaussianBaseOracle(schedule: Schedule, target: GaussianMixture): MixtureOracle {
  return new MixtureOracle(schedule, GaussianMixture.standard(target.dim), target);
}

/**
 * The memorising optimum: the exact minimiser of the training loss on a finite training set, which is the
 * oracle whose data are the training points themselves. A network that fits it samples its training points.
 * @param points [n, dim]
 * @param labels [n], for {@link MixtureOracle.conditional}
 * @param base N(0, I) if left out
 */
export function memorisingOracle(
  schedule: Schedule,
  points: Float64Array,
  dim: number,
  labels?: ArrayLike<number>,
  base: GaussianMixture = GaussianMixture.standard(dim),
): MixtureOracle {
  return new MixtureOracle(schedule, base, GaussianMixture.empirical(points, dim, labels));
}
