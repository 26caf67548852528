import { unknownName } from '../suggest.js';

/** The coefficients of I = α x0 + β x1 and their time derivatives at one t. */
export interface PathCoefficients {
  alpha: number;
  beta: number;
  alphaDot: number;
  betaDot: number;
  /** α α̇ in closed form: finite where α̇ itself is not (VP at t = 1). */
  alphaAlphaDot: number;
  /** β β̇ */
  betaBetaDot: number;
}

/** A path between the base (t = 0) and the data (t = 1). */
export interface Path {
  readonly name: string;
  /** One-line formula, for reports. */
  readonly formula: string;
  /** @param t in [0, 1] */
  at(t: number, out?: PathCoefficients): PathCoefficients;
}

/** Half a rounding step below 1: closer to an end than this, 1 − t and 1 − t² cannot be told from it. */
export const ROUNDING = 2 ** -53;

function path(
  name: string,
  formula: string,
  values: (t: number) => [alpha: number, beta: number, alphaDot: number, betaDot: number],
  alphaAlphaDot?: (t: number) => number,
): Path {
  return {
    name,
    formula,
    at(t, out = { alpha: 0, beta: 0, alphaDot: 0, betaDot: 0, alphaAlphaDot: 0, betaBetaDot: 0 }) {
      const [alpha, beta, alphaDot, betaDot] = values(t);
      out.alpha = alpha;
      out.beta = beta;
      out.alphaDot = alphaDot;
      out.betaDot = betaDot;
      out.alphaAlphaDot = alphaAlphaDot ? alphaAlphaDot(t) : alpha * alphaDot;
      out.betaBetaDot = beta * betaDot;
      return out;
    },
  };
}

const HALF_PI = Math.PI / 2;

const paths: Record<string, Path> = {
  linear: path('linear', 'α = 1 − t, β = t', (t) => [1 - t, t, -1, 1]),
  trig: path('trig', 'α = cos πt/2, β = sin πt/2', (t) => {
    // sin of the complement, so that α is exactly 0 at t = 1, which cos(π/2) in floating point is not.
    const alpha = Math.sin(HALF_PI * (1 - t));
    const beta = Math.sin(HALF_PI * t);
    return [alpha, beta, -HALF_PI * beta, HALF_PI * alpha];
  }),
  'encoding-decoding': path(
    'encoding-decoding',
    'α = cos² πt for t < ½, β = cos² πt for t > ½, else 0',
    (t) => {
      const value = Math.cos(Math.PI * t) ** 2;
      const slope = -Math.PI * Math.sin(2 * Math.PI * t);
      if (t < 0.5) return [value, 0, slope, 0];
      return t > 0.5 ? [0, value, 0, slope] : [0, 0, 0, 0];
    },
  ),
  vp: path(
    'vp',
    'α = √(1 − t²), β = t',
    (t) => {
      const square = (1 - t) * (1 + t);
      return [Math.sqrt(square), t, -t / Math.sqrt(Math.max(square, ROUNDING)), 1];
    },
    (t) => -t,
  ),
  mirror: path('mirror', 'x0 ≡ x1, I = x1', () => [0, 1, 0, 0]),
};

/**
 * Names of the paths of Stochastic Interpolants (2303.08797, table 8): linear, trig, encoding-decoding, vp and
 * mirror. A one-sided interpolant is any of them with a Gaussian base and γ = none. α̇ of `vp` is infinite at
 * t = 1; it is returned as its value at the last float64 before 1, and α α̇ is exact.
 */
export const pathNames: readonly string[] = Object.keys(paths);

/** The path of that name; throws bad-input with the nearest valid name. */
export function pathByName(name: string): Path {
  if (!Object.hasOwn(paths, name)) unknownName('path', name, pathNames);
  return paths[name];
}
