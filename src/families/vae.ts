import type { DeviceArray } from '../backend/kernel.js';
import { badInput } from '../errors.js';
import type { Family } from '../model/family.js';
import type { ModelShape } from '../model/model.js';
import type { Phase } from '../model/phase.js';
import type { RunConfig } from '../model/run_config.js';
import { networkOf } from '../model/shape.js';
import { affine, combine, multiply } from '../nn/ops/arithmetic.js';
import { gaussianLogDensity, gaussianSample } from '../nn/ops/density.js';
import { exp, square } from '../nn/ops/pointwise.js';
import { joinColumns, logSoftmax, reduceColumns } from '../nn/ops/rows.js';
import type { Tape, Tensor } from '../nn/tape.js';
import { RecordedGenerator } from '../samplers/recorded.js';
import { type Description, type SettingsOf, usualOf } from '../settings.js';
import { importanceBound } from './latent/bound.js';
import {
  detached,
  detachedGaussian,
  diagonalGaussian,
  filled,
  type Gaussian,
  spread,
  standardNormal,
} from './latent/gaussian.js';

export const VAE_SETTINGS = {
  latent: {
    ...{ kind: 'number', usual: 2, whole: true, least: 1, most: 4096, symbol: 'dim z' },
    help: 'latent coordinates',
  },
  samples: {
    ...{ kind: 'number', usual: 1, whole: true, least: 1, most: 64, symbol: 'k' },
    help: 'latents drawn a point; from 2 on their importance-weighted bound is maximised',
  },
  variance: {
    ...{ kind: 'choice', usual: 'learned', names: ['learned', 'fixed'] },
    help: 'whether the decoder’s variance σ², one for all coordinates, is learned',
  },
  sigma: {
    ...{ kind: 'number', usual: 0.3, above: 0, most: 1e6, symbol: 'σ' },
    help: 'deviation of the decoder, from which a learned one begins, in the network’s units',
  },
  gradient: {
    ...{ kind: 'choice', usual: 'dreg', names: ['dreg', 'plain'] },
    help: 'the encoder’s gradient where several latents are drawn',
  },
} as const satisfies Description;

export interface VaeSettings extends SettingsOf<typeof VAE_SETTINGS> {}

type VaeRun = RunConfig<VaeSettings>;

/** What a loss, a draw and a bound have in common when they are recorded. */
interface Recorder {
  readonly tape: Tape;
  net(role: string): (x: Tensor, t?: null, label?: DeviceArray | null) => Tensor;
  parameter(name: string): Tensor;
}

/** q(z|x) = N(μ(x), diag s²(x)), p(x|z) = N(x̂(z), σ²I), p(z) = N(0, I). */
function model(run: VaeRun): ModelShape {
  const { latent, variance, sigma } = run.settings;
  const { dim } = run.data;
  // From constants neither would learn: each waits for what the other says.
  const own = { timed: false, outputGain: 1 };
  return {
    networks: {
      encoder: { ...networkOf(run, { outputs: 2 * latent }, 'encoder'), ...own },
      decoder: { ...networkOf(run, { dim: latent, outputs: dim }, 'decoder'), ...own },
    },
    parameters:
      variance === 'learned'
        ? [{ name: 'noise.logvar', shape: [1, 1], initial: Float64Array.of(2 * Math.log(sigma)) }]
        : [],
  };
}

/** p(x|z) given latents, a row each. */
function decoded(of: Recorder, run: VaeRun, z: Tensor, label: DeviceArray | null): Gaussian {
  const { tape } = of;
  const mean = of.net('decoder')(z, null, label);
  const { variance, sigma } = run.settings;
  const logvar =
    variance === 'learned'
      ? spread(tape, of.parameter('noise.logvar'), mean.rows, mean.cols)
      : filled(tape, mean.rows, mean.cols, 2 * Math.log(sigma));
  return { mean, logvar };
}

/** ln w = ln p(x|z) + ln p(z) − ln q(z|x) of each row: [rows, 1]. */
function logWeight(tape: Tape, x: Tensor, z: Tensor, p: Gaussian, q: Gaussian): Tensor {
  const prior = standardNormal(tape, z.rows, z.cols);
  const joint = combine(
    ...([tape, 1, gaussianLogDensity(tape, x, p.mean, p.logvar)] as const),
    ...([1, gaussianLogDensity(tape, z, prior.mean, prior.logvar)] as const),
  );
  return combine(tape, 1, joint, -1, gaussianLogDensity(tape, z, q.mean, q.logvar));
}

/** −L_k = −E ln (1/k) Σ_i w_i, z_i ~ q; the negative ELBO for k = 1. */
function boundPhase(run: VaeRun): Phase {
  const { samples: k, latent, variance, gradient } = run.settings;
  return {
    name: 'bound',
    trains: ['encoder', 'decoder', ...(variance === 'learned' ? ['noise'] : [])],
    record(step) {
      const { tape, rows } = step;
      const { x, label } = step.data();
      const q = diagonalGaussian(tape, step.net('encoder')(x, null, label));
      const latents = Array.from({ length: k }, () =>
        gaussianSample(tape, q.mean, q.logvar, step.normal(rows, latent)),
      );
      /** ln w of all latents, [rows, k], as `of` sees them. */
      const weigh = (of: Recorder, at: readonly Tensor[], given: Gaussian) =>
        joinColumns(
          tape,
          at.map((z) => logWeight(tape, x, z, decoded(of, run, z, label), given)),
        );
      const negative = (logW: Tensor) =>
        affine(tape, -1, reduceColumns(tape, 'logsumexp', logW), Math.log(k));
      if (k === 1 || gradient === 'plain') return { bound: negative(weigh(step, latents, q)) };

      // Doubly reparametrised (Tucker et al., arXiv 1810.04152, eq. 8): the decoder learns by Σ w̃_i ∂ ln w_i with the
      // latents given, the encoder by Σ w̃_i² ∂ ln w_i/∂z_i ∂z_i/∂φ, whose signal does not drown in noise as k grows.
      const given = detachedGaussian(tape, q);
      const ofDecoder = weigh(
        step,
        latents.map((z) => detached(tape, z)),
        given,
      );
      const frozen: Recorder = {
        tape,
        net: (role) => step.net(role, 'constant'),
        parameter: (name) => detached(tape, step.parameter(name)),
      };
      const ofLatents = weigh(frozen, latents, given);
      const weights = square(tape, exp(tape, logSoftmax(tape, detached(tape, ofLatents))));
      const path = reduceColumns(tape, 'sum', multiply(tape, weights, ofLatents));
      // The path is there for its gradient: what it is worth is taken off again.
      const silent = combine(tape, -1, path, 1, detached(tape, path));
      return { bound: combine(tape, 1, negative(ofDecoder), 1, silent) };
    },
  };
}

function vaeFamily(
  named: Pick<Family, 'name' | 'summary' | 'formula' | 'source'>,
  samples: number,
): Family<VaeSettings> {
  return {
    ...named,
    group: 'latent-variable',
    settings: VAE_SETTINGS,
    usual: () => ({ ...usualOf(VAE_SETTINGS), samples }),
    check: ({ data }) => {
      if (data.base !== undefined)
        badInput(`${named.name} begins at latents of its own and takes no base: leave it out`);
    },
    model,
    stages: (run) => [{ name: 'bound', phases: [boundPhase(run)] }],
    generator: ({ config, model: trained }, options) => {
      const { dim, classes } = config.data;
      return RecordedGenerator.create(trained, { dim, classes, evaluations: 1 }, options, (drawing) => {
        const z = drawing.normal(config.settings.latent);
        const p = decoded(drawing, config, z, drawing.label);
        return gaussianSample(drawing.tape, p.mean, p.logvar, drawing.normal(dim));
      });
    },
    likelihood: {
      importance: importanceBound<VaeSettings>((drawing, run, x) => {
        const { tape, label } = drawing;
        const q = diagonalGaussian(tape, drawing.net('encoder')(x, null, label));
        const z = gaussianSample(tape, q.mean, q.logvar, drawing.normal(run.settings.latent));
        return logWeight(tape, x, z, decoded(drawing, run, z, label), q);
      }),
    },
  };
}

export const vae = vaeFamily(
  {
    name: 'vae',
    summary: 'variational autoencoder: a Gaussian around what a network makes of normal latents',
    formula: '−E_q[ln p(x|z)] + KL(q(z|x) ‖ N(0, I)), q = N(μ(x), diag s²(x)), p(x|z) = N(x̂(z), σ²I)',
    source: 'Kingma & Welling, arXiv 1312.6114; Rybkin et al., arXiv 2006.13202 for a learned σ',
  },
  1,
);

export const iwae = vaeFamily(
  {
    name: 'iwae',
    summary: 'importance-weighted autoencoder: a tighter bound from several latents a point',
    formula: '−E ln (1/k) Σ_i p(x, z_i)/q(z_i|x), z_i ~ q(z|x)',
    source: 'Burda et al., arXiv 1509.00519; Tucker et al., arXiv 1810.04152 for the gradient',
  },
  5,
);
