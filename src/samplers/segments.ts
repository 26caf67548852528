import { badInput } from '../errors.js';
import type { Field } from './field.js';
import type { Solver } from './solver.js';
import { isDistilled } from './trained_times.js';

/** A part of a grid's step, and how it is taken. */
export interface Segment {
  readonly from: number;
  readonly to: number;
  /**
   * `inside` by the solver's own step; `hold` out of the trained range, with what is known at its beginning; `enter`
   * from an open end of time, with what is known at its far end.
   */
  readonly kind: 'inside' | 'hold' | 'enter';
  /** The number of the grid's step. */
  readonly index: number;
  /** Whether the grid's step ends here. */
  readonly ends: boolean;
}

/** Closer to an end than this a range reaches it, but for what is infinite there. */
const NEAR = 1e-4;

/** No step enters from an end further than this, in the clock's time: there nothing is known of the other end. */
const FURTHEST = 0.25;

/** Computed times that differ by this share of their distance to the end, or by rounding, are the same. */
const SAME = 1e-9;
const ROUNDING = 4 * Number.EPSILON;

type SolverShape = Pick<Solver, 'order' | 'tableau'>;

interface Side {
  /** The end of time, 0 or 1. */
  readonly end: number;
  /** The last trained time before it. */
  readonly edge: number;
  readonly open: boolean;
  /** Distance from the end, in the clock's time. */
  readonly distance: (t: number) => number;
  readonly at: (distance: number) => number;
}

function sideOf(field: Field, end: 0 | 1, solver?: SolverShape): Side {
  const { clock, range, openEnds, twoSided } = field;
  const open = end === 0 ? openEnds.noise : openEnds.data;
  const trained = end === 0 ? range.low : range.high;
  // A two-sided field goes on beyond its range where nothing there is infinite; so does that of a path with a root at
  // its end, for what is evaluated along the flow.
  const goesOn = solver?.tableau !== undefined && !clock.even && Math.abs(trained - end) <= NEAR * (1 + SAME);
  const edge = !open && (twoSided || goesOn) ? end : trained;
  return {
    ...{ end, open },
    edge: open && Math.abs(edge - end) < NEAR ? Math.abs(end - NEAR) : edge,
    distance: (t) => Math.abs(clock.uOf(t) - end),
    at: (distance) => clock.tOf(Math.abs(end - distance)),
  };
}

/** Whether t lies between the edge and the end. */
const beyondEdge = ({ end, edge }: Side, t: number): boolean =>
  Math.abs(edge - end) - Math.abs(t - end) > SAME * Math.abs(edge - end) + ROUNDING;

const atEdge = ({ end, edge }: Side, t: number): boolean =>
  Math.abs(t - edge) <= SAME * Math.abs(edge - end) + ROUNDING && edge !== end;

/** Whether a time is outside the trained range, for a field that does not go on there. */
export const isBeyond = (field: Field, t: number): boolean =>
  beyondEdge(sideOf(field, 1), t) || (sideOf(field, 0).open && beyondEdge(sideOf(field, 0), t));

/**
 * Times between `near` and `far` that double their distance from the end. So a method keeps its order beside an end
 * where coefficients grow like the inverse distance, and no error of the networks is magnified more than twofold.
 */
function doubling(side: Side, near: number, far: number): number[] {
  const times: number[] = [];
  for (let d = 2 * near; d < far * (1 - SAME); d *= 2) times.push(side.at(d));
  return times;
}

/** The step of order p beside an open end covers this distance, whose p/2-th power has an error of the same order. */
const innermost = (distance: number, order: number): number =>
  Number.isFinite(order) ? Math.min(distance, Math.min(1, distance) ** Math.max(1, order / 2)) : 0;

/** From an open end to `to`. */
function entering(side: Side, to: number, order: number): number[] {
  const far = side.distance(to);
  const edge = side.distance(side.edge);
  const first = Math.min(far, FURTHEST, Math.max(edge, innermost(far, order)));
  if (!(first < far * (1 - SAME))) return [to];
  // Twice the first is where the next step may end.
  return [side.at(first), ...(order > 2 ? doubling(side, first, far) : []), to];
}

/** From `from` to the place where what is known is held: times after `from`, none where it is held at once. */
function leaving(side: Side, from: number, { order, tableau }: SolverShape): number[] {
  const near = Math.abs(side.edge - side.end) <= NEAR * (1 + SAME);
  // Methods of noise levels end by holding what they know; Runge–Kutta's gain an order by the last part of their way.
  if (!side.open) return near && tableau === undefined ? [] : [side.edge];
  const far = side.distance(from);
  const edge = side.distance(side.edge);
  const last = near ? Math.max(edge, innermost(far, order)) : edge;
  if (!(last < far * (1 - SAME))) return [];
  return [...doubling(side, last, far).reverse(), side.at(last)];
}

/**
 * The steps of a grid, divided where the model's trained range ends and where a method would lose its order or magnify
 * what the networks err: at the ends of time where b follows from their outputs by a coefficient without bound.
 * @param wholeLast whether the last step is taken in one, for a last step of its own kind
 * @throws TributaryError('bad-input') for a distilled model in other than one step from noise to data
 */
export function segmentsOf(
  grid: Float64Array,
  field: Field,
  solver: SolverShape,
  wholeLast = false,
): Segment[] {
  const rises = grid[1] > grid[0];
  if (isDistilled(field.range) && !(rises && grid.length === 2))
    badInput('the model was distilled: it knows t = 0 alone, and takes one step from noise to data');
  const sides = [sideOf(field, 0, solver), sideOf(field, 1, solver)];
  const [start, end] = rises ? sides : [sides[1], sides[0]];
  const segments: Segment[] = [];
  for (let index = 0; index < grid.length - 1; index++) {
    let from = grid[index];
    const target = grid[index + 1];
    const add = (to: number, kind: Segment['kind']) => {
      segments.push({ from, to, kind, index, ends: to === target });
      from = to;
    };
    if (from === start.end && start.open) {
      const [first, ...others] = entering(start, target, solver.order);
      add(first, 'enter');
      for (const to of others.slice(0, -1)) add(to, 'inside');
      if (from === target) continue;
    } else if (!start.open && beyondEdge(start, from)) {
      const far = Math.abs(start.edge - start.end) > NEAR * (1 + SAME);
      // Data's end of a grid that falls: held, for there is no noise yet to divide by.
      const kind = start.end === 1 ? 'hold' : 'inside';
      const crosses = beyondEdge(start, from) && !beyondEdge(start, target) && !atEdge(start, target);
      if (kind === 'hold' && !crosses) {
        add(target, 'hold');
        continue;
      }
      if (crosses && (far || kind === 'hold')) add(start.edge, kind);
    }
    if (end.edge === end.end || !beyondEdge(end, target)) {
      add(target, 'inside');
      continue;
    }
    if (beyondEdge(end, from) || atEdge(end, from)) {
      add(target, 'hold');
      continue;
    }
    if (wholeLast && index === grid.length - 2) {
      add(target, 'inside');
      continue;
    }
    for (const to of leaving(end, from, solver)) add(to, 'inside');
    add(target, 'hold');
  }
  return segments;
}
