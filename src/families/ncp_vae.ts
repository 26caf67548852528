import { meanAndError } from '../model/likelihood.js';
import type { ModelShape } from '../model/model.js';
import type { Phase } from '../model/phase.js';
import type { RunConfig } from '../model/run_config.js';
import { networkOf } from '../model/shape.js';
import { affine, combine } from '../nn/ops/arithmetic.js';
import { gaussianSample, mixtureSample } from '../nn/ops/density.js';
import { softplus } from '../nn/ops/pointwise.js';
import { reshape } from '../nn/ops/rows.js';
import type { Tensor } from '../nn/tape.js';
import { type Drawing, RecordedGenerator } from '../samplers/recorded.js';
import { type Description, type SettingsOf, usualOf } from '../settings.js';
import type { LogNormaliser } from './latent/bound.js';
import { LATENT_SETTINGS, latentFamily } from './latent/family.js';
import { filled } from './latent/gaussian.js';
import type { LatentModel, Recorder } from './latent/latent_model.js';
import { drawPrior } from './latent/prior.js';
import { vaeLatents, vaeShape } from './vae.js';

export const NCP_SETTINGS = {
  ...LATENT_SETTINGS,
  proposals: {
    ...{ kind: 'number', usual: 64, whole: true, least: 1, most: 65_536, symbol: 'M' },
    help: 'latents of the prior that each sample’s is chosen from, with the weights r',
  },
} as const satisfies Description;

export interface NcpSettings extends SettingsOf<typeof NCP_SETTINGS> {}

type NcpRun = RunConfig<NcpSettings>;

/** Draws of the prior that Z is estimated by. */
const NORMALISER_DRAWS = 65_536;

/** The critic comes first, so that what the bound trains are neighbours; it knows no labels, as the prior does not. */
function shape(run: NcpRun): ModelShape {
  const { networks, parameters = [] } = vaeShape(run);
  const critic = networkOf(run, { dim: run.settings.latent, outputs: 1, labelled: false }, 'critic');
  return { networks: { critic: { ...critic, timed: false }, ...networks }, parameters };
}

/** ln r = ln D/(1 − D), the logit that the critic says of latents. */
const logRatio = (of: Pick<Recorder, 'net'>, z: Tensor): Tensor => of.net('critic')(z);

/** −E_q ln D(z) − E_p ln(1 − D(z)): where it is least, D/(1 − D) is the aggregate posterior over the prior. */
function criticPhase(run: NcpRun): Phase {
  return {
    name: 'critic',
    trains: ['critic'],
    record(step) {
      const { tape, rows } = step;
      const { x, label } = step.data();
      const [{ posterior, cols }] = vaeLatents(run).levels;
      const q = posterior(step, x, null, label);
      const encoded = gaussianSample(tape, q.mean, q.logvar, step.normal(rows, cols));
      const prior = drawPrior(
        {
          tape,
          net: (role) => step.net(role),
          parameter: (name) => step.parameter(name),
          upload: (...values) => step.upload(...values),
          normal: (own) => step.normal(rows, own),
          uniform: (own) => step.uniform(rows, own),
        },
        run,
      );
      return {
        encoded: softplus(tape, affine(tape, -1, logRatio(step, encoded))),
        prior: softplus(tape, logRatio(step, prior)),
      };
    },
  };
}

/** r(z) p(z) up to 1/Z: judged by its density, drawn by importance resampling of M latents of p for each sample. */
function contrastive(run: NcpRun): LatentModel {
  const plain = vaeLatents(run);
  const { latent, proposals } = run.settings;
  return {
    ...plain,
    logPrior: (of, z, label) => combine(of.tape, 1, plain.logPrior(of, z, label), 1, logRatio(of, z[0])),
    draw: (of: Drawing) => {
      const { tape, rows } = of;
      const proposed = drawPrior(of, run, proposals);
      // A mixture of points: no width, and weights r.
      const nothing = filled(tape, rows, proposals * latent, 0);
      const points = {
        logits: reshape(tape, logRatio(of, proposed), rows, proposals),
        mean: reshape(tape, proposed, rows, proposals * latent),
        logvar: nothing,
      };
      return [mixtureSample(tape, points, of.uniform(1).data, filled(tape, rows, latent, 0))];
    },
  };
}

/** ln Z = ln E_p r. An estimate of so many draws is too low by half its error's square, which is far below it. */
const logNormaliser: LogNormaliser<NcpSettings> = async ({ config, model }, seed) => {
  // A seed of its own: the bound's latents are drawn by the other.
  const own = { seed: seed === 0 ? 1 : seed - 1 };
  const ratios = await RecordedGenerator.create(model, { dim: 1, classes: 0, evaluations: 1 }, own, (of) =>
    logRatio(of, drawPrior(of, config)),
  );
  try {
    const { points } = await ratios.sample({ n: NORMALISER_DRAWS });
    const largest = points.reduce((a, b) => Math.max(a, b));
    const r = points.map((value) => Math.exp(value - largest));
    const { mean, standardError } = meanAndError(r);
    return { value: largest + Math.log(mean), error: standardError / mean };
  } finally {
    ratios.destroy();
  }
};

export const ncpVae = latentFamily<NcpSettings>({
  name: 'ncp-vae',
  summary:
    'variational autoencoder whose prior is reweighted by a critic that tells it from the encoder’s latents',
  formula:
    '−E_q[ln p(x|z)] + KL(q(z|x) ‖ p(z)), then −E_q ln D(z) − E_p ln(1 − D(z)); r = D/(1 − D), p_NCP(z) = r(z) p(z)/Z, Z = E_p r',
  source: 'Aneja et al., arXiv 2010.02917',
  settings: NCP_SETTINGS,
  // A small deviation leaves holes between the latents that q uses, which the critic is there to close.
  usual: () => ({ ...usualOf(NCP_SETTINGS), sigma: 0.03 }),
  model: shape,
  latents: vaeLatents,
  trained: contrastive,
  logNormaliser,
  later: {
    roles: ['critic'],
    stages: (run) => [{ name: 'critic', phases: [criticPhase(run)] }],
  },
  evaluations: ({ proposals }) => proposals + 1,
});
