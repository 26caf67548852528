import type { InterpolantConfig } from '../interpolant/config.js';
import { type GridName, timeGrid } from '../interpolant/grids.js';
import { type Schedule, scheduleByName } from '../interpolant/schedule.js';
import { type Field, fieldOf, rescheduled } from './field.js';
import { solverByName } from './solvers.js';
import { type SolverTable, solverTable, type TableOptions } from './table.js';

/** How a trained model is to be sampled. */
export interface SamplingOptions extends TableOptions {
  readonly solver?: string;
  readonly steps?: number;
  readonly grid?: GridName;
  /** The path to sample along, where it is another than the trained one; see `rescheduled`. */
  readonly path?: string | undefined;
  /** From data to noise. */
  readonly backward?: boolean;
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
  const { solver = 'heun', steps = 50, grid = 'uniform', backward = false } = options;
  const field = samplingField(config, options);
  const { sigmaMin, sigmaMax } = config;
  // EDM's levels are its config's; elsewhere the grid spans what the path has, at most from 0.002 to 80.
  const times = timeGrid(grid, steps, field.schedule, config.path === 'edm' ? { sigmaMin, sigmaMax } : {});
  return solverTable(solverByName(solver), backward ? times.reverse() : times, field, options);
}
