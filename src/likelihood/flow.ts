import { UPDATE, UPDATE_COLUMNS } from '../backend/contracts/solver.js';
import { badInput } from '../errors.js';
import { type GridName, type GridOptions, timeGrid } from '../interpolant/grids.js';
import type { Field } from '../samplers/field.js';
import { gradedGrid } from '../samplers/graded.js';
import type { Solver } from '../samplers/solver.js';
import { checkGrid } from '../samplers/table_options.js';
import { isDistilled, NO_FLOW } from '../samplers/trained_times.js';

/** A network of a flow as a stage evaluates it. */
export interface FlowEvaluation {
  /** Which of the field's heads. */
  readonly head: number;
  /** Whether it is told "no label", for guidance. */
  readonly unlabelled: boolean;
}

/**
 * A Runge–Kutta method on a model's flow as a table for `broadcast_time` and `solver_update`. The velocity
 * b = x·X + Σ_h heads[h]·F_h(input·X, time) has the divergence x·d + input·Σ_h heads[h]·∇·F_h; everything affine is
 * multiplied out here, so that a device sees only the networks' values: one row a step with the networks' times,
 * then blocks of coefficients of the points that stages see, of how their networks mix, and of the step of X and ℓ.
 */
export interface FlowTable {
  readonly solver: Solver;
  readonly steps: number;
  readonly stages: number;
  readonly stride: number;
  /** What every stage evaluates, at most four. Of several, F is the mixture; of one it is the network itself. */
  readonly evaluations: readonly FlowEvaluation[];
  readonly timeColumn: (stage: number) => number;
  /** The block that makes the points of a stage from X (as x) and F_1 … of earlier stages (as k1 …). */
  readonly pointColumn: (stage: number) => number;
  /** F = Σ k_e F_e over a stage's evaluations; not read where there is one. */
  readonly mixColumn: (stage: number) => number;
  /** X ← y·X + Σ k_s F_s */
  readonly stepColumn: number;
  /**
   * ℓ ← ℓ + Σ k_s ∇·F_s: what is added to ln ρ0, so −∫∇·b dt from noise to data, whichever way the grid goes.
   */
  readonly divergenceColumn: number;
  /** k1 = |X|² gives ln ρ0 up to its constant, the same in every row. */
  readonly baseColumn: number;
  /** Whether the first stage's networks see X itself. */
  readonly startsAtX: boolean;
  /** [steps, stride] */
  readonly rows: Float64Array;
  /** Whether the grid goes from noise to data. */
  readonly rises: boolean;
  /** What of ℓ is the same for every point: −∫ x(t)·d dt from noise to data, by the same method. */
  readonly shared: number;
}

/** Values that one update can combine. */
const MOST_SLOPES = 4;

/**
 * @param grid strictly rising or falling times
 * @param options coordinates of a point; w of b(∅) + w (b(label) − b(∅)); the base's standard deviation
 * @throws TributaryError('bad-input') for a solver that is no Runge–Kutta method of up to four stages, for a grid
 *   that is not monotone, and for a velocity that is not finite at a time that the solver asks for
 */
export function flowTable(
  solver: Solver,
  grid: Float64Array,
  field: Field,
  { dim, guidance = 1, baseScale = 1 }: { dim: number; guidance?: number; baseScale?: number },
): FlowTable {
  checkGrid(grid);
  if (isDistilled(field.range)) badInput(`there is no density: ${NO_FLOW}`);
  const { tableau } = solver;
  if (tableau === undefined || tableau.b.length > MOST_SLOPES)
    badInput(`${solver.name} is no Runge–Kutta method on a flow: for a density take rk4 or heun`);
  const stages = tableau.b.length;
  const steps = grid.length - 1;
  const block = (index: number) => stages + index * UPDATE_COLUMNS;
  const mixColumn = (stage: number) => block(stages + stage);
  const [stepColumn, divergenceColumn, baseColumn] = [0, 1, 2].map((i) => block(2 * stages + i));
  const stride = block(2 * stages + 3);
  const rows = new Float64Array(steps * stride);
  const times = Array.from({ length: steps }, (_, step) =>
    tableau.c.map((c) => velocityAt(field, grid[step] + c * (grid[step + 1] - grid[step]))),
  );
  const used = field.heads.map((_, head) => times.flat().some(({ heads }) => heads[head] !== 0));
  const evaluations = field.heads.flatMap((_, head) =>
    !used[head] ? [] : guidance === 1 ? [given(head)] : [given(head), { head, unlabelled: true }],
  );
  // A velocity without any network, such as one that is 0, still asks the first.
  if (evaluations.length === 0) evaluations.push(given(0));
  if (evaluations.length > MOST_SLOPES) badInput(`a flow takes up to two heads, this model has more`);
  const share = ({ unlabelled }: FlowEvaluation) => (unlabelled ? 1 - guidance : guidance);
  let shared = 0;
  let startsAtX = true;
  for (let step = 0; step < steps; step++) {
    const h = grid[step + 1] - grid[step];
    const row = rows.subarray(step * stride, (step + 1) * stride);
    // Stage s: its point is own·X + Σ_r parts_r F_r, its velocity the same with slope.
    const slopes: { own: number; parts: number[] }[] = [];
    times[step].forEach(({ x, heads, input, time }, s) => {
      const factors = evaluations.map((evaluation) => share(evaluation) * heads[evaluation.head]);
      const head = factors.length > 1 ? 1 : factors[0];
      const point = combine(slopes, tableau.a[s], h, stages);
      row[s] = time;
      row[block(s) + UPDATE.x] = input * point.own;
      point.parts.forEach((part, r) => {
        row[block(s) + UPDATE.k1 + r] = input * part;
      });
      factors.forEach((factor, e) => {
        row[mixColumn(s) + UPDATE.k1 + e] = factor;
      });
      if (s === 0 && input !== 1) startsAtX = false;
      const parts = point.parts.map((part, r) => x * part + (r === s ? head : 0));
      slopes.push({ own: x * point.own, parts });
      const weight = -Math.abs(h) * tableau.b[s];
      row[divergenceColumn + UPDATE.k1 + s] = weight * head * input;
      shared += weight * x * dim;
    });
    const end = combine(slopes, tableau.b, h, stages);
    row[stepColumn + UPDATE.y] = end.own;
    end.parts.forEach((part, r) => {
      row[stepColumn + UPDATE.k1 + r] = part;
    });
    row[divergenceColumn + UPDATE.y] = 1;
    row[baseColumn + UPDATE.k1] = -0.5 / (baseScale * baseScale);
  }
  return {
    ...{ solver, steps, stages, stride, evaluations, mixColumn, stepColumn, divergenceColumn, baseColumn },
    ...{ startsAtX, rows, rises: grid[steps] > grid[0], shared },
    timeColumn: (stage) => stage,
    pointColumn: block,
  };
}

const given = (head: number): FlowEvaluation => ({ head, unlabelled: false });

/** The velocity's coefficients at one time, 0 for a head that it does without. */
export function velocityAt(field: Field, t: number) {
  const { velocity, input, time } = field.at(t);
  const heads = velocity.heads.map((factor) => factor ?? 0);
  if (![velocity.x, input, time, ...heads].every(Number.isFinite))
    badInput(`the velocity of this model is not finite at t = ${t}: end the time grid before it`);
  return { x: velocity.x, heads, input, time };
}

/** X + h Σ_s weight_s b_s, on X and on the networks' values. */
function combine(
  slopes: readonly { own: number; parts: readonly number[] }[],
  weights: readonly number[],
  h: number,
  stages: number,
): { own: number; parts: number[] } {
  const parts = new Array<number>(stages).fill(0);
  let own = 1;
  slopes.forEach((slope, s) => {
    const weight = h * (weights[s] ?? 0);
    own += weight * slope.own;
    slope.parts.forEach((part, r) => {
      parts[r] += weight * part;
    });
  });
  return { own, parts };
}

/** Where a flow's density is taken, for a grid that ends short of the data or of the noise. */
export interface FlowEnds {
  /** Data are this times themselves at the data's end of the grid, β, up to what noise is left there. */
  readonly dataScale: number;
  /** Standard deviation of the points at the noise's end. */
  readonly baseScale: number;
}

/**
 * A one-sided model whose conversion to b is infinite at an end was not trained there, and its flow ends before:
 * at x_t = β x1 up to noise that is far below anything in the data, and at N(0, α²) up to a signal as small.
 */
export function flowEnds(field: Field, grid: ArrayLike<number>): FlowEnds {
  const { schedule, twoSided, baseScale } = field;
  const ends = [grid[0], grid[grid.length - 1]];
  const [noise, data] = [Math.min(...ends), Math.max(...ends)];
  if (twoSided) return { dataScale: 1, baseScale };
  return {
    dataScale: schedule.at(data).beta,
    baseScale: noise === 0 ? baseScale : schedule.at(noise).alpha,
  };
}

/**
 * Times from data to noise as far as a model's flow goes.
 * @param grid `uniform`, and `chebyshev` of a one-sided model, grows denser towards the data, see {@link gradedGrid}; the others space noise levels, at
 *   most `steps` of them
 * @param finest of `uniform`
 */
export function flowGrid(
  field: Field,
  steps: number,
  finest: number,
  grid: GridName = 'uniform',
  options: GridOptions = {},
): Float64Array {
  const { low, high } = field.twoSided ? { low: 0, high: 1 } : field.range;
  if (grid === 'uniform' || (grid === 'chebyshev' && !field.twoSided))
    return gradedGrid(steps, finest).map((t) => low + (high - low) * t);
  const inner = timeGrid(grid, steps, field.schedule, options).filter((t) => t > low && t < high);
  return Float64Array.of(high, ...inner.reverse(), low);
}
