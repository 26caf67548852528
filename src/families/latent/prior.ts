/** Priors over the highest latents, all of them the same for every label. */
import type { Source } from '../../model/phase.js';
import type { RunConfig } from '../../model/run_config.js';
import { gaussianLogDensity, type Mixture, mixtureLogDensity, mixtureSample } from '../../nn/ops/density.js';
import { reshape } from '../../nn/ops/rows.js';
import type { ParameterSpec } from '../../nn/parameters.js';
import type { Tensor } from '../../nn/tape.js';
import { permuted } from '../../random/permutation.js';
import { CounterRandom, STREAM, seedKey } from '../../random/random.js';
import type { Description, SettingsOf } from '../../settings.js';
import { diagonalGaussian, filled, standardNormal } from './gaussian.js';
import type { Recorder } from './latent_model.js';

export const PRIOR_SETTINGS = {
  prior: {
    ...{ kind: 'choice', usual: 'normal', names: ['normal', 'mixture', 'vamp'] },
    help: 'of the highest latents: standard normal, a learned mixture of Gaussians, or the encoder’s at learned pseudo-inputs',
  },
  components: {
    ...{ kind: 'number', usual: 64, whole: true, least: 1, most: 65_536, symbol: 'K' },
    help: 'components of a mixture, or pseudo-inputs of a Vamp prior',
  },
} as const satisfies Description;

type PriorSettings = SettingsOf<typeof PRIOR_SETTINGS>;
type PriorRun = RunConfig<PriorSettings & { readonly latent: number }>;

/** How far a pseudo-input begins from a training point that another has begun at, in the network's units. */
const APART = 0.1;

/** What a draw from a prior needs besides. */
interface PriorDrawing extends Recorder {
  normal(cols: number): Tensor;
  uniform(cols: number): Tensor;
}

/** Streams of {@link STREAM.initialisation} that networks do not use. */
const RANDOM = { means: 3000, rows: 3001, apart: 3002 } as const;

/**
 * What a prior learns. A mixture begins with the moments of the standard normal, in expectation, and is it for K = 1;
 * pseudo-inputs begin at training points, see {@link initialPrior}.
 */
export function priorParameters({ settings, data, seed }: PriorRun): ParameterSpec[] {
  const { prior, components: k, latent } = settings;
  const drawn = (cols: number, scale: number) => {
    const random = new CounterRandom(seed, STREAM.initialisation, RANDOM.means);
    return Float64Array.from({ length: k * cols }, (_, i) => scale * random.normal(i));
  };
  if (prior === 'normal') return [];
  if (prior === 'vamp') {
    const inputs = { name: 'prior.inputs', shape: [k, data.dim], initial: drawn(data.dim, 1) };
    return [inputs];
  }
  return [
    { name: 'prior.logits', shape: [1, k], initial: new Float64Array(k) },
    { name: 'prior.mean', shape: [k, latent], initial: drawn(latent, Math.sqrt(1 - 1 / k)) },
    { name: 'prior.logvar', shape: [k, latent], initial: new Float64Array(k * latent).fill(-Math.log(k)) },
  ];
}

/**
 * First values that a prior takes from the data: pseudo-inputs are so many different training points; where there are
 * fewer of them, once more the same, a little apart.
 */
export function initialPrior(
  { settings, seed }: PriorRun,
  { points, rows, dim }: Source,
): Map<string, Float64Array> {
  if (settings.prior !== 'vamp') return new Map();
  const apart = new CounterRandom(seed, STREAM.initialisation, RANDOM.apart);
  const inputs = Float64Array.from({ length: settings.components * dim }, (_, i) => {
    const k = Math.floor(i / dim);
    const row = permuted(k % rows, rows, seedKey(seed), STREAM.initialisation, RANDOM.rows);
    return points[row * dim + (i % dim)] + (k < rows ? 0 : APART * apart.normal(i));
  });
  return new Map([['prior.inputs', inputs]]);
}

/** Components by what records them: of many latents in one recording they are evaluated once. */
const recorded = new WeakMap<Recorder, Mixture>();

function mixtureOf(of: Recorder, run: PriorRun): Mixture {
  const mixture = recorded.get(of) ?? recordMixture(of, run);
  recorded.set(of, mixture);
  return mixture;
}

/** A learned prior's components: of a Vamp prior q(z|u_k), Tomczak & Welling, arXiv 1705.07120, eq. 9. */
function recordMixture(of: Recorder, { settings, data }: PriorRun): Mixture {
  const { tape } = of;
  if (settings.prior === 'mixture')
    return {
      logits: of.parameter('prior.logits'),
      mean: of.parameter('prior.mean'),
      logvar: of.parameter('prior.logvar'),
    };
  const inputs = of.parameter('prior.inputs');
  // Nobody knows a pseudo-input's label.
  const label =
    data.classes > 0
      ? of.upload(new Uint32Array(inputs.rows).fill(data.classes), 'labels of pseudo-inputs', 'u32')
      : null;
  const { mean, logvar } = diagonalGaussian(tape, of.net('encoder')(inputs, null, label));
  return { logits: filled(tape, 1, inputs.rows, 0), mean, logvar };
}

/** ln p(z) of each row: [rows, 1]. */
export function logPriorDensity(of: Recorder, run: PriorRun, z: Tensor): Tensor {
  if (run.settings.prior !== 'normal') return mixtureLogDensity(of.tape, z, mixtureOf(of, run));
  const { mean, logvar } = standardNormal(of.tape, z.rows, z.cols);
  return gaussianLogDensity(of.tape, z, mean, logvar);
}

/** Latents from the prior. @param times a sample; row r·times + i of the result is draw i of sample r */
export function drawPrior(of: PriorDrawing, run: PriorRun, times = 1): Tensor {
  const { latent, prior } = run.settings;
  const drawn = of.normal(times * latent);
  const noise = reshape(of.tape, drawn, drawn.rows * times, latent);
  if (prior === 'normal') return noise;
  return mixtureSample(of.tape, mixtureOf(of, run), of.uniform(times).data, noise);
}
