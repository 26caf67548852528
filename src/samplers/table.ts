import { UPDATE, UPDATE_COLUMNS } from '../backend/contracts/solver.js';
import { type Field, fieldOf } from './field.js';
import { type Row, rowsOf } from './rows.js';
import type { Solver } from './solver.js';
import { type Evaluation, StepBuilder, sameEvaluation } from './step.js';
import { checkGrid, checkTableOptions, type TableOptions } from './table_options.js';
import { Terms } from './terms.js';

export { uniformGrid } from '../interpolant/grids.js';

/** Slopes that one launch of `solver_update` takes. */
export const SLOPES_A_LAUNCH = 4;

/** An evaluation of a step, and where its point comes from. */
export interface PlannedEvaluation extends Evaluation {
  /** An earlier evaluation at the same point; null where the point has to be made. */
  readonly samePoint: number | null;
  /** Whether the point is x itself in every step. */
  readonly atX: boolean;
}

/**
 * A solver on a time grid as what `broadcast_time`, `solver_update` and `fused_sampler` read: one row a step;
 * first the evaluations' times, then a block of coefficients for each evaluation's point, then one for the step's
 * result, then, where a step keeps something for the next, one for that and one that copies. A block is ⌈slopes/4⌉ updates of seven columns; the slope behind the evaluations' is what
 * was kept. A result goes on from the particles where they are (column y), every other block reads them (column x).
 */
export interface SolverTable {
  readonly solver: Pick<Solver, 'name' | 'stochastic'>;
  readonly steps: number;
  readonly evaluations: readonly PlannedEvaluation[];
  /** Evaluations a step. */
  readonly stages: number;
  /** Whether steps keep something for the next. */
  readonly keeps: boolean;
  readonly stride: number;
  /** Updates a block. */
  readonly launches: number;
  /** [steps, stride] */
  readonly rows: Float64Array;
  /** The time reached before each step and after the last, [steps + 1]. */
  readonly times: Float64Array;
  /** Standard deviation of the noise that each step adds, [steps]; 0 for an ODE. */
  readonly noise: Float64Array;
  /** Standard deviation of the base where particles start. */
  readonly startScale: number;
  readonly heads: Field['heads'];
}

/** What a block of a table computes. */
export type Block =
  | { readonly kind: 'point'; readonly evaluation: number }
  | { readonly kind: 'result' | 'kept' | 'copy' };

/** The column where a block begins. */
export function blockColumn(
  table: Pick<SolverTable, 'evaluations' | 'launches' | 'keeps'>,
  block: Block,
): number {
  const count = table.evaluations.length;
  const size = table.launches * UPDATE_COLUMNS;
  const behind = { result: 0, kept: 1, copy: 2 };
  const index = block.kind === 'point' ? block.evaluation : count + behind[block.kind];
  return count + index * size;
}

/** Writes terms into a block of a row. */
function fill(
  row: Float64Array,
  column: number,
  terms: Terms,
  slots: number,
  keeps: boolean,
  own: number = UPDATE.x,
): void {
  if (!terms.isFinite) throw new Error('a coefficient of the solver is not finite');
  const values = Array.from({ length: slots + (keeps ? 1 : 0) }, (_, s) =>
    s < slots ? (terms.slots[s] ?? 0) : terms.previous,
  );
  row[column + own] = terms.x;
  row[column + UPDATE.noise] = terms.noise;
  values.forEach((value, s) => {
    const launch = Math.floor(s / SLOPES_A_LAUNCH);
    const at = column + launch * UPDATE_COLUMNS;
    // Later launches add to what the first has begun.
    if (launch > 0) row[at + UPDATE.y] = 1;
    row[at + UPDATE.k1 + (s % SLOPES_A_LAUNCH)] = value;
  });
}

/** A sequence of evaluations that holds those of every step in order. */
function commonEvaluations(steps: readonly (readonly Evaluation[])[]): Evaluation[] {
  const common: Evaluation[] = [];
  for (const evaluations of steps) {
    let cursor = 0;
    for (const evaluation of evaluations) {
      const at = common.findIndex((known, s) => s >= cursor && sameEvaluation(known, evaluation));
      if (at < 0) common.push(evaluation);
      cursor = at < 0 ? common.length : at + 1;
    }
  }
  return common;
}

/** Turns steps that have been written down into a table. */
export function compileRows(
  solver: Pick<Solver, 'name' | 'stochastic'>,
  rows: readonly Row[],
  field: Field,
  guidance: number,
): SolverTable {
  const write = (structure: readonly Evaluation[] | null) =>
    rows.map((row) => {
      const builder = new StepBuilder(field, guidance, structure);
      row.write(builder);
      builder.finish();
      return builder;
    });
  const first = write(null);
  const structure = commonEvaluations(first.map(({ evaluations }) => evaluations));
  // Steps of one length pass nothing over, and are written already.
  const built = first.every(({ evaluations }) => evaluations.length === structure.length)
    ? first
    : write(structure);
  const keeps = built.some(({ kept }) => kept !== null);
  const count = structure.length;
  const launches = Math.max(1, Math.ceil((count + (keeps ? 1 : 0)) / SLOPES_A_LAUNCH));
  const evaluations = structure.map((evaluation, s): PlannedEvaluation => {
    const inputs = built.map((builder) => builder.inputs[s]);
    const earlier = Array.from({ length: s }, (_, r) => r).find((r) =>
      built.every((builder) => equal(builder.inputs[r].point, builder.inputs[s].point)),
    );
    return {
      ...evaluation,
      samePoint: earlier ?? null,
      atX: inputs.every(({ point }) => point.isX),
    };
  });
  const shape = { evaluations, launches, keeps };
  const blocks = count + 1 + (keeps ? 2 : 0);
  const stride = count + blocks * launches * UPDATE_COLUMNS;
  const values = new Float64Array(rows.length * stride);
  built.forEach(({ inputs, result, kept }, step) => {
    const row = values.subarray(step * stride, (step + 1) * stride);
    inputs.forEach(({ time, point }, s) => {
      row[s] = time;
      fill(row, blockColumn(shape, { kind: 'point', evaluation: s }), point, count, keeps);
    });
    fill(row, blockColumn(shape, { kind: 'result' }), result ?? Terms.x, count, keeps, UPDATE.y);
    if (keeps) {
      fill(row, blockColumn(shape, { kind: 'kept' }), kept ?? Terms.previous, count, keeps);
      row[blockColumn(shape, { kind: 'copy' }) + UPDATE.x] = 1;
    }
  });
  return {
    solver,
    steps: rows.length,
    stages: count,
    ...shape,
    stride,
    rows: values,
    times: Float64Array.from([rows[0].from, ...rows.map(({ to }) => to)]),
    noise: Float64Array.from(built, ({ result }) => Math.abs(result?.noise ?? 0)),
    startScale: startScale(field, rows[0].from),
    heads: field.heads,
  };
}

/** Particles that are drawn start at the base; those that begin elsewhere are the caller's. */
function startScale(field: Field, t: number): number {
  return t === 0 ? field.baseScale : 1;
}

function equal(a: Terms, b: Terms): boolean {
  const slots = Math.max(a.slots.length, b.slots.length);
  return (
    a.x === b.x &&
    a.noise === b.noise &&
    a.previous === b.previous &&
    Array.from({ length: slots }, (_, s) => (a.slots[s] ?? 0) === (b.slots[s] ?? 0)).every(Boolean)
  );
}

/**
 * @param grid strictly rising (noise to data) or falling times
 * @param field the model's, see `fieldOf`; of a velocity on the linear path if not given
 * @throws TributaryError('bad-input') for a grid that is not monotone, an SDE solver without a score, and options
 *   that make no sense
 */
export function solverTable(
  solver: Solver,
  grid: Float64Array,
  field: Field = fieldOf(),
  options: TableOptions = {},
): SolverTable {
  checkGrid(grid);
  checkTableOptions(solver, grid, field, options);
  return compileRows(solver, rowsOf(solver, grid, field, options), field, options.guidance ?? 1);
}
