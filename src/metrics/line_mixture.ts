import type { GaussianMixture } from '../data/mixture.js';

/** Cells over the whole range at least, and at most; beyond these the components are too narrow for the range. */
const LEAST_CELLS = 1000;
const MOST_CELLS = 20_000;

/** How far a component reaches, in its standard deviations: the mass beyond is below 1e-15. */
const REACH = 8;

/**
 * A mixture of Gaussians on a line, with what W₂ to it needs: the integral of its quantile function,
 * M(u) = ∫₀ᵘ G⁻¹, which is the partial mean E[Y; G(Y) ≤ u].
 */
export class LineMixture {
  /** E Y, which everything is taken from, and Var Y. */
  readonly mean: number;
  readonly variance: number;
  /** Places, distribution function and partial means (both of Y − E Y) at the nodes. */
  private readonly places: Float64Array;
  private readonly shares: Float64Array;
  private readonly partial: Float64Array;

  /**
   * @param weights [K], their sum 1
   * @param stds [K], all positive
   */
  constructor(weights: Float64Array, means: Float64Array, stds: Float64Array) {
    this.mean = weights.reduce((sum, weight, k) => sum + weight * means[k], 0);
    this.variance = weights.reduce(
      (sum, weight, k) => sum + weight * ((means[k] - this.mean) ** 2 + stds[k] ** 2),
      0,
    );
    const [low, high, cells] = rangeOf(means, stds);
    const h = (high - low) / cells;
    const density = new Float64Array(cells + 1);
    const slope = new Float64Array(cells + 1);
    for (let k = 0; k < weights.length; k++) {
      const [std, step] = [stds[k], h / stds[k]];
      const first = Math.max(0, Math.ceil((means[k] - REACH * std - low) / h));
      const last = Math.min(cells, Math.floor((means[k] + REACH * std - low) / h));
      let z = (low + first * h - means[k]) / std;
      // From node to node the bell changes by a factor that itself changes by a constant one.
      let bell = (weights[k] * Math.exp(-0.5 * z * z)) / (std * Math.sqrt(2 * Math.PI));
      let factor = Math.exp(-step * (z + 0.5 * step));
      const change = Math.exp(-step * step);
      for (let node = first; node <= last; node++) {
        density[node] += bell;
        slope[node] -= (bell * z) / std;
        bell *= factor;
        factor *= change;
        z += step;
      }
    }
    this.places = Float64Array.from(density, (_, node) => low + node * h - this.mean);
    this.shares = cumulative(density, slope, h);
    const total = this.shares[cells];
    const moment = density.map((value, node) => value * this.places[node]);
    this.partial = cumulative(
      moment,
      slope.map((value, node) => density[node] + value * this.places[node]),
      h,
    );
    // What rounding and the cut-off tails have left out: a few 1e-15 of the mass.
    const drift = this.partial[cells];
    for (let node = 0; node <= cells; node++) {
      this.shares[node] /= total;
      this.partial[node] -= drift * this.shares[node];
    }
  }

  /** Weights, means and deviations of a mixture's shadow on a direction [d] of length 1. */
  static shadow(
    mixture: GaussianMixture,
    direction: Float64Array,
  ): [Float64Array, Float64Array, Float64Array] {
    const { dim, size, weights, means, variances, covariances } = mixture;
    const onto = new Float64Array(size);
    const stds = new Float64Array(size);
    for (let k = 0; k < size; k++) {
      let variance = variances?.[k] ?? 0;
      for (let i = 0; i < dim; i++) {
        onto[k] += direction[i] * means[k * dim + i];
        if (covariances)
          for (let j = 0; j < dim; j++)
            variance += direction[i] * direction[j] * covariances[(k * dim + i) * dim + j];
      }
      stds[k] = Math.sqrt(Math.max(0, variance));
    }
    return [weights, onto, stds];
  }

  /** Whether the table of a mixture's shadow stays small. */
  static fits(mixture: GaussianMixture, direction: Float64Array): boolean {
    const [, means, stds] = LineMixture.shadow(mixture, direction);
    return rangeOf(means, stds)[2] <= MOST_CELLS;
  }

  /** ∫ G⁻¹ − E Y over each of n equal shares of the mass, from the lowest on: [n]; their sum is 0. */
  quantileMeans(n: number): Float64Array {
    const { places, shares, partial } = this;
    const result = new Float64Array(n);
    let before = 0;
    let cell = 0;
    for (let i = 1; i <= n; i++) {
      const u = i / n;
      while (cell < shares.length - 2 && shares[cell + 1] < u) cell++;
      // dM/du is the quantile itself, so that both ends of a cell give M and its slope.
      const width = shares[cell + 1] - shares[cell];
      const at = width > 0 ? Math.min(1, (u - shares[cell]) / width) : 1;
      const rise = partial[cell + 1] - partial[cell];
      const [left, right] = [width * places[cell] - rise, rise - width * places[cell + 1]];
      const value = i === n ? 0 : partial[cell] + at * rise + at * (1 - at) * ((1 - at) * left + at * right);
      result[i - 1] = value - before;
      before = value;
    }
    return result;
  }

  /**
   * W₂² of n sorted points to the mixture: Σ x²/n − 2 Σ x_i ∫G⁻¹ + E Y², all from E Y.
   * @param means of {@link quantileMeans} for as many
   */
  w2Squared(sorted: Float64Array, means: Float64Array): number {
    const n = sorted.length;
    let [squares, products] = [0, 0];
    for (let i = 0; i < n; i++) {
      const x = sorted[i] - this.mean;
      squares += x * x;
      products += x * means[i];
    }
    return Math.max(0, squares / n - 2 * products + this.variance);
  }
}

/** The range of the components and the cells it is cut into. */
function rangeOf(means: Float64Array, stds: Float64Array): [number, number, number] {
  let [low, high, least] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let k = 0; k < means.length; k++) {
    low = Math.min(low, means[k] - REACH * stds[k]);
    high = Math.max(high, means[k] + REACH * stds[k]);
    least = Math.min(least, stds[k]);
  }
  // Two cells a standard deviation of the narrowest; a point mass needs infinitely many.
  return [low, high, Math.max(LEAST_CELLS, Math.ceil((2 * (high - low)) / least))];
}

/** ∫ f up to each node, by the trapezoid rule with its correction by slopes (error h⁵f⁗/720 a cell). */
function cumulative(values: Float64Array, slopes: Float64Array, h: number): Float64Array {
  const result = new Float64Array(values.length);
  for (let node = 1; node < values.length; node++) {
    const mean = (h / 2) * (values[node - 1] + values[node]);
    result[node] = result[node - 1] + mean + ((h * h) / 12) * (slopes[node - 1] - slopes[node]);
  }
  return result;
}
