import { badInput } from '../errors.js';
import type { Gamma } from './gammas.js';
import { makePath, type Path } from './paths.js';

/** A path of the user's own: α, β and their derivatives as functions of t in [0, 1]. */
export interface CustomPath {
  readonly name: string;
  readonly alpha: (t: number) => number;
  readonly beta: (t: number) => number;
  readonly alphaDot: (t: number) => number;
  readonly betaDot: (t: number) => number;
  readonly formula?: string;
}

/** A γ of the user's own. `gammaGammaDot` is needed where γ̇ is infinite. */
export interface CustomGamma {
  readonly name: string;
  readonly gamma: (t: number) => number;
  readonly gammaDot: (t: number) => number;
  readonly gammaGammaDot?: (t: number) => number;
  readonly formula?: string;
}

/** Times away from the ends, where every function has to be smooth; none at ½, where a path may bend. */
const TIMES = [0.07, 0.19, 0.31, 0.43, 0.58, 0.66, 0.77, 0.91];
const STEP = 1e-5;
const END = 1e-6;

function value(name: string, f: (t: number) => number, t: number): number {
  const result = f(t);
  if (!Number.isFinite(result)) badInput(`${name}(${t}) is ${result}; it must be finite inside (0, 1)`);
  return result;
}

function checkEnd(name: string, f: (t: number) => number, t: number, expected: number): void {
  const found = value(name, f, t);
  if (!(Math.abs(found - expected) < END))
    badInput(`${name}(${t}) is ${found}; it must be ${expected}, so that the path leads from x0 to x1`);
}

/** Central differences must agree with the given derivative to 1e-4 of the function's size. */
function checkDerivative(name: string, f: (t: number) => number, dot: (t: number) => number): void {
  for (const t of TIMES) {
    const slope = (value(name, f, t + STEP) - value(name, f, t - STEP)) / (2 * STEP);
    const given = value(`${name}'s derivative`, dot, t);
    if (Math.abs(slope - given) > 1e-4 * Math.max(1, Math.abs(slope)))
      badInput(`${name}'s derivative at t = ${t} is given as ${given}, but differences say ${slope}`);
  }
}

/**
 * A path from the user's own functions, checked when it is made.
 * @throws TributaryError('bad-input') where α(0) ≠ 1, β(0) ≠ 0, α(1) ≠ 0 or β(1) ≠ 1, or where a derivative
 *   disagrees with differences of its function
 */
export function customPath({ name, alpha, beta, alphaDot, betaDot, formula = name }: CustomPath): Path {
  checkEnd('alpha', alpha, 0, 1);
  checkEnd('alpha', alpha, 1, 0);
  checkEnd('beta', beta, 0, 0);
  checkEnd('beta', beta, 1, 1);
  checkDerivative('alpha', alpha, alphaDot);
  checkDerivative('beta', beta, betaDot);
  return makePath(name, formula, (t) => [alpha(t), beta(t), alphaDot(t), betaDot(t)]);
}

/**
 * A γ from the user's own functions, checked when it is made.
 * @throws TributaryError('bad-input') where γ is negative or not 0 at an end, or a derivative disagrees with
 *   differences of its function
 */
export function customGamma(given: CustomGamma): Gamma {
  const { name, gamma, gammaDot, formula = name } = given;
  checkEnd('gamma', gamma, 0, 0);
  checkEnd('gamma', gamma, 1, 0);
  for (const t of TIMES)
    if (!(gamma(t) >= 0)) badInput(`gamma(${t}) is ${gamma(t)}; gamma must not be negative`);
  checkDerivative('gamma', gamma, gammaDot);
  const product = given.gammaGammaDot ?? ((t: number) => gamma(t) * gammaDot(t));
  for (const t of [0, ...TIMES, 1]) {
    const found = product(t);
    if (!Number.isFinite(found))
      badInput(`γγ̇ at t = ${t} is ${found}: give gammaGammaDot in closed form where γ̇ is infinite`);
    const simple = gamma(t) * gammaDot(t);
    if (t > 0 && t < 1 && Math.abs(found - simple) > 1e-6 * Math.max(1, Math.abs(simple)))
      badInput(`gammaGammaDot(${t}) is ${found}, but gamma·gammaDot is ${simple}`);
  }
  return {
    name,
    formula,
    at(t, out = { gamma: 0, gammaDot: 0, gammaGammaDot: 0 }) {
      out.gamma = gamma(t);
      const slope = gammaDot(t);
      // Where it is infinite, its value a little way inside.
      out.gammaDot = Number.isFinite(slope) ? slope : gammaDot(Math.min(1 - 1e-9, Math.max(1e-9, t)));
      out.gammaGammaDot = product(t);
      return out;
    },
  };
}
