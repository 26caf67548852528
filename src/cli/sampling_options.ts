import { type Command, InvalidArgumentError } from 'commander';
import { familyByName } from '../families/family.js';
import { gridNames } from '../interpolant/grids.js';
import { pathNames } from '../interpolant/paths.js';
import { type DiffusionName, diffusionNames } from '../samplers/diffusion.js';
import type { SamplingOptions } from '../samplers/plan.js';
import { solverNames } from '../samplers/solvers.js';
import { lastStepNames, type TableOptions } from '../samplers/table.js';
import type { RunConfig } from '../train/config.js';
import { notNegativeNumber, wholeNumber } from './options.js';

/** What the command line says about a solver; what it leaves out is the family's own. */
export interface SolverChoice {
  solver?: string;
  steps?: number;
  grid?: string;
  diffusion?: string;
  epsilon?: number | 'optimal';
  lastStep?: string;
  guidance?: number;
  path?: string;
  churn?: number;
  correctorSteps?: number;
  tolerance?: number;
  backward?: boolean;
}

function finiteNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

function epsilonScale(text: string): number | 'optimal' {
  return text === 'optimal' ? text : notNegativeNumber(text);
}

export function addSolverOptions(command: Command): Command {
  return command
    .option('--solver <name>', `one of ${solverNames.join(', ')} (default: the family's)`)
    .option('--steps <n>', "solver steps (default: the family's)", wholeNumber(1, 1_000_000))
    .option('--grid <name>', `times of the steps: ${gridNames.join(', ')} (default: the family's)`)
    .option('--diffusion <name>', `an SDE's ε(t): ${diffusionNames.join(', ')} (default sigma)`)
    .option('--epsilon <scale>', "its scale, or 'optimal': √(ΔL_b/ΔL_s) of the run (default 1)", epsilonScale)
    .option('--last-step <name>', `an SDE's last step: ${lastStepNames.join(', ')} (default none)`)
    .option('--guidance <w>', 'scale of classifier-free guidance, 1 for none', finiteNumber)
    .option('--path <name>', `sample along another path: ${pathNames.join(', ')}`)
    .option('--churn <amount>', "EDM's S_churn, for edm-churn", notNegativeNumber)
    .option('--corrector-steps <n>', 'Langevin steps after each step', wholeNumber(0, 1000))
    .option('--tolerance <error>', 'of dopri5, relative and absolute (default 1e-5)', notNegativeNumber);
}

/** A choice completed by the run's family, as `samplingTable` takes it. */
export function samplingOptionsOf(
  choice: SolverChoice,
  config: RunConfig,
): SamplingOptions & { solver: string; steps: number } {
  const own = familyByName(config.family).sampling;
  const table: { -readonly [K in keyof TableOptions]: TableOptions[K] } = {};
  if (choice.diffusion !== undefined || choice.epsilon !== undefined) {
    const scale = typeof choice.epsilon === 'number' ? choice.epsilon : 1;
    table.diffusion = { name: (choice.diffusion ?? 'sigma') as DiffusionName, scale };
  }
  if (choice.guidance !== undefined) table.guidance = choice.guidance;
  if (choice.lastStep !== undefined) table.lastStep = choice.lastStep as (typeof lastStepNames)[number];
  if (choice.churn !== undefined) table.churn = { churn: choice.churn };
  if (choice.correctorSteps !== undefined) table.corrector = { steps: choice.correctorSteps };
  const solver = choice.solver ?? own.solver;
  return {
    ...table,
    solver,
    steps: choice.steps ?? own.steps,
    // A grid of noise levels is a family's own; another solver of the same family keeps it.
    grid: (choice.grid ?? own.grid) as (typeof gridNames)[number],
    path: choice.path,
    backward: choice.backward ?? false,
    pointBase: config.data.base !== undefined,
  };
}
