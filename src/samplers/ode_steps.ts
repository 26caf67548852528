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
    stochastic: false,
    freeDiffusion: false,
    oneSided: false,
    step(builder, { t, next, field }) {
      const h = next - t;
      // A last stage at an end where the conversion to b is infinite would magnify every error: there the exact
      // exponential step, as Karras et al. end with Euler's.
      if (b.length > 1 && !field.twoSided && next > field.range.high) {
        builder.result = exponentialStep(builder, field, t, next);
        return;
      }
      const slopes: Terms[] = [];
      for (let s = 0; s < b.length; s++) {
        let point = Terms.x;
        a[s].forEach((weight, r) => {
          if (weight !== 0) point = point.plus(slopes[r], h * weight);
        });
        slopes.push(builder.velocity(t + c[s] * h, point));
      }
      builder.result = slopes.reduce((sum, slope, s) => sum.plus(slope, h * b[s]), Terms.x);
    },
  };
}

/** x' = (α'/α) x + (β' − α'β/α) E[x1 | x]: exact where E[x1 | x] does not change (arXiv 2010.02502, eq. 12). */
export function exponentialStep(
  builder: StepBuilder,
  field: Field,
  t: number,
  next: number,
  point = Terms.x,
): Terms {
  const c = field.at(t).c;
  const to = field.schedule.at(next, coefficients());
  const ratio = to.alpha / c.alpha;
  return point.times(ratio).plus(builder.data(t, point), to.beta - ratio * c.beta);
}

export const ddim: Solver['step'] = (builder, { t, next, field }) => {
  builder.result = exponentialStep(builder, field, t, next);
};

/** Of second order by the data prediction of the step before; first and last steps of first order. */
export const dpmSolver: Solver['step'] = (builder, { t, next, before, field }) => {
  const { range, schedule } = field;
  const lambda = (time: number) => {
    const c = schedule.at(Math.min(range.high, Math.max(range.low, time)), coefficients());
    return Math.log(c.beta) - Math.log(c.alpha);
  };
  const data = builder.data(t, Terms.x);
  builder.kept = data;
  const c = field.at(t).c;
  const to = schedule.at(next, coefficients());
  const ratio = to.alpha / c.alpha;
  let expected = data;
  if (before !== null && to.alpha > 0 && next <= range.high) {
    const [old, now, new_] = [lambda(before), lambda(t), lambda(next)];
    const r = (now - old) / (new_ - now);
    if (Number.isFinite(r) && r > 0) {
      const share = 1 / (2 * r);
      expected = data.times(1 + share).plus(Terms.previous, -share);
    }
  }
  builder.result = Terms.x.times(ratio).plus(expected, to.beta - ratio * c.beta);
};
