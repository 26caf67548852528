import type { Phase } from '../../model/phase.js';
import { affine, combine, multiply } from '../../nn/ops/arithmetic.js';
import { exp, square } from '../../nn/ops/pointwise.js';
import { joinColumns, logSoftmax, reduceColumns } from '../../nn/ops/rows.js';
import type { Tensor } from '../../nn/tape.js';
import type { Description, SettingsOf } from '../../settings.js';
import { detached, detachedGaussian, spread } from './gaussian.js';
import { drawLatents, type LatentModel, type Latents, logWeight, type Recorder } from './latent_model.js';
import { analyticLogvar, type NOISE_SETTINGS, noiseLoss, noisy } from './noise.js';

export const BOUND_SETTINGS = {
  samples: {
    ...{ kind: 'number', usual: 1, whole: true, least: 1, most: 64, symbol: 'k' },
    help: 'latents drawn a point; from 2 on their importance-weighted bound is maximised',
  },
  gradient: {
    ...{ kind: 'choice', usual: 'dreg', names: ['dreg', 'plain'] },
    help: 'the encoder’s gradient where several latents are drawn',
  },
} as const satisfies Description;

type BoundSettings = SettingsOf<typeof BOUND_SETTINGS & typeof NOISE_SETTINGS>;

/**
 * −L_k = −E ln (1/k) Σ_i w_i, w = p(x, z)/q(z|x), z_i ~ q(z|x); the negative ELBO for k = 1.
 * Burda et al., arXiv 1509.00519, eq. 8.
 * @param trains roles of all that the model is made of
 */
export function boundPhase(settings: BoundSettings, model: LatentModel, trains: readonly string[]): Phase {
  const { samples: k, variance, gradient } = settings;
  return {
    name: 'bound',
    trains,
    record(step) {
      const { tape, rows } = step;
      const { x, label } = step.data();
      const highest = model.levels[0].posterior(step, x, null, label);
      const draws = Array.from({ length: k }, () =>
        drawLatents(step, model, x, label, highest, (cols) => step.normal(rows, cols)),
      );
      const losses: Record<string, Tensor> = {};
      const decoded = (of: Recorder, at: readonly Latents[]) => {
        const means = at.map(({ z }) => model.decode(of, z, label));
        if (variance !== 'analytic') return means.map((mean) => noisy(of, settings, mean));
        const logvar = spread(tape, analyticLogvar(of, x, means), x.rows, x.cols);
        losses.noise ??= means
          .map((mean) => affine(tape, 1 / k, noiseLoss(step, settings, x, mean)))
          .reduce((a, b) => combine(tape, 1, a, 1, b));
        return means.map((mean) => ({ mean, logvar }));
      };
      /** ln w of all latents, [rows, k], as `of` sees them. */
      const weigh = (of: Recorder, at: readonly Latents[]) => {
        const given = decoded(of, at);
        return joinColumns(
          tape,
          at.map((latents, i) => logWeight(of, model, x, label, latents, given[i])),
        );
      };
      const negative = (logW: Tensor) =>
        affine(tape, -1, reduceColumns(tape, 'logsumexp', logW), Math.log(k));
      if (k === 1 || gradient === 'plain') return { bound: negative(weigh(step, draws)), ...losses };

      // Doubly reparametrised (Tucker et al., arXiv 1810.04152, eq. 8): what p consists of learns by Σ w̃_i ∂ ln w_i with
      // the latents given, also an encoder that a prior consists of; the encoder of the latents by
      // Σ w̃_i² ∂ ln w_i/∂z_i ∂z_i/∂φ, whose signal does not drown in noise as k grows. Latents of all levels count as one.
      const ofModel = weigh(
        step,
        draws.map(({ z, q }) => given(step, { z, q })),
      );
      const frozen: Recorder = {
        tape,
        net: (role) => step.net(role, 'constant'),
        parameter: (name) => detached(tape, step.parameter(name)),
        upload: (...values) => step.upload(...values),
      };
      const ofLatents = weigh(
        frozen,
        draws.map(({ z, q }) => ({
          z,
          q: model.levels.map(({ posterior }, i) =>
            i === 0 ? detachedGaussian(tape, q[0]) : posterior(frozen, x, z[i - 1], label),
          ),
        })),
      );
      const weights = square(tape, exp(tape, logSoftmax(tape, detached(tape, ofLatents))));
      const path = reduceColumns(tape, 'sum', multiply(tape, weights, ofLatents));
      // The path is there for its gradient: what it is worth is taken off again.
      const silent = combine(tape, -1, path, 1, detached(tape, path));
      return { bound: combine(tape, 1, negative(ofModel), 1, silent), ...losses };
    },
  };
}

/** The same latents and q, which no gradient passes. */
const given = ({ tape }: Recorder, { z, q }: Latents): Latents => ({
  z: z.map((latent) => detached(tape, latent)),
  q: q.map((gaussian) => detachedGaussian(tape, gaussian)),
});
