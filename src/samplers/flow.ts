import { UPDATE, UPDATE_COLUMNS } from '../backend/contracts/solver.js';
import { badInput } from '../errors.js';
import type { Solver } from './solvers.js';
import { checkGrid } from './table.js';

/**
 * A velocity that is affine in what a network gives, at one time: b(t, X) = x·X + head·F(input·X, time). Every
 * head and path has this form, and its divergence is x·d + head·input·∇·F.
 */
export interface AffineVelocity {
  readonly x: number;
  readonly head: number;
  /** What the network's points are scaled by. */
  readonly input: number;
  /** The time that the network is told. */
  readonly time: number;
}

export type VelocityAt = (t: number) => AffineVelocity;

/** The velocity of a network that learned it. */
export const velocityHead: VelocityAt = (time) => ({ x: 0, head: 1, input: 1, time });

/**
 * A Runge–Kutta method on an affine velocity as a table for `broadcast_time` and `solver_update`. Everything that
 * is affine is multiplied out here, so that a device sees only the network's values F_s: one row a step with the
 * network's times, then blocks of coefficients of the points it sees, of the step, and of the step of ∫∇·b dt.
 */
export interface FlowTable {
  readonly solver: Solver;
  readonly steps: number;
  readonly stages: number;
  readonly stride: number;
  readonly timeColumn: (stage: number) => number;
  /** The block that makes the points of a stage from X (as x) and F_1 … (as k1 …). */
  readonly pointColumn: (stage: number) => number;
  /** X ← y·X + Σ k_s F_s */
  readonly stepColumn: number;
  /**
   * ℓ ← ℓ + Σ k_s ∇·F_s: what is added to ln ρ0, so −∫∇·b dt from noise to data, whichever way the grid goes.
   */
  readonly divergenceColumn: number;
  /** k1 = |X|² gives ln ρ0 up to its constant, the same in every row. */
  readonly baseColumn: number;
  /** (1 − w) k1 + w k2, the same in every row: guidance. */
  readonly guidanceColumn: number;
  /** Whether the first stage's network sees X itself. */
  readonly startsAtX: boolean;
  /** [steps, stride] */
  readonly rows: Float64Array;
  /** Whether the grid goes from noise to data. */
  readonly rises: boolean;
  /** What of ℓ is the same for every point: −∫ x(t)·d dt from noise to data, by the same method. */
  readonly shared: number;
  readonly grid: Float64Array;
}

/** Most network values that one update can combine. */
const MOST_STAGES = 4;

/**
 * @param grid strictly rising or falling times
 * @param options coordinates of a point; w of b = b(∅) + w (b(label) − b(∅)); the base's standard deviation
 * @throws TributaryError('bad-input') for a solver that is stochastic or has more than four stages, for a grid
 *   that is not monotone, and for a velocity that is not finite at a time that the solver asks for
 */
export function flowTable(
  solver: Solver,
  grid: Float64Array,
  velocity: VelocityAt,
  { dim, guidance = 1, baseScale = 1 }: { dim: number; guidance?: number; baseScale?: number },
): FlowTable {
  checkGrid(grid);
  const stages = solver.b.length;
  if (solver.stochastic) badInput(`${solver.name} follows no flow: a density needs an ODE solver`);
  if (stages > MOST_STAGES) badInput(`${solver.name} has ${stages} stages; at most ${MOST_STAGES} go here`);
  const steps = grid.length - 1;
  const block = (index: number) => stages + index * UPDATE_COLUMNS;
  const [stepColumn, divergenceColumn, guidanceColumn, baseColumn] = [0, 1, 2, 3].map((i) =>
    block(stages + i),
  );
  const stride = block(stages + 4);
  const rises = grid[steps] > grid[0];
  const rows = new Float64Array(steps * stride);
  let shared = 0;
  let startsAtX = true;
  for (let step = 0; step < steps; step++) {
    const t = grid[step];
    const h = grid[step + 1] - t;
    const row = rows.subarray(step * stride, (step + 1) * stride);
    // Stage s: its point is own·X + Σ_r parts_r F_r, its velocity the same with slope.
    const slopes: { own: number; parts: number[] }[] = [];
    for (let s = 0; s < stages; s++) {
      const { x, head, input, time } = at(velocity, t + solver.c[s] * h);
      const point = combine(slopes, solver.a[s], h, stages);
      row[s] = time;
      row[block(s) + UPDATE.x] = input * point.own;
      point.parts.forEach((part, r) => {
        row[block(s) + UPDATE.k1 + r] = input * part;
      });
      if (s === 0 && input !== 1) startsAtX = false;
      const parts = point.parts.map((part, r) => x * part + (r === s ? head : 0));
      slopes.push({ own: x * point.own, parts });
      const weight = -Math.abs(h) * solver.b[s];
      row[divergenceColumn + UPDATE.k1 + s] = weight * head * input;
      shared += weight * x * dim;
    }
    const end = combine(slopes, solver.b, h, stages);
    row[stepColumn + UPDATE.y] = end.own;
    end.parts.forEach((part, r) => {
      row[stepColumn + UPDATE.k1 + r] = part;
    });
    row[divergenceColumn + UPDATE.y] = 1;
    row[baseColumn + UPDATE.k1] = -0.5 / (baseScale * baseScale);
    row[guidanceColumn + UPDATE.k1] = 1 - guidance;
    row[guidanceColumn + UPDATE.k1 + 1] = guidance;
  }
  return {
    ...{ solver, steps, stages, stride, stepColumn, divergenceColumn, guidanceColumn, baseColumn },
    ...{ startsAtX, rows, rises, shared, grid },
    timeColumn: (stage) => stage,
    pointColumn: block,
  };
}

function at(velocity: VelocityAt, t: number): AffineVelocity {
  const found = velocity(t);
  for (const [name, value] of Object.entries(found)) {
    if (!Number.isFinite(value))
      badInput(`the velocity's coefficient ${name} is ${value} at t = ${t}: end the time grid before it`);
  }
  return found;
}

/** X + h Σ_s weight_s b_s, on X and on the network's values. */
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
