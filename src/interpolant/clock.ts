import { type Coefficients, coefficients, type Schedule } from './schedule.js';

/**
 * The time that a solver's steps are even in: a schedule whose α̇ is infinite at an end moves evenly in
 * u = (2/π) arcsin √t, in which all its coefficients have finite derivatives; every other in t itself. A γ̇ that is
 * infinite makes no difference: b = v − γγ̇ s has none of it.
 */
export interface Clock {
  /** Whether u is t. */
  readonly even: boolean;
  readonly uOf: (t: number) => number;
  readonly tOf: (u: number) => number;
  /** dt/du */
  readonly rate: (t: number) => number;
}

const EVEN: Clock = { even: true, uOf: (t) => t, tOf: (u) => u, rate: () => 1 };

const ARCSINE: Clock = {
  even: false,
  // From the nearer end, so that no digit is lost beside it.
  uOf: (t) =>
    t > 0.5 ? 1 - (2 / Math.PI) * Math.asin(Math.sqrt(1 - t)) : (2 / Math.PI) * Math.asin(Math.sqrt(t)),
  tOf: (u) => (u > 0.5 ? 1 - Math.sin((Math.PI / 2) * (1 - u)) ** 2 : Math.sin((Math.PI / 2) * u) ** 2),
  rate: (t) => Math.PI * Math.sqrt(t * (1 - t)),
};

/** A derivative that is this much larger at an end than a little inside is infinite there, whatever is returned. */
const STEEP = 100;
const INSIDE = 1e-4;

/**
 * Whether a derivative of the path, or of γ where that is asked for as well, is infinite at an end of time, as of
 * square roots.
 */
export function isSteep(schedule: Schedule, withGamma = false): boolean {
  const dots = ({ alphaDot, betaDot, gammaDot }: Coefficients) =>
    [alphaDot, betaDot, ...(withGamma ? [gammaDot] : [])].map(Math.abs);
  return [0, 1].some((end) => {
    const inside = dots(schedule.at(Math.abs(end - INSIDE)));
    return dots(schedule.at(end)).some((dot, i) => !(dot <= STEEP * Math.max(1, inside[i])));
  });
}

export const clockOf = (schedule: Schedule): Clock => (isSteep(schedule) ? ARCSINE : EVEN);

/** Derivatives of α, β and γ by the clock's u. */
export interface Rates {
  readonly alpha: number;
  readonly beta: number;
  readonly gamma: number;
}

/** So near an end a square root is told from what is smooth. */
const NEAR = 1e-12;

/** df/du at an end where f is 0: of k√|t − end|, which is k √NEAR at a distance of NEAR. */
function atRoot(value: (t: number) => number, end: number): number {
  const near = value(Math.abs(end - NEAR));
  return ((end === 0 ? 1 : -1) * (Math.PI / 2) * near) / Math.sqrt(NEAR);
}

/**
 * @param t in [0, 1]
 * @param c the schedule's coefficients at t
 */
export function ratesOf(schedule: Schedule, clock: Clock, t: number, c: Coefficients): Rates {
  if (clock.even) return { alpha: c.alphaDot, beta: c.betaDot, gamma: c.gammaDot };
  const rate = clock.rate(t);
  if (rate > 0) return { alpha: rate * c.alphaDot, beta: rate * c.betaDot, gamma: rate * c.gammaDot };
  const of = (name: 'alpha' | 'beta' | 'gamma') =>
    c[name] === 0 ? atRoot((time) => schedule.at(time, coefficients())[name], t) : 0;
  return { alpha: of('alpha'), beta: of('beta'), gamma: of('gamma') };
}
