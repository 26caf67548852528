import { badInput } from '../errors.js';
import { unknownName } from '../suggest.js';
import { isSteep } from './clock.js';
import { coefficients, type Schedule } from './schedule.js';
import { timeOfLogSigma } from './time_table.js';

export const gridNames = ['uniform', 'chebyshev', 'karras', 'logsnr'] as const;

export type GridName = (typeof gridNames)[number];

export interface GridOptions {
  /** ρ of Karras' grid. */
  readonly rho?: number;
  /** Noise levels α/β between which `karras` and `logsnr` lay their times. */
  readonly sigmaMin?: number;
  readonly sigmaMax?: number;
}

/**
 * The grid on which solvers keep their order along a path: Chebyshev's where α̇ or γ̇ is infinite at an end, Karras'
 * for EDM's, whose even times would leave all its lower noise levels to one step; even times elsewhere.
 */
export function defaultGrid(schedule: Schedule): GridName {
  if (schedule.path.name === 'edm') return 'karras';
  return isSteep(schedule, true) ? 'chebyshev' : 'uniform';
}

function checkSteps(steps: number): void {
  if (!Number.isInteger(steps) || steps < 1 || steps > 1e6)
    badInput(`steps is ${steps}; it must be a whole number from 1 to 1000000`);
}

/** `steps + 1` evenly spaced times from 0 to 1. */
export function uniformGrid(steps: number): Float64Array {
  checkSteps(steps);
  return Float64Array.from({ length: steps + 1 }, (_, i) => i / steps);
}

/** Half of the second half is mirrored, so that the last node is 1 to the bit. */
const arcsine = (u: number): number =>
  u > 0.5 ? 1 - Math.sin((Math.PI / 2) * (1 - u)) ** 2 : Math.sin((Math.PI / 2) * u) ** 2;

/** A path that begins above it has no largest noise level: its signal is 0 there but for rounding. */
const ENDLESS = 1e9;
/** From where such a path's levels are laid out; what is above is the first step's. */
const LARGEST = 80;

/** The noise levels that a schedule's own ends allow, at least 0.002; all of them above, where the path has a largest. */
function levels(schedule: Schedule, { sigmaMin = 0.002, sigmaMax }: GridOptions): [number, number] {
  const c = coefficients();
  const sigma = (t: number) => {
    schedule.at(t, c);
    return c.alpha / c.beta;
  };
  sigmaMax ??= sigma(0) < ENDLESS ? sigma(0) : LARGEST;
  const [largest, least] = [Math.min(sigmaMax, sigma(0)), Math.max(sigmaMin, sigma(1))];
  if (!(least > 0 && largest > least))
    badInput(`noise levels from ${least} to ${largest} make no grid; they must be positive and rise`);
  return [largest, least];
}

/**
 * `steps + 1` times from 0 to 1. `uniform` spaces them evenly, `chebyshev` as Chebyshev's nodes sin²(½π i/steps),
 * between which γ = √(a t(1 − t)) changes by equal parts of its phase; `karras` evenly in σ^{1/ρ} (2206.00364, eq. 5) and
 * `logsnr` evenly in ln σ, σ = α/β; both reach t = 1 in their last step.
 * @throws TributaryError('bad-input') for an unknown name, steps below 1, or a two-sided schedule with a grid of
 *   noise levels
 */
export function timeGrid(
  name: GridName,
  steps: number,
  schedule: Schedule,
  options: GridOptions = {},
): Float64Array {
  if (!gridNames.includes(name)) unknownName('time grid', name, gridNames);
  if (name === 'uniform') return uniformGrid(steps);
  if (name === 'chebyshev') return uniformGrid(steps).map(arcsine);
  checkSteps(steps);
  if (schedule.gamma.name !== 'none')
    badInput(
      `the ${name} grid is one of noise levels, for one-sided interpolants: take uniform or chebyshev`,
    );
  const [largest, least] = levels(schedule, options);
  const { rho = 7 } = options;
  const transform = name === 'karras' ? (s: number) => s ** (1 / rho) : Math.log;
  const back = name === 'karras' ? (s: number) => s ** rho : Math.exp;
  const [first, last] = [transform(largest), transform(least)];
  const grid = new Float64Array(steps + 1);
  // A path that keeps some noise ends at its least level; another has one more step, from the least to none.
  const levelled = schedule.at(1).alpha > 0 ? steps : Math.max(1, steps - 1);
  for (let i = 1; i < steps; i++) {
    const level = back(first + (i / levelled) * (last - first));
    grid[i] = timeOfLogSigma(schedule, Math.log(level));
  }
  grid[steps] = 1;
  return grid;
}
