/** Steps with noise. */
import { coefficients } from '../interpolant/schedule.js';
import { timeOfLogSigma } from '../interpolant/time_table.js';
import type { Field } from './field.js';
import { heldStep } from './ode_steps.js';
import type { Solver } from './solver.js';
import type { StepBuilder } from './step.js';
import { Terms } from './terms.js';

/**
 * ε s with the sign of time: dX = (b ± ε s)dt, forwards and backwards.
 * @param h the step's length in the field's clock
 * @param time its length in t
 */
const stirred = (
  builder: StepBuilder,
  t: number,
  point: Terms,
  epsilon: number,
  h: number,
  time: number,
): Terms => {
  const drift = builder.motion(t, point).times(h);
  // Where ε is 0 the score may be infinite.
  if (epsilon === 0) return drift;
  return drift.plus(builder.score(t, point), Math.abs(time) * epsilon);
};

export const eulerMaruyama: Solver['step'] = (builder, { t, next, epsilon, field, hold }) => {
  if (hold) {
    // Where the score is infinite no step of Euler's ends: without noise, which vanishes with α.
    builder.result = heldStep(builder, field, t, next);
    return;
  }
  const { clock } = field;
  const w = epsilon(t);
  builder.result = Terms.x
    .plus(stirred(builder, t, Terms.x, w, clock.uOf(next) - clock.uOf(t), next - t))
    .plus(Terms.noise, Math.sqrt(2 * w * Math.abs(next - t)));
};

/** Both stages see the same noise, whose variance is the trapezoid's of 2ε. */
export const sdeHeun: Solver['step'] = (builder, { t, next, epsilon, field, hold }) => {
  const { clock } = field;
  // Where no noise is left the score is infinite, and ε is 0.
  if (hold || (!field.twoSided && field.schedule.at(next, coefficients()).alpha === 0)) {
    builder.result = heldStep(builder, field, t, next);
    return;
  }
  const [h, time] = [clock.uOf(next) - clock.uOf(t), next - t];
  const [w0, w1] = [epsilon(t), epsilon(next)];
  const noise = Terms.noise.times(Math.sqrt((w0 + w1) * Math.abs(time)));
  const first = stirred(builder, t, Terms.x, w0, h, time);
  const second = stirred(builder, next, Terms.x.plus(first).plus(noise), w1, h, time);
  builder.result = Terms.x.plus(first, 0.5).plus(second, 0.5).plus(noise);
};

/**
 * Noise is raised to σ̂ = (1 + g) σ, then Heun's step leads from there to the next time. The point at σ̂ is never
 * stored: it is a combination of x and the noise, and all that follows is too.
 */
export const edmChurn: Solver['step'] = (builder, { t, next, index, steps, field, churn, hold }) => {
  const { schedule, range, clock } = field;
  const from = schedule.at(t, coefficients());
  const sigma = from.alpha / from.beta;
  const inside = index > 0 && sigma >= churn.least && sigma <= churn.most;
  const raise = inside ? Math.min(churn.churn / steps, Math.SQRT2 - 1) : 0;
  let start = t;
  let point = Terms.x;
  if (raise > 0) {
    start = Math.max(range.low, timeOfLogSigma(schedule, Math.log(sigma * (1 + raise))));
    const raised = schedule.at(start, coefficients());
    const ratio = raised.beta / from.beta;
    const variance = raised.alpha ** 2 - (ratio * from.alpha) ** 2;
    point = Terms.x.times(ratio).plus(Terms.noise, churn.noise * Math.sqrt(Math.max(0, variance)));
  }
  if (hold) {
    builder.result = heldStep(builder, field, start, next, point);
    return;
  }
  const h = clock.uOf(next) - clock.uOf(start);
  const first = builder.motion(start, point);
  const second = builder.motion(next, point.plus(first, h));
  builder.result = point.plus(first, h / 2).plus(second, h / 2);
};

/** The exact posterior of x at the next time given x now and the x1 expected (arXiv 2006.11239, eqs. 6 and 7). */
export const ancestral: Solver['step'] = (builder, { t, next, field }) => {
  const { c } = field.at(t);
  const to = field.schedule.at(next, coefficients());
  const ratio = c.beta / to.beta;
  const between = Math.max(0, c.alpha ** 2 - (ratio * to.alpha) ** 2);
  const total = c.alpha ** 2;
  builder.result = Terms.x
    .times((ratio * to.alpha ** 2) / total)
    .plus(builder.data(t, Terms.x), (to.beta * between) / total)
    .plus(Terms.noise, to.alpha * Math.sqrt(between / total));
};

/** x + ε s + √(2ε) ξ at one time, with ε = 2 (r σ)² for ‖ξ‖/‖s‖ ≈ σ (2011.13456, algorithm 4). */
export const langevinStep = (builder: StepBuilder, t: number, field: Field, ratio: number): void => {
  const { c } = field.at(t);
  const sigma = field.twoSided ? c.gamma : c.alpha;
  const epsilon = 2 * (ratio * sigma) ** 2;
  builder.result = Terms.x.plus(builder.score(t, Terms.x), epsilon).plus(Terms.noise, Math.sqrt(2 * epsilon));
};
