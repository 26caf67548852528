import { badInput } from '../errors.js';

/** Dormand & Prince 1980, J. Comp. Appl. Math. 6, table 2: order 5 with an embedded solution of order 4. */
export const A = [
  [],
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
] as const;
export const C = [0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1] as const;
/** The fifth-order weights less the fourth-order ones. */
export const E = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40] as const;

export interface Tolerance {
  /** A step is accepted where the root mean square of error/(absolute + relative·|x|) is at most 1. */
  readonly absolute: number;
  readonly relative: number;
  /** Steps that a particle tries at the most. */
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

/** The first step tried, as a share of the way. */
export const FIRST_STEP = 0.01;

/** Shorter than this share of the way no step is tried. */
export const LEAST_STEP = 1e-12;

/** Largest and least factor of the next step's length, and the margin below the one that the error allows. */
const [MOST, LEAST, SAFETY] = [5, 0.2, 0.9];

/** The next step's length beside this one's, by the scaled error of a method of order 5. */
export const stepFactor = (error: number): number =>
  Math.min(MOST, Math.max(LEAST, Number.isFinite(error) ? SAFETY * error ** (-1 / 5) : LEAST));
