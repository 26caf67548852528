import { badInput } from '../errors.js';
import { integrate } from '../samplers/integrate.js';
import type { Solver } from '../samplers/solver.js';
import { solverByName } from '../samplers/solvers.js';
import { solverTable } from '../samplers/table.js';

/** A velocity field on the host with its divergence. */
export interface HostFlow {
  /** @param x [n·d] @returns b [n·d] and ∇·b [n] at one time */
  flow(t: number, x: Float64Array): { velocity: Float64Array; divergence: Float64Array };
}

export interface HostDensityOptions {
  readonly dim: number;
  /** Times from 1 to 0; see `gradedGrid`. */
  readonly grid: Float64Array;
  /** Runge–Kutta of order 4 if not given. */
  readonly solver?: Solver;
  /** ln ρ0 of points [n·d], [n]; that of N(0, I) if not given. */
  readonly base?: (x: Float64Array) => Float64Array;
}

/** ln N(x; 0, scale² I) of points [n·dim], [n]. */
export function gaussianLogDensity(x: ArrayLike<number>, dim: number, scale = 1): Float64Array {
  const constant = -0.5 * dim * Math.log(2 * Math.PI * scale * scale);
  return Float64Array.from({ length: x.length / dim }, (_, row) => {
    let square = 0;
    for (let i = row * dim; i < (row + 1) * dim; i++) square += (x[i] / scale) ** 2;
    return constant - 0.5 * square;
  });
}

/**
 * ln ρ1 of points under the flow of an exact field, in float64: ln ρ1(x) = ln ρ0(X_{1→0}) − ∫₀¹ ∇·b dt, the
 * integral along the trajectory that ends in x. Source: Chen et al., arXiv 1806.07366, eq. 8; arXiv 2303.08797,
 * §2.2.
 * @param x [n·dim] data
 * @returns [n] nats
 * @throws TributaryError('bad-input') for a grid that does not fall, and for rows that are not whole
 */
export function integrateLogDensity(
  field: HostFlow,
  x: Float64Array,
  { dim, grid, solver = solverByName('rk4'), base = (at) => gaussianLogDensity(at, dim) }: HostDensityOptions,
): Float64Array {
  const n = x.length / dim;
  if (!Number.isInteger(n)) badInput(`${x.length} numbers are not rows of ${dim} coordinates`);
  if (solver.stochastic) badInput(`${solver.name} follows no flow: a density needs an ODE solver`);
  if (!(grid[0] > grid[grid.length - 1])) badInput('a log density needs times that fall, from data to noise');
  // Points and their integrals move as one array.
  const state = new Float64Array(n * (dim + 1));
  state.set(x);
  const velocity = (t: number, at: Float64Array): Float64Array => {
    const slope = new Float64Array(at.length);
    const { velocity, divergence } = field.flow(t, at.subarray(0, n * dim));
    slope.set(velocity);
    slope.set(divergence, n * dim);
    return slope;
  };
  const end = integrate(solverTable(solver, grid), { velocity }, state);
  return base(end.subarray(0, n * dim)).map((value, row) => value + end[n * dim + row]);
}
