import { badInput } from '../errors.js';
import type { InterpolantConfig } from '../interpolant/config.js';
import { defaultGrid, type GridName, timeGrid } from '../interpolant/grids.js';
import { type Schedule, scheduleByName } from '../interpolant/schedule.js';
import type { AdaptiveOptions } from './adaptive.js';
import { checkTolerance, DEFAULT_TOLERANCE, type Tolerance } from './dopri5.js';
import { type Field, fieldOf } from './field.js';
import { rescheduled } from './one_sided.js';
import { solverByName } from './solvers.js';
import { type SolverTable, solverTable } from './table.js';
import type { TableOptions } from './table_options.js';

/** How a trained model is to be sampled. */
export interface SamplingOptions extends TableOptions {
  readonly solver?: string;
  readonly steps?: number;
  /** See `defaultGrid`; that of the path which is sampled along if not given. */
  readonly grid?: GridName;
  /** The path to sample along, where it is another than the trained one; see `rescheduled`. */
  readonly path?: string | undefined;
  /** From data to noise. */
  readonly backward?: boolean;
  /** Of dopri5, which takes it in place of steps and a grid. */
  readonly tolerance?: Partial<Tolerance>;
  /** As given to the trainer. */
  readonly schedule?: Schedule;
  readonly pointBase?: boolean;
}

/** The field that sampling goes through, along the trained path or another. */
export function samplingField(config: InterpolantConfig, options: SamplingOptions = {}): Field {
  const { path, schedule, pointBase = false } = options;
  const field = fieldOf(config, { ...(schedule ? { schedule } : {}), pointBase });
  if (path === undefined || path === config.path) return field;
  return rescheduled(field, scheduleByName(path, 'none', 1, config));
}

/**
 * The solver's table for a model trained with `config`.
 * @throws TributaryError('bad-input') for names, numbers and combinations that make no sense, with what would
 */
export function samplingTable(config: InterpolantConfig, options: SamplingOptions = {}): SolverTable {
  const { solver = 'heun', steps = 50, backward = false } = options;
  if (options.tolerance !== undefined)
    badInput(`a tolerance belongs to dopri5: leave it out with ${solver}, or take that solver`);
  const field = samplingField(config, options);
  const { grid = defaultGrid(field.schedule) } = options;
  const { sigmaMin, sigmaMax } = config;
  // EDM's levels are its config's; elsewhere the grid spans what the path has, from 0.002 on.
  const times = timeGrid(grid, steps, field.schedule, config.path === 'edm' ? { sigmaMin, sigmaMax } : {});
  return solverTable(solverByName(solver), backward ? times.reverse() : times, field, options);
}

/** What a solver with a table of steps takes and the adaptive one does not. */
const OF_TABLES = {
  steps: 'number of steps',
  grid: 'time grid',
  diffusion: 'diffusion',
  lastStep: 'last step',
  churn: 'churn',
  corrector: 'corrector steps',
} as const satisfies Partial<Record<keyof SamplingOptions, string>>;

/**
 * What `AdaptiveSampler` and `integrateAdaptive` take, for a model trained with `config`.
 * @throws TributaryError('bad-input') for what belongs to solvers with a table of steps, and numbers that make no sense
 */
export function adaptiveSampling(
  config: InterpolantConfig,
  options: SamplingOptions = {},
): { field: Field; options: AdaptiveOptions } {
  for (const [key, name] of Object.entries(OF_TABLES))
    if (options[key as keyof typeof OF_TABLES] !== undefined)
      badInput(`dopri5 chooses its own steps along the ODE and takes no ${name}: leave it out, or take rk4`);
  const { guidance = 1, backward = false } = options;
  if (!Number.isFinite(guidance)) badInput(`guidance is ${guidance}; it must be a number, 1 for none`);
  const tolerance = { ...DEFAULT_TOLERANCE, ...options.tolerance };
  checkTolerance(tolerance);
  return { field: samplingField(config, options), options: { tolerance, guidance, backward } };
}
