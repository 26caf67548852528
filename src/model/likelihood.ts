import { badInput, TributaryError } from '../errors.js';

/** Log likelihoods of points, each in nats and in the units of the data. */
interface Values {
  /** [n] */
  readonly nats: Float64Array;
  /** Coordinates of a point, for bits a dimension. */
  readonly dim: number;
}

/** ln p in closed form, to rounding: the oracle, a Gaussian, a normalising flow. */
export interface ExactLikelihood extends Values {
  readonly kind: 'exact';
}

/** ln p of a flow, integrated by a solver. */
export interface NumericalLikelihood extends Values {
  readonly kind: 'numerical';
  /** How far twice as many steps moved the worst point, nats; `nats` are those of the finer run. */
  readonly tolerance: number;
  /** How far they moved the mean. */
  readonly meanTolerance: number;
  readonly divergence: 'exact' | 'hutchinson';
  /** What random probes leave uncertain of the mean, one standard error; 0 for an exact divergence. */
  readonly probeError: number;
}

/** A bound on ln p, estimated by Monte Carlo. */
export interface LikelihoodBound extends Values {
  readonly kind: 'bound';
  /** `nats` lie below ln p, in expectation over the Monte Carlo noise. */
  readonly side: 'lower';
  /** What that noise leaves uncertain of the mean, one standard error. */
  readonly monteCarloError: number;
  /** Latents a point, k of an importance-weighted bound. */
  readonly samples?: number;
}

/** ln of a cell's probability: discrete models, and densities of data that were rounded. */
export interface DiscretisedLikelihood extends Values {
  readonly kind: 'discretised';
  /** Width of a cell: ln p(cell)/cell volume compares with a density. */
  readonly cell: number;
}

/** A family without one. */
export interface NoLikelihood {
  readonly kind: 'none';
  readonly why: string;
}

/**
 * What a model says about points, typed by how much it may be trusted: numbers of different kinds do not
 * compare without a word about it.
 */
export type Likelihood =
  | ExactLikelihood
  | NumericalLikelihood
  | LikelihoodBound
  | DiscretisedLikelihood
  | NoLikelihood;

/** The mean log likelihood of points: to be read for held-out true points, never for the model's own samples. */
export interface LikelihoodSummary {
  readonly kind: Exclude<Likelihood['kind'], 'none'>;
  /** Mean ln p a point, nats. */
  readonly value: number;
  /** Of the mean over the points, nats; 0 for a single point. */
  readonly standardError: number;
  /** −mean log₂ p/dim: lower is better. For densities it depends on the units, as a density does. */
  readonly bitsPerDim: number;
  readonly n: number;
  /** How far off the mean may be for what is not the choice of points: solver, probes or Monte Carlo; nats. */
  readonly tolerance: number;
}

function toleranceOf(likelihood: Exclude<Likelihood, NoLikelihood>): number {
  switch (likelihood.kind) {
    case 'numerical':
      return likelihood.meanTolerance + likelihood.probeError;
    case 'bound':
      return likelihood.monteCarloError;
    default:
      return 0;
  }
}

/** Mean and its standard error. */
export function meanAndError(values: ArrayLike<number>): { mean: number; standardError: number } {
  let mean = 0;
  let spread = 0;
  for (let i = 0; i < values.length; i++) {
    // Welford's update, which keeps its digits where the mean is large beside the spread.
    const delta = values[i] - mean;
    mean += delta / (i + 1);
    spread += delta * (values[i] - mean);
  }
  const n = values.length;
  return { mean, standardError: n > 1 ? Math.sqrt(spread / (n - 1) / n) : 0 };
}

/**
 * The mean with its standard error.
 * @throws TributaryError('bad-input') for a family without a likelihood, or no points;
 *   TributaryError('diverged') where a likelihood is not a number
 */
export function summariseLikelihood(likelihood: Likelihood): LikelihoodSummary {
  if (likelihood.kind === 'none') badInput(`there is no likelihood: ${likelihood.why}`);
  const { kind, nats, dim } = likelihood;
  const n = nats.length;
  if (n === 0) badInput('a mean log likelihood needs at least one point');
  const lost = nats.findIndex((value) => !Number.isFinite(value));
  if (lost >= 0) {
    throw new TributaryError(
      'diverged',
      `the log likelihood of point ${lost + 1} is ${nats[lost]}: take more steps, or look at where the model was never trained`,
    );
  }
  const { mean, standardError } = meanAndError(nats);
  const bitsPerDim = -mean / (dim * Math.LN2);
  return { kind, value: mean, standardError, bitsPerDim, n, tolerance: toleranceOf(likelihood) };
}
