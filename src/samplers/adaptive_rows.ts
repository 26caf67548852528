import { badInput } from '../errors.js';
import type { Combination } from './combination.js';
import { A, C, E, FIRST_STEP, LEAST_STEP, stepFactor, type Tolerance } from './dopri5.js';
import type { Field } from './field.js';
import { combineBlock } from './integrate.js';
import { enteringStep, heldStep } from './ode_steps.js';
import { type Segment, segmentsOf } from './segments.js';
import type { StepBuilder } from './step.js';
import { compileRows } from './table.js';

/**
 * What the networks say of points that each have their own time: the outputs by head, [rows·dim] each, guided where
 * that is asked for.
 * @param times [rows] and
 * @param inputs [rows·dim] as the networks are given them
 * @param particles the number of each row's particle
 */
export type EvaluateRows = (
  times: Float64Array,
  inputs: Float64Array,
  particles: readonly number[],
) => Promise<readonly ArrayLike<number>[]>;

/** A particle on its way. */
interface Traveller {
  readonly particle: number;
  readonly x: Float64Array;
  /** Slopes of the step's stages; the first is known from the step before. */
  readonly slopes: Float64Array[];
  readonly stage: Float64Array;
  known: boolean;
  /** In the field's clock. */
  u: number;
  h: number;
  tries: number;
}

export interface AdaptiveRun {
  readonly dim: number;
  /** How many particles there are. */
  readonly n: number;
  /** How many are on their way together. */
  readonly together: number;
  readonly tolerance: Tolerance;
  readonly backward: boolean;
  /** Where particle i begins, [dim]. */
  readonly start: (particle: number) => Float64Array;
  /** Sees particle i where it ends. */
  readonly finish: (particle: number, x: Float64Array) => void;
  readonly evaluate: EvaluateRows;
  /** Called after every round of steps with the particles that have arrived. */
  readonly onProgress?: (done: number) => Promise<void>;
}

/** c.x·x + Σ c.heads·outputs of row r. */
function combine(
  { x: own, heads }: Combination,
  x: Float64Array,
  outputs: readonly ArrayLike<number>[],
  r: number,
  out: Float64Array,
): void {
  const dim = x.length;
  for (let i = 0; i < dim; i++) {
    let sum = own === 0 ? 0 : own * x[i];
    for (let h = 0; h < heads.length; h++) {
      const factor = heads[h];
      if (factor !== null && factor !== 0) sum += factor * outputs[h][r * dim + i];
    }
    out[i] = sum;
  }
}

/** The way of all particles: perhaps a step in from an open end, the part of adaptive steps, and one that is held. */
function wayOf(
  field: Field,
  backward: boolean,
): { before: Segment[]; from: number; to: number; after: Segment[] } {
  const grid = backward ? Float64Array.of(1, 0) : Float64Array.of(0, 1);
  // As a method of high order does it: as near to the ends as the model was trained.
  const segments = segmentsOf(grid, field, {
    order: Number.POSITIVE_INFINITY,
    tableau: { a: [], b: [], c: [] },
  });
  const inside = segments.filter(({ kind }) => kind === 'inside');
  const first = segments.findIndex(({ kind }) => kind === 'inside');
  if (first < 0) return { before: segments, from: 0, to: 0, after: [] };
  return {
    before: segments.slice(0, first),
    from: inside[0].from,
    to: inside[inside.length - 1].to,
    after: segments.slice(first + inside.length),
  };
}

/**
 * The probability flow by Dormand and Prince's pair of orders 5 and 4 (J. Comp. Appl. Math. 6, 1980), each particle
 * with steps of its own choice, in the field's clock: what becomes of one does not depend on who travels beside it.
 * The last stage of a step that is taken is the first of the next, so that a try costs six evaluations.
 * @returns evaluations and steps taken of all particles together
 * @throws TributaryError('bad-input') where no step meets the tolerance, or too many are tried, naming the time reached
 */
export async function adaptiveRows(
  field: Field,
  run: AdaptiveRun,
): Promise<{ evaluations: number; accepted: number }> {
  const { dim, n, together, tolerance, backward, evaluate } = run;
  const { clock } = field;
  const way = wayOf(field, backward);
  const [from, to] = [clock.uOf(way.from), clock.uOf(way.to)];
  const length = Math.abs(to - from);
  const direction = Math.sign(to - from);
  const timeAt = (u: number): number => {
    if (u === from || u === to) return u === from ? way.from : way.to;
    return clock.tOf(u);
  };
  // Where the trained range ends the field bends: no step goes across.
  const bends = [field.range.low, field.range.high].map(clock.uOf);
  const stopOf = (u: number): number =>
    direction *
    Math.min(...[...bends, to].map((stop) => direction * stop).filter((stop) => stop > direction * u));
  let evaluations = 0;
  let accepted = 0;
  let done = 0;
  let next = 0;
  const travelling: Traveller[] = [];
  const ask = (times: Float64Array, inputs: Float64Array, rows: readonly Traveller[]) => {
    evaluations += rows.length;
    return evaluate(
      times,
      inputs,
      rows.map(({ particle }) => particle),
    );
  };
  const joined = (rows: readonly Traveller[], of: (row: Traveller) => Float64Array): Float64Array => {
    const out = new Float64Array(rows.length * dim);
    rows.forEach((row, r) => {
      out.set(of(row), r * dim);
    });
    return out;
  };

  /** A step that is the solver's own for no one: the same for all, as for every other solver. */
  const move = async (group: Traveller[], { from: t, to: end, kind }: Segment) => {
    const write = (builder: StepBuilder) => {
      if (kind === 'enter') enteringStep(builder, field, t, end);
      else builder.result = heldStep(builder, field, t, end);
    };
    const table = compileRows({ name: 'dopri5', stochastic: false }, [{ from: t, to: end, write }], field, 1);
    const x = joined(group, ({ x: own }) => own);
    const outputs: Float64Array[] = [];
    for (const [s, { head }] of table.evaluations.entries()) {
      const point = combineBlock(table, table.rows, { kind: 'point', evaluation: s }, x, outputs, null);
      const times = new Float64Array(group.length).fill(table.rows[s]);
      outputs.push(Float64Array.from((await ask(times, point, group))[head]));
    }
    const moved = combineBlock(table, table.rows, { kind: 'result' }, x, outputs, null);
    group.forEach((traveller, r) => {
      traveller.x.set(moved.subarray(r * dim, (r + 1) * dim));
    });
  };

  const slopesAt = async (rows: Traveller[], stage: number, us: number[]) => {
    const at = us.map((u) => field.at(timeAt(u)));
    const pointOf = ({ x, stage: point }: Traveller) => (stage === 0 ? x : point);
    const inputs = joined(rows, pointOf).map((value, i) => at[Math.floor(i / dim)].input * value);
    const outputs = await ask(
      Float64Array.from(at, ({ time }) => time),
      inputs,
      rows,
    );
    rows.forEach((row, r) => {
      combine(at[r].motion, pointOf(row), outputs, r, row.slopes[stage]);
    });
  };

  /** Tries a step of every traveller; those that have arrived are left out of what is returned. */
  const attempt = async (): Promise<Traveller[]> => {
    const fresh = travelling.filter(({ known }) => !known);
    if (fresh.length > 0)
      await slopesAt(
        fresh,
        0,
        fresh.map(({ u }) => u),
      );
    for (const traveller of fresh) traveller.known = true;
    const ends = travelling.map(({ u, h }) => {
      const stop = stopOf(u);
      return h >= Math.abs(stop - u) * (1 - 1e-9) ? stop : u + direction * h;
    });
    for (let s = 1; s < C.length; s++) {
      travelling.forEach(({ x, u, slopes, stage }, r) => {
        const h = ends[r] - u;
        for (let i = 0; i < dim; i++) {
          let sum = 0;
          for (let q = 0; q < s; q++) sum += A[s][q] * slopes[q][i];
          stage[i] = x[i] + h * sum;
        }
      });
      await slopesAt(
        travelling,
        s,
        travelling.map(({ u }, r) => (C[s] === 1 ? ends[r] : u + C[s] * (ends[r] - u))),
      );
    }
    return travelling.filter((traveller, r) => !settle(traveller, ends[r]));
  };

  /** Takes or refuses a step that was tried. @returns whether the particle has arrived */
  const settle = (traveller: Traveller, end: number): boolean => {
    const { x, u, slopes, stage, particle } = traveller;
    let square = 0;
    for (let i = 0; i < dim; i++) {
      let error = 0;
      for (let s = 0; s < E.length; s++) error += E[s] * slopes[s][i];
      error *= end - u;
      // The last stage's point is the solution itself.
      const scale = tolerance.absolute + tolerance.relative * Math.max(Math.abs(x[i]), Math.abs(stage[i]));
      square += (error / scale) ** 2 / dim;
    }
    const error = Math.sqrt(square);
    traveller.tries++;
    if (error <= 1) {
      x.set(stage);
      slopes[0].set(slopes[C.length - 1]);
      traveller.u = end;
      accepted++;
      if (end === to) return true;
    }
    const next = Math.abs(end - u) * stepFactor(error);
    // A step that was cut short says nothing against longer ones.
    const cut = error <= 1 && Math.abs(end - u) < traveller.h;
    traveller.h = cut ? Math.max(next, traveller.h) : next;
    if (!(traveller.h > LEAST_STEP * length))
      badInput(
        `dopri5 finds no step at t = ${timeAt(u)} that meets its tolerance for particle ${particle}; loosen it, or take rk4`,
      );
    if (traveller.tries >= tolerance.mostSteps)
      badInput(
        `dopri5 has tried ${tolerance.mostSteps} steps for particle ${particle} and reached t = ${timeAt(traveller.u)}; ` +
          'loosen the tolerance, or take rk4',
      );
    return false;
  };

  while (done < n) {
    const admitted: Traveller[] = [];
    for (; next < n && travelling.length + admitted.length < together; next++) {
      admitted.push({
        ...{ particle: next, x: Float64Array.from(run.start(next)), stage: new Float64Array(dim) },
        slopes: C.map(() => new Float64Array(dim)),
        ...{ known: false, u: from, h: FIRST_STEP * length, tries: 0 },
      });
    }
    for (const segment of way.before) if (admitted.length > 0) await move(admitted, segment);
    travelling.push(...admitted);
    const all = [...travelling];
    const left = length > 0 ? await attempt() : [];
    const arrived = all.filter((traveller) => !left.includes(traveller));
    for (const segment of way.after) if (arrived.length > 0) await move(arrived, segment);
    for (const { particle, x } of arrived) run.finish(particle, x);
    done += arrived.length;
    travelling.splice(0, travelling.length, ...left);
    await run.onProgress?.(done);
  }
  return { evaluations, accepted };
}
