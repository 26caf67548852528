import { UPDATE, UPDATE_COLUMNS } from '../backend/contracts/solver.js';
import { badInput } from '../errors.js';
import type { Solver } from './solvers.js';

/**
 * A solver on a time grid as the table that `broadcast_time` and `solver_update` read: one row a step; first
 * the stages' times, then one block of coefficients a stage but the first, then the step's own block.
 */
export interface SolverTable {
  readonly solver: Solver;
  readonly steps: number;
  readonly stages: number;
  readonly stride: number;
  /** The first column of the block that makes stage s's point (s ≥ 1), and of the step's own block. */
  readonly stageColumn: (stage: number) => number;
  readonly stepColumn: number;
  /** [steps, stride] */
  readonly rows: Float64Array;
  /** The noise kept out of the velocity: which coefficients an SDE step needs, see {@link SdeTerms}. */
  readonly grid: Float64Array;
}

/**
 * What an SDE adds to the drift b, written on what the networks give: ε s = x·X + velocity·b̂ + denoiser·η̂.
 * Forwards the drift is b + ε s, backwards b − ε s (arXiv 2303.08797, corollary 2.10).
 */
export interface SdeTerms {
  readonly x: number;
  readonly velocity: number;
  readonly denoiser: number;
  /** ε(t) ≥ 0 */
  readonly epsilon: number;
}

/** `steps + 1` evenly spaced times from 0 to 1. */
export function uniformGrid(steps: number): Float64Array {
  if (!Number.isInteger(steps) || steps < 1 || steps > 1e6) {
    badInput(`steps is ${steps}; it must be a whole number from 1 to 1000000`);
  }
  return Float64Array.from({ length: steps + 1 }, (_, i) => i / steps);
}

/** @throws TributaryError('bad-input') when the grid is not strictly monotone inside [0, 1] */
export function checkGrid(grid: ArrayLike<number>): void {
  if (grid.length < 2) badInput('a time grid needs at least two times');
  const sign = Math.sign(grid[1] - grid[0]);
  for (let i = 0; i < grid.length; i++) {
    if (!(grid[i] >= 0 && grid[i] <= 1)) badInput(`time ${i} of the grid is ${grid[i]}; times lie in [0, 1]`);
    if (i > 0 && (sign === 0 || Math.sign(grid[i] - grid[i - 1]) !== sign)) {
      badInput(`the time grid must rise or fall strictly; time ${i} is ${grid[i]} after ${grid[i - 1]}`);
    }
  }
}

/**
 * @param grid strictly rising (noise to data) or falling times
 * @param sde the drift's coefficients at a time; needed by a stochastic solver only
 * @throws TributaryError('bad-input') for a grid that is not monotone, or an SDE solver without a score
 */
export function solverTable(solver: Solver, grid: Float64Array, sde?: (t: number) => SdeTerms): SolverTable {
  checkGrid(grid);
  if (solver.stochastic && sde === undefined) {
    badInput(`${solver.name} needs a score: sample a family that has one, or choose an ODE solver`);
  }
  const stages = solver.b.length;
  const steps = grid.length - 1;
  const stageColumn = (stage: number) => stages + (stage - 1) * UPDATE_COLUMNS;
  const stepColumn = stageColumn(stages);
  const stride = stepColumn + UPDATE_COLUMNS;
  const rows = new Float64Array(steps * stride);
  for (let step = 0; step < steps; step++) {
    const t = grid[step];
    const h = grid[step + 1] - t;
    const row = rows.subarray(step * stride, (step + 1) * stride);
    for (let s = 0; s < stages; s++) {
      row[s] = t + solver.c[s] * h;
      if (s === 0) continue;
      row[stageColumn(s) + UPDATE.x] = 1;
      solver.a[s].forEach((a, r) => {
        row[stageColumn(s) + UPDATE.k1 + r] = h * a;
      });
    }
    row[stepColumn + UPDATE.y] = 1;
    if (solver.stochastic && sde) {
      const { x, velocity, denoiser, epsilon } = sde(t);
      // |h| and not h: backwards in time both the step and the sign of ε s turn round.
      row[stepColumn + UPDATE.y] = 1 + Math.abs(h) * x;
      row[stepColumn + UPDATE.k1] = h + Math.abs(h) * velocity;
      row[stepColumn + UPDATE.k2] = Math.abs(h) * denoiser;
      row[stepColumn + UPDATE.noise] = Math.sqrt(2 * epsilon * Math.abs(h));
    } else {
      solver.b.forEach((b, s) => {
        row[stepColumn + UPDATE.k1 + s] = h * b;
      });
    }
  }
  return { solver, steps, stages, stride, stageColumn, stepColumn, rows, grid };
}
