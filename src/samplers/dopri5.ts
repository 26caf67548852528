import { badInput } from '../errors.js';
import type { Field } from './field.js';
import type { StepBuilder } from './step.js';
import { compileRows, type SolverTable } from './table.js';
import { Terms } from './terms.js';

/** Dormand & Prince 1980, J. Comp. Appl. Math. 6, table 2: order 5 with an embedded solution of order 4. */
const A = [
  [],
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
] as const;
const C = [0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1] as const;
/** The fifth-order weights less the fourth-order ones. */
const E = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40] as const;

export const DOPRI5_EVALUATIONS = C.length;

/** One step of Dormand and Prince's pair as a table of one row, with its error estimate. */
export function dopri5Row(field: Field, t: number, next: number, guidance: number): SolverTable {
  const h = next - t;
  const write = (builder: StepBuilder): void => {
    const slopes: Terms[] = [];
    let point = Terms.x;
    for (let s = 0; s < C.length; s++) {
      point = A[s].reduce((sum, weight, r) => sum.plus(slopes[r], h * weight), Terms.x);
      slopes.push(builder.velocity(t + C[s] * h, point));
    }
    // The last stage's point is the solution itself.
    builder.result = point;
    builder.error = slopes.reduce((sum, slope, s) => sum.plus(slope, h * E[s]), Terms.zero);
  };
  return compileRows({ name: 'dopri5', stochastic: false }, [{ from: t, to: next, write }], field, guidance);
}

export interface Tolerance {
  /** A step is accepted where the root mean square of error/(absolute + relative·|x|) is at most 1. */
  readonly absolute: number;
  readonly relative: number;
  /** Steps tried at the most. */
  readonly mostSteps: number;
}

export const DEFAULT_TOLERANCE: Tolerance = { absolute: 1e-5, relative: 1e-5, mostSteps: 10_000 };

/** @throws TributaryError('bad-input') for a tolerance that is not positive */
export function checkTolerance({ absolute, relative, mostSteps }: Tolerance): void {
  if (!(absolute > 0 && relative > 0 && absolute < 1 && relative < 1))
    badInput(`tolerances are ${absolute} and ${relative}; they must be above 0 and below 1`);
  if (!Number.isInteger(mostSteps) || mostSteps < 1)
    badInput(`the limit on steps is ${mostSteps}; it must be a whole number from 1`);
}

/** Largest and least factor of the next step's length, and the margin below the one that the error allows. */
const [MOST, LEAST, SAFETY] = [5, 0.2, 0.9];

/**
 * Chooses steps from t = `from` to `to`: tries one, looks at its error, takes it or a shorter one.
 * @param attempt makes a step's candidate and returns its scaled error
 * @param accept makes the candidate the particles
 * @returns how many evaluations were made
 * @throws TributaryError('bad-input') where the steps run out, naming the time reached
 */
export async function adaptiveSteps(
  from: number,
  to: number,
  tolerance: Tolerance,
  attempt: (t: number, next: number) => Promise<number>,
  accept: (t: number, next: number) => Promise<void>,
): Promise<{ evaluations: number; accepted: number }> {
  checkTolerance(tolerance);
  const direction = Math.sign(to - from);
  let t = from;
  let h = 0.01 * Math.abs(to - from);
  let accepted = 0;
  for (let tries = 1; tries <= tolerance.mostSteps; tries++) {
    const left = Math.abs(to - t);
    const last = h >= left * (1 - 1e-9);
    const next = last ? to : t + direction * h;
    const length = Math.abs(next - t);
    const error = await attempt(t, next);
    if (error <= 1) {
      await accept(t, next);
      accepted++;
      if (last) return { evaluations: tries * DOPRI5_EVALUATIONS, accepted };
      t = next;
    }
    const factor = Number.isFinite(error) ? SAFETY * error ** (-1 / 5) : LEAST;
    h = length * Math.min(MOST, Math.max(LEAST, factor));
    if (!(h > 1e-12))
      badInput(`dopri5 finds no step at t = ${t} that meets its tolerance; loosen it, or take rk4`);
  }
  badInput(
    `dopri5 has tried ${tolerance.mostSteps} steps and reached t = ${t}; loosen the tolerance, or take rk4`,
  );
}
