import { badInput } from '../errors.js';
import { CounterRandom, STREAM } from '../random/random.js';
import {
  type MixtureParameters,
  type MixtureSample,
  mixtureCovariance,
  mixtureMean,
  mixtureTables,
  NEGLIGIBLE,
  pick,
} from './mixture_tables.js';

/**
 * A finite mixture of Gaussians in ℝ^d, float64: exact density, score, moments and sampling. A component of
 * variance 0 is a point mass: it can be sampled, has moments and can be an end of an interpolant, but has no
 * density.
 */
export class GaussianMixture {
  readonly dim: number;
  /** K, the number of components. */
  readonly size: number;
  readonly weights: Float64Array;
  readonly means: Float64Array;
  readonly variances: Float64Array | undefined;
  readonly covariances: Float64Array | undefined;
  readonly labels: Uint32Array;
  /** One more than the largest label. */
  readonly classes: number;
  /** Whether some component has no density (a covariance without full rank). */
  readonly degenerate: boolean;

  private readonly cumulative: Float64Array;
  private readonly logNorm: Float64Array;
  /** [K] for isotropic components, else [K, d, d]: inverse covariances. */
  private readonly precisions: Float64Array;
  private readonly factors: Float64Array | undefined;
  private readonly terms: Float64Array;
  private readonly delta: Float64Array;

  /** @throws bad-input where shapes disagree or a weight, variance or label cannot be one */
  constructor(parameters: MixtureParameters) {
    const tables = mixtureTables(parameters);
    this.dim = parameters.dim;
    this.size = tables.weights.length;
    this.weights = tables.weights;
    this.means = parameters.means;
    this.variances = parameters.variances;
    this.covariances = parameters.covariances;
    this.labels = tables.labels;
    this.classes = tables.labels.reduce((most, label) => Math.max(most, label + 1), 1);
    this.degenerate = tables.degenerate;
    this.cumulative = tables.cumulative;
    this.logNorm = tables.logNorm;
    this.precisions = tables.precisions;
    this.factors = tables.factors;
    this.terms = new Float64Array(this.size);
    this.delta = new Float64Array(this.dim);
  }

  /** N(0, I) in ℝ^dim. */
  static standard(dim: number): GaussianMixture {
    const means = new Float64Array(dim);
    return new GaussianMixture({ dim, weights: [1], means, variances: Float64Array.of(1) });
  }

  /** The empirical distribution of points [n, dim]: n point masses of equal weight. */
  static empirical(points: Float64Array, dim: number, labels?: ArrayLike<number>): GaussianMixture {
    const n = points.length / dim;
    const parameters = { dim, weights: new Float64Array(n).fill(1), means: points };
    const variances = new Float64Array(n);
    return new GaussianMixture(labels ? { ...parameters, variances, labels } : { ...parameters, variances });
  }

  /** Number of rows of points [n, d]. */
  private rows(points: Float64Array): number {
    if (points.length % this.dim !== 0)
      badInput(`${points.length} numbers are not rows of ${this.dim} coordinates`);
    return points.length / this.dim;
  }

  private requireDensity(): void {
    if (this.degenerate) badInput('a mixture with a component of zero variance has no density');
  }

  /** Fills `terms` with ln(w_k N_k(x)) for the point at `offset`; returns the largest. */
  private logTerms(points: Float64Array, offset: number): number {
    const { dim, size, means, precisions, logNorm, terms } = this;
    let largest = Number.NEGATIVE_INFINITY;
    if (this.variances && dim === 2) {
      const x = points[offset];
      const y = points[offset + 1];
      for (let k = 0; k < size; k++) {
        const dx = x - means[2 * k];
        const dy = y - means[2 * k + 1];
        const term = logNorm[k] - 0.5 * (dx * dx + dy * dy) * precisions[k];
        terms[k] = term;
        if (term > largest) largest = term;
      }
      return largest;
    }
    for (let k = 0; k < size; k++) {
      const term = logNorm[k] - 0.5 * this.mahalanobis(points, offset, k);
      terms[k] = term;
      if (term > largest) largest = term;
    }
    return largest;
  }

  /** (x − μ_k)ᵀ C_k⁻¹ (x − μ_k); leaves x − μ_k in `delta`. */
  private mahalanobis(points: Float64Array, offset: number, k: number): number {
    const { dim, means, precisions, delta } = this;
    let sum = 0;
    for (let i = 0; i < dim; i++) {
      const difference = points[offset + i] - means[k * dim + i];
      delta[i] = difference;
      sum += difference * difference;
    }
    if (this.variances) return sum * precisions[k];
    sum = 0;
    for (let i = 0; i < dim; i++) {
      let row = 0;
      for (let j = 0; j < dim; j++) row += precisions[(k * dim + i) * dim + j] * delta[j];
      sum += delta[i] * row;
    }
    return sum;
  }

  /**
   * ln p(x) by a stable log-sum-exp.
   * @param points [n, d]
   * @returns [n], in nats
   * @throws bad-input for a mixture with point masses, which has no density
   */
  logDensity(points: Float64Array): Float64Array {
    this.requireDensity();
    const n = this.rows(points);
    const { terms, size } = this;
    const result = new Float64Array(n);
    for (let row = 0; row < n; row++) {
      const largest = this.logTerms(points, row * this.dim);
      let sum = 0;
      for (let k = 0; k < size; k++) {
        const relative = terms[k] - largest;
        if (relative > NEGLIGIBLE) sum += Math.exp(relative);
      }
      result[row] = largest + Math.log(sum);
    }
    return result;
  }

  /** ∇ ln p(x) for points [n, d]; returns [n, d]. Throws as {@link logDensity}. */
  score(points: Float64Array): Float64Array {
    this.requireDensity();
    const n = this.rows(points);
    const { dim, terms, size, delta, precisions } = this;
    const result = new Float64Array(n * dim);
    for (let row = 0; row < n; row++) {
      const offset = row * dim;
      const largest = this.logTerms(points, offset);
      let sum = 0;
      for (let k = 0; k < size; k++) {
        const relative = terms[k] - largest;
        if (relative <= NEGLIGIBLE) continue;
        const weight = Math.exp(relative);
        sum += weight;
        this.mahalanobis(points, offset, k);
        for (let i = 0; i < dim; i++) {
          let pull = 0;
          if (this.variances) pull = precisions[k] * delta[i];
          else for (let j = 0; j < dim; j++) pull += precisions[(k * dim + i) * dim + j] * delta[j];
          result[offset + i] -= weight * pull;
        }
      }
      for (let i = 0; i < dim; i++) result[offset + i] /= sum;
    }
    return result;
  }

  /**
   * The component that each point most probably came from, argmax_k w_k N_k(x), and how far from it the point
   * lies.
   * @param points [n, d]
   * @returns components [n] and distances [n], the latter in that component's standard deviations
   */
  assign(points: Float64Array): { components: Uint32Array; distances: Float64Array } {
    this.requireDensity();
    const n = this.rows(points);
    const components = new Uint32Array(n);
    const distances = new Float64Array(n);
    for (let row = 0; row < n; row++) {
      const largest = this.logTerms(points, row * this.dim);
      const k = Math.max(0, this.terms.indexOf(largest));
      components[row] = k;
      distances[row] = Math.sqrt(this.mahalanobis(points, row * this.dim, k));
    }
    return { components, distances };
  }

  /** p(label | x) for points [n, d]; returns [n, classes], every row summing to 1. */
  labelPosterior(points: Float64Array): Float64Array {
    this.requireDensity();
    const n = this.rows(points);
    const { classes, terms, size, labels } = this;
    const result = new Float64Array(n * classes);
    for (let row = 0; row < n; row++) {
      const largest = this.logTerms(points, row * this.dim);
      let sum = 0;
      for (let k = 0; k < size; k++) {
        const relative = terms[k] - largest;
        if (relative <= NEGLIGIBLE) continue;
        const weight = Math.exp(relative);
        sum += weight;
        result[row * classes + labels[k]] += weight;
      }
      for (let c = 0; c < classes; c++) result[row * classes + c] /= sum;
    }
    return result;
  }

  /** The most probable label of each point: argmax_c p(c | x). */
  labelOf(points: Float64Array): Uint32Array {
    const posterior = this.labelPosterior(points);
    const { classes } = this;
    return Uint32Array.from({ length: posterior.length / classes }, (_, row) => {
      const own = posterior.subarray(row * classes, (row + 1) * classes);
      return own.indexOf(Math.max(...own));
    });
  }

  /**
   * Draws n points. Point i is a pure function of (seed, stream, step, i): asking for more points leaves the
   * first ones as they are.
   */
  sample(n: number, seed: number, stream: number = STREAM.data, step = 0): MixtureSample {
    const random = new CounterRandom(seed, stream, step);
    const points = new Float64Array(n * this.dim);
    const labels = new Uint32Array(n);
    const components = new Uint32Array(n);
    const stride = 4 * Math.ceil(this.words / 4);
    for (let row = 0; row < n; row++) {
      const k = this.draw(random, row * stride, points, row * this.dim);
      components[row] = k;
      labels[row] = this.labels[k];
    }
    return { points, labels, components };
  }

  /** Words of random bits that a draw takes. */
  get words(): number {
    return 2 + this.dim;
  }

  /**
   * Draws one point.
   * @param element the first of the {@link words} it is a function of, a multiple of 2
   * @param out receives the point at `at`
   * @returns its component
   */
  draw(random: CounterRandom, element: number, out: Float64Array, at: number): number {
    const { dim, means, factors, delta } = this;
    // Word 0 draws the component, the normals start at word 2 as they come in pairs.
    const k = pick(this.cumulative, (random.bits(element) + 0.5) * 2 ** -32);
    const std = this.variances ? Math.sqrt(this.variances[k]) : 0;
    if (factors) for (let i = 0; i < dim; i++) delta[i] = random.normal(element + 2 + i);
    for (let i = 0; i < dim; i++) {
      let noise = 0;
      if (factors) for (let j = 0; j <= i; j++) noise += factors[(k * dim + i) * dim + j] * delta[j];
      else noise = std === 0 ? 0 : std * random.normal(element + 2 + i);
      out[at + i] = means[k * dim + i] + noise;
    }
    return k;
  }

  /** E[x], [d]. */
  mean(): Float64Array {
    return mixtureMean(this);
  }

  /** Cov[x], [d, d]: the components' covariances plus the spread of their means. */
  covariance(): Float64Array {
    return mixtureCovariance(this);
  }

  /**
   * The mixture given a label: the components that carry it, weights renormalised. Labels are kept.
   * @throws bad-input where no component has the label
   */
  conditional(label: number): GaussianMixture {
    const { dim } = this;
    const kept: number[] = [];
    for (let k = 0; k < this.size; k++) if (this.labels[k] === label) kept.push(k);
    if (kept.length === 0) badInput(`no component has label ${label}; labels are 0 to ${this.classes - 1}`);
    const gather = (source: Float64Array, width: number) => {
      const result = new Float64Array(kept.length * width);
      kept.forEach((k, at) => {
        result.set(source.subarray(k * width, (k + 1) * width), at * width);
      });
      return result;
    };
    return new GaussianMixture({
      dim,
      weights: kept.map((k) => this.weights[k]),
      means: gather(this.means, dim),
      labels: kept.map(() => label),
      ...(this.variances
        ? { variances: gather(this.variances, 1) }
        : { covariances: gather(this.covariances!, dim * dim) }),
    });
  }
}
