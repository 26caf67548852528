import { badInput, TributaryError } from '../errors.js';
import type { InterpolantConfig } from '../families/family.js';
import { gammaByName } from '../interpolant/gammas.js';
import type { SdeTerms } from './table.js';

/**
 * The SDEs dX = (b ± ε s)dt + √(2ε)dW, forwards and backwards, of arXiv 2303.08797 §2.4 with ε(t) = scale·(noise level): 1 − t for
 * the one-sided linear interpolant (SiT's w = cσ, arXiv 2401.08740), γ(t) for a two-sided one. Then ε s has
 * no division: scale·(t b − x) and −scale·η.
 * @param scale ≥ 0; with 0 the SDE is the ODE
 * @throws TributaryError('bad-input') for a negative scale, or a two-sided interpolant without a denoiser
 */
export function sdeTerms(
  interpolant: InterpolantConfig,
  heads: readonly string[],
  scale: number,
): (t: number) => SdeTerms {
  if (!(scale >= 0 && Number.isFinite(scale))) badInput(`diffusion is ${scale}; it must be 0 or more`);
  if (interpolant.gamma === 'none') {
    return (t) => ({ x: -scale, velocity: scale * t, denoiser: 0, epsilon: scale * (1 - t) });
  }
  if (!heads.includes('denoiser')) {
    throw new TributaryError(
      'bad-input',
      'this SDE needs a denoiser: train the stochastic-interpolant family',
    );
  }
  const gamma = gammaByName(interpolant.gamma, interpolant.gammaScale);
  return (t) => ({ x: 0, velocity: 0, denoiser: -scale, epsilon: scale * gamma.at(t).gamma });
}
