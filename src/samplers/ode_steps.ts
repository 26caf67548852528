/** Steps without noise: Runge–Kutta methods and exponential integrators. */
import { coefficients } from '../interpolant/schedule.js';
import type { Field } from './field.js';
import type { Solver } from './solver.js';
import type { StepBuilder } from './step.js';
import { Terms } from './terms.js';

/** An explicit Runge–Kutta method on dX = b dt by its Butcher tableau. */
export function rungeKutta(
  name: string,
  order: number,
  a: readonly (readonly number[])[],
  b: readonly number[],
  c: readonly number[],
  source: string,
): Solver {
  return {
    name,
    order,
    source,
    tableau: { a, b, c },
    // Higher orders are seen earlier, and reach rounding soon after.
    asymptotic: order > 2 ? 16 : 100,
    stochastic: false,
    freeDiffusion: false,
    oneSided: false,
    step(builder, { t, next, field, hold }) {
      if (hold && b.length > 1) {
        builder.result = heldStep(builder, field, t, next);
        return;
      }
      const { clock } = field;
      const from = clock.uOf(t);
      const h = clock.uOf(next) - from;
      const timeAt = (share: number): number => {
        if (share === 0 || share === 1) return share === 0 ? t : next;
        return clock.tOf(from + share * h);
      };
      const slopes: Terms[] = [];
      for (let s = 0; s < b.length; s++) {
        let point = Terms.x;
        a[s].forEach((weight, r) => {
          if (weight !== 0) point = point.plus(slopes[r], h * weight);
        });
        slopes.push(builder.motion(timeAt(c[s]), point));
      }
      builder.result = slopes.reduce((sum, slope, s) => sum.plus(slope, h * b[s]), Terms.x);
    },
  };
}

/**
 * Exact where E[x0 | x] and E[x1 | x] do not change: x' = (α'/α) x + (β' − α'β/α) E[x1 | x] (arXiv 2010.02502,
 * eq. 12), and towards noise the same written with E[x0 | x], so that nothing is divided by what vanishes there.
 */
export function heldStep(
  builder: StepBuilder,
  field: Field,
  t: number,
  next: number,
  point = Terms.x,
): Terms {
  const { c } = field.at(t);
  const to = field.schedule.at(next, coefficients());
  if (next < t && !field.twoSided) {
    const ratio = to.beta / c.beta;
    return point.times(ratio).plus(builder.base(t, point), to.alpha - ratio * c.alpha);
  }
  const ratio = to.alpha / c.alpha;
  const moved = point.times(ratio).plus(builder.data(t, point), to.beta - ratio * c.beta);
  return field.twoSided ? moved.plus(builder.noise(t, point), to.gamma - ratio * c.gamma) : moved;
}

/**
 * A step from an end of time where the networks' errors are magnified without bound: they are asked at the step's far
 * end, about the point that lies there without the signal (from noise) or without the noise (from data).
 */
export function enteringStep(builder: StepBuilder, field: Field, t: number, next: number): void {
  const { c } = field.at(t);
  const to = field.schedule.at(next, coefficients());
  if (next > t) {
    const ratio = to.alpha / c.alpha;
    const point = Terms.x.times(ratio);
    builder.result = point.plus(builder.data(next, point), to.beta - ratio * c.beta);
  } else {
    const ratio = to.beta / c.beta;
    const point = Terms.x.times(ratio);
    builder.result = point.plus(builder.base(next, point), to.alpha - ratio * c.alpha);
    if (field.twoSided)
      builder.result = builder.result.plus(builder.noise(next, point), to.gamma - ratio * c.gamma);
  }
}

export const ddim: Solver['step'] = (builder, { t, next, field }) => {
  builder.result = heldStep(builder, field, t, next);
};

/** Of second order by the data prediction of the step before; first and last steps of first order. */
export const dpmSolver: Solver['step'] = (builder, { t, next, before, field, hold }) => {
  const { schedule } = field;
  const lambda = (time: number) => {
    const c = schedule.at(time, coefficients());
    return Math.log(c.beta) - Math.log(c.alpha);
  };
  const data = builder.data(t, Terms.x);
  builder.kept = data;
  const { c } = field.at(t);
  const to = schedule.at(next, coefficients());
  const ratio = to.alpha / c.alpha;
  let expected = data;
  if (before !== null && to.alpha > 0 && !hold) {
    const [old, now, new_] = [lambda(before), lambda(t), lambda(next)];
    const r = (now - old) / (new_ - now);
    if (Number.isFinite(r) && r > 0) {
      const share = 1 / (2 * r);
      expected = data.times(1 + share).plus(Terms.previous, -share);
    }
  }
  builder.result = Terms.x.times(ratio).plus(expected, to.beta - ratio * c.beta);
};
