import type { Distribution } from '../data/distribution.js';
import { GaussianMixture } from '../data/mixture.js';
import { STREAM } from '../random/random.js';
import { mixtureOf } from './truth.js';

/** The share of true points that lies off the support, unless a published level is kept. */
export const SUPPORT_SHARE = 0.001;

/** Draws that find a level. */
const DRAWS = 8000;

/** Their components' variances are so many times the true ones, so that many of them fall where the truth is thin. */
const WIDENING = 4;

/** One for all runs: a level belongs to the law. */
const SEED = 0;

export interface SupportLevel {
  /** ln p below which a point counts as off the support. */
  readonly level: number;
  /** The mass of the truth below it, and the standard error of that. */
  readonly share: number;
  readonly shareError: number;
}

/** With a density. */
export type Dense = Required<Pick<Distribution, 'logDensity'>>;

const known = new WeakMap<Distribution, SupportLevel>();

/**
 * The density level that leaves {@link SUPPORT_SHARE} of the mass of a law with a density below it, or the law's own
 * published one, and the share that it leaves. Importance sampling from the same mixture with wider components finds
 * the share to a few per cent of itself; plain sampling serves where there is no mixture. An affine change of the data
 * changes the level by −ln |det| and the share not at all.
 */
export function supportLevel(distribution: Distribution & Dense): SupportLevel {
  const found = known.get(distribution) ?? find(distribution);
  known.set(distribution, found);
  return found;
}

function find(distribution: Distribution & Dense): SupportLevel {
  const { densities, ratios } = weighted(distribution);
  const order = Uint32Array.from(densities, (_, row) => row).sort((a, b) => densities[a] - densities[b]);
  const level = distribution.supportLevel ?? quantile(densities, ratios, order);
  let [sum, square] = [0, 0];
  for (let i = 0; i < densities.length; i++) {
    if (!(densities[i] < level)) continue;
    sum += ratios[i];
    square += ratios[i] ** 2;
  }
  const n = densities.length;
  const share = sum / n;
  return { level, share, shareError: Math.sqrt(Math.max(0, square / n - share * share) / n) };
}

/** The density at which the weights of the thinner points come to the wanted share. */
function quantile(densities: Float64Array, ratios: Float64Array, order: Uint32Array): number {
  let below = 0;
  for (const row of order) {
    below += ratios[row] / densities.length;
    if (below > SUPPORT_SHARE) return densities[row];
  }
  return Number.NEGATIVE_INFINITY;
}

/** Log densities of draws, and by how much more probable each is under the truth than where it was drawn from. */
function weighted(distribution: Distribution & Dense) {
  const mixture = mixtureOf(distribution);
  if (mixture === undefined) {
    const { points } = distribution.sample(20 * DRAWS, SEED, 0, STREAM.evaluation);
    return { densities: distribution.logDensity(points), ratios: new Float64Array(20 * DRAWS).fill(1) };
  }
  const { dim, weights, means, variances, covariances } = mixture;
  const wide = new GaussianMixture({
    ...{ dim, weights, means },
    ...(variances
      ? { variances: variances.map((value) => WIDENING * value) }
      : { covariances: (covariances as Float64Array).map((value) => WIDENING * value) }),
  });
  const { points } = wide.sample(DRAWS, SEED, STREAM.evaluation);
  const densities = distribution.logDensity(points);
  const proposed = wide.logDensity(points);
  return { densities, ratios: densities.map((value, row) => Math.exp(value - proposed[row])) };
}
