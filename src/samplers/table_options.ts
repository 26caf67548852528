import { badInput } from '../errors.js';
import { unknownName } from '../suggest.js';
import { checkDiffusion, type Diffusion } from './diffusion.js';
import type { Field } from './field.js';
import type { ChurnOptions, CorrectorOptions, Solver } from './solver.js';
import { freeSolvers } from './solvers.js';

export const lastStepNames = ['none', 'mean', 'euler', 'tweedie'] as const;

export type LastStep = (typeof lastStepNames)[number];

export interface TableOptions {
  /** ε(t); `sigma` with scale 1 if not given. Only for SDE solvers that bring no noise of their own. */
  readonly diffusion?: Diffusion;
  /** Guidance scale w in u + w (c − u); 1, off, if not given. */
  readonly guidance?: number;
  /**
   * How the last step of an SDE is taken (SiT, arXiv 2401.08740): `none` as all others; `mean` without its noise;
   * `euler` along the ODE; `tweedie` to E[x1 | x], which only leads to data.
   */
  readonly lastStep?: LastStep;
  /** Of `edm-churn`. */
  readonly churn?: Partial<ChurnOptions>;
  /** Of `predictor-corrector` and `langevin`. */
  readonly corrector?: Partial<CorrectorOptions>;
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

function checkLastStep(solver: Solver, backward: boolean, lastStep: LastStep): void {
  if (!lastStepNames.includes(lastStep)) unknownName('last step', lastStep, lastStepNames);
  if (lastStep === 'none') return;
  if (!solver.stochastic) badInput(`${solver.name} adds no noise: leave the last step at none`);
  if (lastStep === 'mean' && !solver.freeDiffusion)
    badInput(
      `the mean of a last step is that of an SDE of free ε(t): with ${solver.name} take none, euler or tweedie`,
    );
  if (lastStep === 'tweedie' && backward)
    badInput('tweedie ends at the data, and this run at the base: take the last step none, mean or euler');
}

function checkSolverDiffusion(solver: Solver, diffusion: Diffusion): void {
  checkDiffusion(diffusion);
  if (solver.freeDiffusion) return;
  const why = solver.stochastic ? 'brings noise of its own' : 'adds no noise';
  badInput(`${solver.name} ${why} and takes no diffusion: leave it out, or take ${freeSolvers().join(', ')}`);
}

function checkChurn(solver: Solver, churn: Partial<ChurnOptions>): void {
  for (const [key, value] of Object.entries(churn))
    if (!(Number.isFinite(value) && value >= 0)) badInput(`churn ${key} is ${value}; it must be 0 or more`);
  if (solver.name !== 'edm-churn') badInput(`churn belongs to edm-churn: leave it out with ${solver.name}`);
}

function checkCorrector(solver: Solver, { steps, ratio }: Partial<CorrectorOptions>): void {
  if (steps !== undefined && !(Number.isInteger(steps) && steps >= 0))
    badInput(`corrector steps is ${steps}; it must be a whole number, 0 or more`);
  if (ratio !== undefined && !(ratio > 0 && ratio < 1))
    badInput(`the corrector's ratio is ${ratio}; it must be above 0 and below 1`);
  if (!solver.corrects)
    badInput(
      `corrector steps belong to predictor-corrector and langevin: leave them out with ${solver.name}`,
    );
}

/** @throws TributaryError('bad-input') for names, numbers and combinations that make no sense, with what would */
export function checkTableOptions(
  solver: Solver,
  grid: Float64Array,
  field: Field,
  options: TableOptions,
): void {
  const { guidance = 1, lastStep = 'none', diffusion, corrector, churn } = options;
  const backward = grid[1] < grid[0];
  if (!Number.isFinite(guidance)) badInput(`guidance is ${guidance}; it must be a number, 1 for none`);
  checkLastStep(solver, backward, lastStep);
  if (diffusion !== undefined) checkSolverDiffusion(solver, diffusion);
  if (churn !== undefined) checkChurn(solver, churn);
  if (corrector !== undefined) checkCorrector(solver, corrector);
  if (solver.stochastic && field.withoutScore !== null)
    badInput(`${solver.name} needs a score: ${field.withoutScore}, or choose an ODE solver`);
  if (!solver.oneSided) return;
  if (field.twoSided)
    badInput(`${solver.name} is made for one-sided interpolants; for a two-sided one take heun or sde-heun`);
  if (backward) badInput(`${solver.name} leads from noise to data: give a grid that rises`);
}
