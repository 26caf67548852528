import { type Command, InvalidArgumentError } from 'commander';
import { completedSampling } from '../families/interpolant/sampling.js';
import type { InterpolantRun } from '../families/interpolant/settings.js';
import { interpolantByName } from '../families/registry.js';
import { type GridName, gridNames } from '../interpolant/grids.js';
import { pathNames } from '../interpolant/paths.js';
import { type DiffusionName, diffusionNames } from '../samplers/diffusion.js';
import type { SamplingOptions } from '../samplers/plan.js';
import { solverNames } from '../samplers/solvers.js';
import { type LastStep, lastStepNames } from '../samplers/table_options.js';
import { kebab, notNegativeNumber, wholeNumber } from './options.js';

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

/** The options above that were given, as they are written. */
export const givenSolverOptions = (command: Command): string[] =>
  SOLVER_OPTIONS.filter((name) => command.getOptionValueSource(name) === 'cli').map(
    (name) => `--${kebab(name)}`,
  );

export const SOLVER_OPTIONS = [
  'solver',
  'steps',
  'grid',
  'diffusion',
  'epsilon',
  'lastStep',
  'guidance',
  'path',
  'churn',
  'correctorSteps',
  'tolerance',
] as const satisfies (keyof SolverChoice)[];

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
    .option(
      '--diffusion <name>',
      `an SDE's ε(t): ${diffusionNames.join(', ')} (default sigma; constant for the optimal ε)`,
    )
    .option('--epsilon <scale>', "its scale, or 'optimal': √(ΔL_b/ΔL_s) of the run (default 1)", epsilonScale)
    .option('--last-step <name>', `an SDE's last step: ${lastStepNames.join(', ')} (default none)`)
    .option('--guidance <w>', 'scale of classifier-free guidance, 1 for none', finiteNumber)
    .option('--path <name>', `sample along another path: ${pathNames.join(', ')}`)
    .option('--churn <amount>', "EDM's S_churn, for edm-churn", notNegativeNumber)
    .option('--corrector-steps <n>', 'Langevin steps after each step', wholeNumber(0, 1000))
    .option('--tolerance <error>', 'of dopri5, relative and absolute (default 1e-5)', notNegativeNumber);
}

/**
 * A choice completed by the run's family, as `samplingTable` and `adaptiveSampling` take it: what was not said is left
 * to them, so that they refuse only what was.
 */
export function samplingOptionsOf(
  choice: SolverChoice,
  config: InterpolantRun,
): SamplingOptions & { readonly solver: string } {
  const family = interpolantByName(config.family);
  const options: { -readonly [K in keyof SamplingOptions]: SamplingOptions[K] } = {
    path: choice.path,
    backward: choice.backward ?? false,
  };
  if (choice.solver !== undefined) options.solver = choice.solver;
  if (choice.diffusion !== undefined || choice.epsilon !== undefined) {
    const scale = typeof choice.epsilon === 'number' ? choice.epsilon : 1;
    // The optimum of the KL bound is that of a constant ε.
    const name =
      choice.diffusion ??
      (choice.epsilon === 'optimal' ? 'constant' : (family.sampling.diffusion?.name ?? 'sigma'));
    options.diffusion = { name: name as DiffusionName, scale };
  }
  if (choice.guidance !== undefined) options.guidance = choice.guidance;
  if (choice.lastStep !== undefined) options.lastStep = choice.lastStep as LastStep;
  if (choice.churn !== undefined) options.churn = { churn: choice.churn };
  if (choice.correctorSteps !== undefined) options.corrector = { steps: choice.correctorSteps };
  if (choice.tolerance !== undefined)
    options.tolerance = { absolute: choice.tolerance, relative: choice.tolerance };
  if (choice.steps !== undefined) options.steps = choice.steps;
  if (choice.grid !== undefined) options.grid = choice.grid as GridName;
  return completedSampling(family, config, options);
}
