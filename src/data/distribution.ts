import type { GaussianMixture } from './mixture.js';

export interface LabelledPoints {
  /** [n, d] */
  points: Float64Array;
  /** [n] */
  labels: Uint32Array;
}

/** The regions that a model of the distribution must not miss. */
export interface Modes {
  /** [M] probability of each under the truth */
  weights: Float64Array;
  /** The mode that each point [n, d] lies in, −1 for none: [n]. */
  assign(points: Float64Array): Int32Array;
}

/** A known distribution: the truth that a model is judged against. */
export interface Distribution {
  readonly name: string;
  readonly dim: number;
  /** Number of labels; 1 where there is nothing to tell apart. */
  readonly classes: number;
  /**
   * n labelled points; point i is a pure function of (seed, stream, step, i).
   * @param stream one of STREAM; the training data's by default
   */
  sample(n: number, seed: number, step?: number, stream?: number): LabelledPoints;
  /** ln p of points [n, d], [n] in nats; −Infinity where the density is 0. Absent where it has no closed form. */
  logDensity?(points: Float64Array): Float64Array;
  /**
   * The log density below which a point counts as off the support, where a published one is to be kept; the level with
   * 0.1 % of the mass below it if not given.
   */
  readonly supportLevel?: number;
  /** E[x], [d] */
  mean?(): Float64Array;
  /** Cov[x], [d, d] */
  covariance?(): Float64Array;
  /** The distribution itself where it is a mixture of Gaussians. */
  readonly mixture?: GaussianMixture;
  /**
   * A mixture of Gaussians that equals the distribution up to quadrature error (see curve.ts): it makes the
   * exact oracle available to curves with Gaussian noise. Its components are quadrature nodes, not modes.
   */
  readonly quadrature?: GaussianMixture;
  readonly modes?: Modes;
  /** The most probable label of each point under the truth. */
  labelOf?(points: Float64Array): Uint32Array;
}

/** A point belongs to the mode it most probably came from if it lies within this many standard deviations. */
export const MODE_RADIUS = 3;

/** A mixture of Gaussians as a distribution; its components are its modes. */
export function mixtureDistribution(name: string, mixture: GaussianMixture): Distribution {
  return {
    name,
    dim: mixture.dim,
    classes: mixture.classes,
    mixture,
    sample: (n, seed, step = 0, stream) => {
      const { points, labels } = mixture.sample(n, seed, stream, step);
      return { points, labels };
    },
    logDensity: (points) => mixture.logDensity(points),
    mean: () => mixture.mean(),
    covariance: () => mixture.covariance(),
    labelOf: (points) => mixture.labelOf(points),
    modes: {
      weights: mixture.weights,
      assign: (points) => {
        const { components, distances } = mixture.assign(points);
        return Int32Array.from(components, (k, row) => (distances[row] <= MODE_RADIUS ? k : -1));
      },
    },
  };
}
