/** The variance of p(x|z) = N(x̂(z), σ²I), one for all coordinates. */
import { affine, combine } from '../../nn/ops/arithmetic.js';
import { gaussianLogDensity } from '../../nn/ops/density.js';
import { clamp, log, square } from '../../nn/ops/pointwise.js';
import { reduceRows, reshape } from '../../nn/ops/rows.js';
import type { ParameterSpec } from '../../nn/parameters.js';
import type { Tensor } from '../../nn/tape.js';
import type { Description, SettingsOf } from '../../settings.js';
import { detached, filled, type Gaussian, spread } from './gaussian.js';
import type { Recorder } from './latent_model.js';

export const NOISE_SETTINGS = {
  variance: {
    ...{ kind: 'choice', usual: 'learned', names: ['learned', 'analytic', 'fixed'] },
    help: 'whether the decoder’s variance σ², one for all coordinates, is learned, each batch’s mean squared error, or fixed',
  },
  sigma: {
    ...{ kind: 'number', usual: 0.3, above: 0, most: 1e6, symbol: 'σ' },
    help: 'deviation of the decoder, from which one that is not fixed begins, in the network’s units',
  },
} as const satisfies Description;

type NoiseSettings = SettingsOf<typeof NOISE_SETTINGS>;

/** ln σ² of a model that has its own: the name begins with its role. */
const LOGVAR = 'noise.logvar';

/** Errors of 0 have no logarithm. */
const LOG_ERROR = [-40, 60] as const;

/** Parameters, and the role that trains them; none of a fixed variance. */
export const noiseParameters = ({ variance, sigma }: NoiseSettings): ParameterSpec[] =>
  variance === 'fixed'
    ? []
    : [{ name: LOGVAR, shape: [1, 1], initial: Float64Array.of(2 * Math.log(sigma)) }];

/** p(x|z) of a trained model, or one that learns its variance like all else. @param mean x̂, [rows, dim] */
export function noisy(of: Recorder, { variance, sigma }: NoiseSettings, mean: Tensor): Gaussian {
  const { tape } = of;
  const logvar =
    variance === 'fixed'
      ? filled(tape, mean.rows, mean.cols, 2 * Math.log(sigma))
      : spread(tape, of.parameter(LOGVAR), mean.rows, mean.cols);
  return { mean, logvar };
}

/**
 * ln σ² = ln of the mean squared error of all decoded means, [1, 1]: where the ELBO of the batch is highest, so that no
 * gradient passes. Rybkin et al., arXiv 2006.13202, eq. 5.
 * @param x [rows, dim], as each of the means
 */
export function analyticLogvar({ tape }: Recorder, x: Tensor, means: readonly Tensor[]): Tensor {
  const count = x.rows * x.cols;
  const squares = means.map((mean) => square(tape, combine(tape, 1, x, -1, detached(tape, mean))));
  const sum = squares.reduce((a, b) => combine(tape, 1, a, 1, b));
  const total = reduceRows(tape, 'sum', reshape(tape, sum, count, 1), count);
  const mean = affine(tape, 1 / (count * means.length), total);
  return clamp(tape, log(tape, mean), ...LOG_ERROR);
}

/**
 * −ln N(x; x̂, σ²I) of the model's own σ² with the means given: what an analytic one is sampled by, and judged, follows
 * the batches' errors by this loss, whose minimiser is their mean. [rows, 1]
 */
export function noiseLoss(of: Recorder, settings: NoiseSettings, x: Tensor, mean: Tensor): Tensor {
  const { logvar } = noisy(of, settings, mean);
  return affine(of.tape, -1, gaussianLogDensity(of.tape, x, detached(of.tape, mean), logvar));
}
