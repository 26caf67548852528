import { badInput } from '../errors.js';
import type { Coefficients } from '../interpolant/schedule.js';
import { unknownName } from '../suggest.js';
import type { Field } from './field.js';

/**
 * ε(t) of the SDEs dX = (b ± ε s) dt + √(2ε) dW, free after training (arXiv 2303.08797, corollary 2.10), in the
 * forms of SiT (2401.08740, table 1): c; `lambda` c λ, the score SDE's own; `sigma` c α, of a two-sided
 * interpolant c γ; `linear` c (1 − t); `decreasing` ¼ (c cos πt + 1)²; `bump` c sin² πt.
 */
export const diffusionNames = ['sigma', 'lambda', 'constant', 'linear', 'decreasing', 'bump'] as const;

export type DiffusionName = (typeof diffusionNames)[number];

export interface Diffusion {
  readonly name: DiffusionName;
  /** c ≥ 0 */
  readonly scale: number;
}

/**
 * At most this share of the least variance of x_t is stirred in a step: ε may be chosen freely, and a step that
 * overshoots the score's own width would not be stable. The weak error of a step stays below an eighth of it.
 */
const MOST_STIRRING = 0.25;

function formula(name: DiffusionName, scale: number, t: number, c: Coefficients, twoSided: boolean): number {
  switch (name) {
    case 'constant':
      return scale;
    case 'linear':
      return scale * (1 - t);
    case 'decreasing':
      return 0.25 * (scale * Math.cos(Math.PI * t) + 1) ** 2;
    case 'bump':
      return scale * Math.sin(Math.PI * t) ** 2;
    case 'lambda':
      return scale * ((c.betaDot / c.beta) * c.alpha ** 2 - c.alphaAlphaDot);
    default:
      return scale * (twoSided ? c.gamma : c.alpha);
  }
}

/** @throws TributaryError('bad-input') for an unknown name or a negative scale */
export function checkDiffusion({ name, scale }: Diffusion): void {
  if (!diffusionNames.includes(name)) unknownName('diffusion coefficient', name, diffusionNames);
  if (!(scale >= 0 && Number.isFinite(scale))) badInput(`diffusion is ${scale}; it must be 0 or more`);
}

/**
 * ε as a function of the time and of the step's length there.
 * @throws TributaryError('bad-input') for an unknown name, a negative scale, a field without a score, or `lambda`
 *   of a two-sided interpolant
 */
export function diffusionOf(field: Field, { name, scale }: Diffusion): (t: number, step: number) => number {
  checkDiffusion({ name, scale });
  if (field.withoutScore !== null && !(scale === 0 && name !== 'decreasing')) badInput(field.withoutScore);
  if (name === 'lambda' && field.twoSided)
    badInput('lambda belongs to one-sided interpolants: take sigma, constant, linear, decreasing or bump');
  // λ is infinite where β is 0, and no multiple of it.
  if (scale === 0 && name !== 'decreasing') return () => 0;
  return (t, step) => {
    const { c } = field.at(t);
    // γ alone: α²C⁰ + β²C¹ may vanish in some direction.
    const least = field.twoSided ? c.gamma ** 2 : c.alpha ** 2;
    const value = formula(name, scale, t, c, field.twoSided);
    const most = (MOST_STIRRING * least) / Math.abs(step);
    // Also where β and its derivative are 0 together, and λ is 0/0 for what is infinite.
    return value < most ? value : most;
  };
}
