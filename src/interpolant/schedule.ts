import { badInput } from '../errors.js';
import { type Gamma, type GammaCoefficients, gammaByName } from './gammas.js';
import { type Path, type PathCoefficients, type PathOptions, pathByName } from './paths.js';

/** Everything about x_t = α x0 + β x1 + γ z at one t. */
export interface Coefficients extends PathCoefficients, GammaCoefficients {}

/** A path together with its γ. */
export interface Schedule {
  readonly path: Path;
  readonly gamma: Gamma;
  /**
   * @param t in [0, 1]
   * @param out filled and returned where given, so that hot loops allocate nothing
   * @throws bad-input for a t outside [0, 1] or not a number
   */
  at(t: number, out?: Coefficients): Coefficients;
}

/** A zeroed set of coefficients, to be passed as `out`. */
export function coefficients(): Coefficients {
  return {
    alpha: 0,
    beta: 0,
    alphaDot: 0,
    betaDot: 0,
    alphaAlphaDot: 0,
    betaBetaDot: 0,
    gamma: 0,
    gammaDot: 0,
    gammaGammaDot: 0,
  };
}

/** The stochastic interpolant of a path and a γ. @throws bad-input for a path that collapses without a γ */
export function makeSchedule(path: Path, gamma: Gamma): Schedule {
  if (path.name === 'encoding-decoding' && gamma.name === 'none')
    badInput('the encoding-decoding path is 0 at t = ½: it needs a gamma, for instance sin-squared');
  if (path.gaussianBase && gamma.name !== 'none')
    badInput(`the ${path.name} path brings its own noise: leave gamma at none`);
  return {
    path,
    gamma,
    at(t, out = coefficients()) {
      if (!(t >= 0 && t <= 1)) badInput(`t must lie in [0, 1], got ${t}`);
      path.at(t, out);
      gamma.at(t, out);
      return out;
    },
  };
}

/**
 * The stochastic interpolant of a path and a γ, by name (see `pathNames`, `gammaNames`).
 * @param a the scale of γ
 * @throws bad-input for unknown names, and for a path that collapses to a point in mid-time without a γ
 */
export function scheduleByName(
  pathName: string,
  gammaName = 'none',
  a = 1,
  options: Partial<PathOptions> = {},
): Schedule {
  return makeSchedule(pathByName(pathName, options), gammaByName(gammaName, a));
}
