import { badInput } from '../errors.js';
import { unknownName } from '../suggest.js';
import { ROUNDING } from './paths.js';

/** The interpolant's own noise at one t: always all three, as γ̇ may be infinite where γ is 0. */
export interface GammaCoefficients {
  gamma: number;
  gammaDot: number;
  /** γ γ̇ in closed form, finite for every t. */
  gammaGammaDot: number;
}

/** γ(t) ≥ 0 with γ(0) = γ(1) = 0. */
export interface Gamma {
  readonly name: string;
  readonly formula: string;
  /** @param t in [0, 1] */
  at(t: number, out?: GammaCoefficients): GammaCoefficients;
}

function gamma(
  name: string,
  formula: string,
  values: (t: number) => [gamma: number, gammaDot: number],
  gammaGammaDot?: (t: number) => number,
): Gamma {
  return {
    name,
    formula,
    at(t, out = { gamma: 0, gammaDot: 0, gammaGammaDot: 0 }) {
      const [value, slope] = values(t);
      out.gamma = value;
      out.gammaDot = slope;
      out.gammaGammaDot = gammaGammaDot ? gammaGammaDot(t) : value * slope;
      return out;
    },
  };
}

/** How sharply the sigmoid sum rises at the two ends of time. */
const STEEPNESS = 10;

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

const sigmoidSlope = (x: number): number => sigmoid(x) * sigmoid(-x);

/** The two sigmoids at t = 0 and, by symmetry, at t = 1: subtracted, it makes γ vanish there. */
const sigmoidEnd = sigmoid(-STEEPNESS / 2 + 1) - sigmoid(-STEEPNESS / 2 - 1);

const builders: Record<string, (a: number) => Gamma> = {
  none: () => gamma('none', 'γ = 0', () => [0, 0]),
  sqrt: (a) =>
    gamma(
      'sqrt',
      `γ = √(${a} t(1 − t))`,
      (t) => {
        const square = a * t * (1 - t);
        return [Math.sqrt(square), (a * (1 - 2 * t)) / (2 * Math.sqrt(Math.max(square, a * ROUNDING)))];
      },
      (t) => 0.5 * a * (1 - 2 * t),
    ),
  quadratic: (a) => gamma('quadratic', `γ = ${a} t(1 − t)`, (t) => [a * t * (1 - t), a * (1 - 2 * t)]),
  'sin-squared': (a) =>
    gamma('sin-squared', `γ = ${a} sin² πt`, (t) => {
      // sin π(1 − t) in the second half, so that γ is exactly 0 at t = 1.
      const sine = Math.sin(Math.PI * Math.min(t, 1 - t));
      return [a * sine * sine, a * Math.PI * Math.sin(2 * Math.PI * t)];
    }),
  'sigmoid-sum': (a) =>
    gamma(
      'sigmoid-sum',
      `γ = ${a} [σ(f(t − ½) + 1) − σ(f(t − ½) − 1) − (the same at t = 0)], f = ${STEEPNESS}`,
      (t) => {
        const x = STEEPNESS * (t - 0.5);
        const value = sigmoid(x + 1) - sigmoid(x - 1) - sigmoidEnd;
        return [
          t === 0 || t === 1 ? 0 : a * Math.max(0, value),
          a * STEEPNESS * (sigmoidSlope(x + 1) - sigmoidSlope(x - 1)),
        ];
      },
    ),
};

/**
 * Names of the γ of Stochastic Interpolants (2303.08797, section 4 and table 8): none, sqrt = √(a t(1−t)),
 * quadratic = a t(1−t), sin-squared = a sin² πt, and sigmoid-sum. γ̇ of `sqrt` is infinite at both ends; it is
 * returned as its value one rounding step inside, and γγ̇ = a(1 − 2t)/2 is exact.
 */
export const gammaNames: readonly string[] = Object.keys(builders);

/**
 * The γ of that name with scale a.
 * @throws bad-input for an unknown name, with the nearest valid one, and for an a that is not positive
 */
export function gammaByName(name: string, a = 1): Gamma {
  if (!gammaNames.includes(name)) unknownName('gamma', name, gammaNames);
  if (!(a > 0 && a < Number.POSITIVE_INFINITY)) badInput(`gamma's scale must be positive, got ${a}`);
  return builders[name](a);
}
