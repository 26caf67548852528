import { resolve } from 'node:path';
import type { InterpolantRun } from '../families/interpolant/settings.js';
import { defaultGrid } from '../interpolant/grids.js';
import type { RunConfig } from '../model/run_config.js';
import type { Diffusion } from '../samplers/diffusion.js';
import { DEFAULT_TOLERANCE } from '../samplers/dopri5.js';
import { type SamplingOptions, samplingField } from '../samplers/plan.js';
import { DEFAULT_CHURN, DEFAULT_CORRECTOR } from '../samplers/solver.js';
import { solverByName } from '../samplers/solvers.js';
import { type Stirring, stirring } from '../samplers/stirring.js';
import type { SolverTable } from '../samplers/table.js';
import { sha256 } from './digest.js';
import type { TrainedRun } from './trained_run.js';

/** How samples were made, defaults filled in: everything but the seed's draws that their values depend on. */
export interface SamplingRecord {
  readonly n: number;
  readonly seed: number;
  readonly solver: string;
  /** Of dopri5 those of a sample, on average. */
  readonly steps: number;
  readonly grid: string | null;
  /** Null for a family that follows none. */
  readonly path: string | null;
  readonly backward: boolean;
  readonly guidance: number;
  /** What was asked for, and what the steps used of it; null where a solver takes none. */
  readonly diffusion: (Diffusion & { readonly epsilon: Stirring }) | null;
  readonly last_step: string | null;
  readonly churn: number | null;
  readonly corrector: { readonly steps: number; readonly ratio: number } | null;
  readonly tolerance: number | null;
  /** One label for all samples, or where the labels come from; null for a model without. */
  readonly label: number | string | null;
  readonly start: string;
  readonly function_evaluations: number;
  readonly device: string;
  readonly model: ModelRecord;
}

export interface ModelRecord {
  readonly file: string;
  readonly sha256: string;
}

/** Which model made a result. */
export function modelRecord(run: TrainedRun): ModelRecord {
  return { file: resolve(run.file('model')), sha256: sha256(run.read('model')) };
}

/** What a solver with a table did, or what the adaptive one did without. */
export interface SolverSettings {
  readonly options: SamplingOptions & { readonly solver: string };
  /** Null for dopri5. */
  readonly table: SolverTable | null;
}

export type SolverRecord = Pick<
  SamplingRecord,
  | 'solver'
  | 'grid'
  | 'path'
  | 'backward'
  | 'guidance'
  | 'diffusion'
  | 'last_step'
  | 'churn'
  | 'corrector'
  | 'tolerance'
>;

/** The settings of a solver as they are in force. */
export function solverRecord({ options, table }: SolverSettings, { settings }: InterpolantRun): SolverRecord {
  const { path = settings.path, backward = false, guidance = 1 } = options;
  const common = { solver: options.solver, path, backward, guidance };
  if (table === null) {
    const { absolute } = { ...DEFAULT_TOLERANCE, ...options.tolerance };
    return {
      ...common,
      ...{ grid: null, diffusion: null, last_step: null, churn: null, corrector: null, tolerance: absolute },
    };
  }
  const solver = solverByName(options.solver);
  const { diffusion = { name: 'sigma', scale: 1 } as Diffusion, lastStep = 'none' } = options;
  return {
    ...common,
    grid: options.grid ?? defaultGrid(samplingField(settings, options).schedule),
    diffusion: solver.freeDiffusion
      ? { ...diffusion, epsilon: stirring(samplingField(settings, options), diffusion, table) }
      : null,
    last_step: solver.stochastic ? lastStep : null,
    churn: solver.name === 'edm-churn' ? (options.churn?.churn ?? DEFAULT_CHURN.churn) : null,
    corrector: solver.corrects ? { ...DEFAULT_CORRECTOR, ...options.corrector } : null,
    tolerance: null,
  };
}

/** Of a family that has no solver to choose: it draws in its own way. */
export const ownRecord = ({ family }: RunConfig): SolverRecord => ({
  ...{ solver: family, grid: null, path: null, backward: false, guidance: 1, diffusion: null },
  ...{ last_step: null, churn: null, corrector: null, tolerance: null },
});

/** The largest share of its level by which a step of EDM's algorithm 2 raises the noise: √2 − 1. */
const MOST_CHURN = Math.SQRT2 - 1;

/** A share of held steps that is worth a word. */
const WORTH_SAYING = 0.1;

/** What was asked for and did not happen as asked, a line each. */
export function heldBack(record: SolverRecord, steps: number): string[] {
  const { diffusion, churn } = record;
  const lines: string[] = [];
  if (diffusion && diffusion.epsilon.held > WORTH_SAYING * diffusion.epsilon.steps) {
    const { most, held, steps: all } = diffusion.epsilon;
    const where = held === all ? `all ${all} steps` : `${held} of ${all} steps`;
    lines.push(
      `ε(t) is held down in ${where} to what steps of that length can take; at most ${Number(most.toPrecision(3))} is used: take more steps, or a smaller --epsilon than ${diffusion.scale}`,
    );
  }
  if (churn !== null && churn > MOST_CHURN * steps)
    lines.push(
      `--churn ${churn} counts as ${(MOST_CHURN * steps).toFixed(1)}, the most that ${steps} steps take`,
    );
  return lines;
}
