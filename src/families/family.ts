import { unknownName } from '../suggest.js';
import { flowMatching } from './flow_matching.js';
import { stochasticInterpolant } from './stochastic_interpolant.js';

/** What a network of a family learns; see `src/backend/contracts/draw.ts` for the targets. */
export type Head = 'velocity' | 'denoiser';

export interface InterpolantConfig {
  /** A path's name, see `pathNames`. */
  readonly path: 'linear';
  /** The name of γ(t), see `gammaNames`; `none` makes the interpolant one-sided. */
  readonly gamma: 'none' | 'sqrt';
  /** a in γ = √(a t(1 − t)). */
  readonly gammaScale: number;
  /** Training draws t from [timeMin, timeMax]: γ̇ is infinite at the ends. */
  readonly timeMin: number;
  readonly timeMax: number;
  /** `stratified` puts one t in each of as many equal cells as there are draws. */
  readonly timeSampling: 'uniform' | 'stratified';
  /** Rows in pairs ±z, which cancels the O(1/γ) variance at the ends. */
  readonly antithetic: boolean;
}

/** A generative family: a thin recipe over interpolants, heads and losses. */
export interface Family {
  readonly name: string;
  readonly summary: string;
  readonly source: string;
  readonly heads: readonly Head[];
  readonly interpolant: InterpolantConfig;
}

const families: readonly Family[] = [flowMatching, stochasticInterpolant];

export const familyNames: readonly string[] = families.map(({ name }) => name);

/** @throws TributaryError('bad-input') with the nearest valid name */
export function familyByName(name: string): Family {
  return families.find((family) => family.name === name) ?? unknownName('family', name, familyNames);
}
