import { badInput } from '../errors.js';
import { coefficients } from '../interpolant/schedule.js';
import { timeOfLogSigma } from '../interpolant/time_table.js';
import { unknownName } from '../suggest.js';
import type { Field } from './field.js';
import type { StepBuilder } from './step.js';
import { Terms } from './terms.js';

/** Where a step goes, and what may be chosen for it. */
export interface StepPlace {
  readonly t: number;
  readonly next: number;
  /** Where the step before began; null in the first. */
  readonly before: number | null;
  /** The step's number, and how many there are. */
  readonly index: number;
  readonly steps: number;
  readonly field: Field;
  /** ε(t) for steps of this length. */
  readonly epsilon: (t: number) => number;
  readonly churn: ChurnOptions;
  readonly corrector: CorrectorOptions;
}

/** EDM's algorithm 2 (arXiv 2206.00364, table 5, in units of σ = α/β). */
export interface ChurnOptions {
  readonly churn: number;
  readonly least: number;
  readonly most: number;
  readonly noise: number;
}

/** Langevin steps after each step of a predictor (arXiv 2011.13456, algorithms 4 and 5). */
export interface CorrectorOptions {
  readonly steps: number;
  /** The signal-to-noise ratio r of a Langevin step. */
  readonly ratio: number;
}

export const DEFAULT_CHURN: ChurnOptions = { churn: 40, least: 0.05, most: 50, noise: 1 };
export const DEFAULT_CORRECTOR: CorrectorOptions = { steps: 1, ratio: 0.16 };

/** An explicit Runge–Kutta method: stage s sees t + c_s h and x + h Σ_{r<s} a_sr k_r, the step is x + h Σ b_s k_s. */
export interface Tableau {
  readonly a: readonly (readonly number[])[];
  readonly b: readonly number[];
  readonly c: readonly number[];
}

export interface Solver {
  readonly name: string;
  /** Order of convergence; of an SDE solver the weak order. */
  readonly order: number;
  readonly stochastic: boolean;
  /** Whether ε(t) is the caller's to choose; other SDE solvers bring the noise that is theirs. */
  readonly freeDiffusion: boolean;
  /** Whether it is made of noise levels, for one-sided interpolants from noise to data. */
  readonly oneSided: boolean;
  readonly source: string;
  /** Of a Runge–Kutta method on the flow: what a density's integral along it is made with. */
  readonly tableau?: Tableau;
  /** Writes one step down. */
  step(builder: StepBuilder, place: StepPlace): void;
  /** Langevin steps at the new time, each a step of its own. */
  corrects?: boolean;
}

/** An explicit Runge–Kutta method on dX = b dt by its Butcher tableau. */
function rungeKutta(
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
function exponentialStep(
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

/** ε s with the sign of time: dX = (b ± ε s)dt, forwards and backwards. */
const stirred = (builder: StepBuilder, t: number, point: Terms, epsilon: number, h: number): Terms => {
  const drift = builder.velocity(t, point).times(h);
  // Where ε is 0 the score may be infinite.
  if (epsilon === 0) return drift;
  return drift.plus(builder.score(t, point), Math.abs(h) * epsilon);
};

const eulerMaruyama: Solver['step'] = (builder, { t, next, epsilon, field }) => {
  const h = next - t;
  if (!field.twoSided && next > field.range.high) {
    // Where the score is infinite no step of Euler's ends: without noise, which vanishes with α.
    builder.result = exponentialStep(builder, field, t, next);
    return;
  }
  const w = epsilon(t);
  builder.result = Terms.x
    .plus(stirred(builder, t, Terms.x, w, h))
    .plus(Terms.noise, Math.sqrt(2 * w * Math.abs(h)));
};

/** Both stages see the same noise, whose variance is the trapezoid's of 2ε. */
const sdeHeun: Solver['step'] = (builder, { t, next, epsilon, field }) => {
  const h = next - t;
  // Where no noise is left the score is infinite, and ε is 0.
  if (!field.twoSided && (next > field.range.high || field.schedule.at(next, coefficients()).alpha === 0)) {
    builder.result = exponentialStep(builder, field, t, next);
    return;
  }
  const [w0, w1] = [epsilon(t), epsilon(next)];
  const noise = Terms.noise.times(Math.sqrt((w0 + w1) * Math.abs(h)));
  const first = stirred(builder, t, Terms.x, w0, h);
  const second = stirred(builder, next, Terms.x.plus(first).plus(noise), w1, h);
  builder.result = Terms.x.plus(first, 0.5).plus(second, 0.5).plus(noise);
};

/**
 * Noise is raised to σ̂ = (1 + g) σ, then Heun's step leads from there to the next time. The point at σ̂ is never
 * stored: it is a combination of x and the noise, and all that follows is too.
 */
const edmChurn: Solver['step'] = (builder, { t, next, index, steps, field, churn }) => {
  const { schedule, range } = field;
  const from = schedule.at(Math.min(range.high, Math.max(range.low, t)), coefficients());
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
  const h = next - start;
  const first = builder.velocity(start, point);
  if (next > range.high) {
    builder.result = exponentialStep(builder, field, start, next, point);
    return;
  }
  const second = builder.velocity(next, point.plus(first, h));
  builder.result = point.plus(first, h / 2).plus(second, h / 2);
};

/** The exact posterior of x at the next time given x now and the x1 expected (arXiv 2006.11239, eqs. 6 and 7). */
const ancestral: Solver['step'] = (builder, { t, next, field }) => {
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

const ddim: Solver['step'] = (builder, { t, next, field }) => {
  builder.result = exponentialStep(builder, field, t, next);
};

/** Of second order by the data prediction of the step before; first and last steps of first order. */
const dpmSolver: Solver['step'] = (builder, { t, next, before, field }) => {
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

/** x + ε s + √(2ε) ξ at one time, with ε = 2 (r σ)² for ‖ξ‖/‖s‖ ≈ σ (2011.13456, algorithm 4). */
export const langevinStep = (builder: StepBuilder, t: number, field: Field, ratio: number): void => {
  const { c } = field.at(t);
  const sigma = field.twoSided ? c.gamma : c.alpha;
  const epsilon = 2 * (ratio * sigma) ** 2;
  builder.result = Terms.x.plus(builder.score(t, Terms.x), epsilon).plus(Terms.noise, Math.sqrt(2 * epsilon));
};

const ode = { stochastic: false, freeDiffusion: false, oneSided: false } as const;
const sde = { stochastic: true, freeDiffusion: true, oneSided: false } as const;
const ownNoise = { ...sde, freeDiffusion: false } as const;

const solvers: readonly Solver[] = [
  rungeKutta('euler', 1, [[]], [1], [0], 'Euler 1768'),
  rungeKutta('midpoint', 2, [[], [1 / 2]], [0, 1], [0, 1 / 2], 'Runge 1895'),
  rungeKutta('heun', 2, [[], [1]], [1 / 2, 1 / 2], [0, 1], 'Heun 1900; arXiv 2206.00364, algorithm 1'),
  rungeKutta(
    'rk4',
    4,
    [[], [1 / 2], [0, 1 / 2], [0, 0, 1]],
    [1 / 6, 1 / 3, 1 / 3, 1 / 6],
    [0, 1 / 2, 1 / 2, 1],
    'Kutta 1901',
  ),
  { ...ode, name: 'ddim', order: 1, oneSided: true, source: 'Song et al., arXiv 2010.02502', step: ddim },
  {
    ...ode,
    name: 'dpm-solver++',
    order: 2,
    oneSided: true,
    source: 'Lu et al., arXiv 2211.01095, algorithm 2 (2M)',
    step: dpmSolver,
  },
  {
    ...sde,
    name: 'euler-maruyama',
    order: 1,
    source: 'Maruyama 1955; Kloeden & Platen 1992, §10.2',
    step: eulerMaruyama,
  },
  {
    ...sde,
    name: 'sde-heun',
    order: 2,
    source: 'Kloeden & Platen 1992, §15.1, for additive noise',
    step: sdeHeun,
  },
  {
    ...ownNoise,
    name: 'edm-churn',
    order: 1,
    oneSided: true,
    source: 'Karras et al., arXiv 2206.00364, algorithm 2',
    step: edmChurn,
  },
  {
    ...ownNoise,
    name: 'ancestral',
    order: 1,
    oneSided: true,
    source: 'Ho, Jain & Abbeel, arXiv 2006.11239, algorithm 2',
    step: ancestral,
  },
  {
    ...sde,
    name: 'predictor-corrector',
    order: 1,
    source: 'Song et al., arXiv 2011.13456, algorithms 1, 4 and 5',
    step: eulerMaruyama,
    corrects: true,
  },
  {
    ...ownNoise,
    name: 'langevin',
    order: 1,
    source: 'Song & Ermon, arXiv 1907.05600, with the probability flow between the levels',
    step: (builder, { t, next }) => {
      builder.result = Terms.x.plus(builder.velocity(t, Terms.x), next - t);
    },
    corrects: true,
  },
];

/** The names of the solvers that take a diffusion ε(t). */
export const freeSolvers = (): string[] =>
  solvers.filter(({ freeDiffusion }) => freeDiffusion).map(({ name }) => name);

/** Solvers with a table of steps: all but the adaptive one. */
export const tableSolverNames: readonly string[] = solvers.map(({ name }) => name);

export const solverNames: readonly string[] = [...tableSolverNames, 'dopri5'];

/** @throws TributaryError('bad-input') with the nearest valid name, and for the adaptive solver, which has no table */
export function solverByName(name: string): Solver {
  if (name === 'dopri5') badInput('dopri5 chooses its own steps: it has a tolerance and no table of steps');
  return solvers.find((solver) => solver.name === name) ?? unknownName('solver', name, solverNames);
}
