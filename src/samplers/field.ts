import { badInput } from '../errors.js';
import {
  DEFAULT_INTERPOLANT,
  type InterpolantConfig,
  isTwoSided,
  scheduleOf,
} from '../interpolant/config.js';
import { type Head, oneSidedConversion } from '../interpolant/heads.js';
import { type Coefficients, coefficients, type Schedule } from '../interpolant/schedule.js';
import { networkInput, timeOfLogSigma, timeRange } from '../interpolant/time_table.js';

/** x·X + Σ_h heads[h]·F_h on the particles X and the networks' raw outputs F; null for a head it does without. */
export interface Combination {
  readonly x: number;
  readonly heads: readonly (number | null)[];
}

/** A model's field at one t: what its networks see, and what follows from their outputs. */
export interface FieldAt {
  /** The networks are given input·X and `time`. */
  readonly input: number;
  readonly time: number;
  /** b */
  readonly velocity: Combination;
  /** s = ∇ ln ρ_t; null where the heads do not give it. */
  readonly score: Combination | null;
  /** E[x1 | x_t], E[x0 | x_t]; null where the heads do not give them. */
  readonly data: Combination | null;
  readonly base: Combination | null;
  /** Of the interpolant at the time that is evaluated. */
  readonly c: Coefficients;
}

/** A trained model as solvers see it: every quantity is linear in the point and in what the networks say. */
export interface Field {
  readonly heads: readonly Head[];
  readonly schedule: Schedule;
  readonly twoSided: boolean;
  /** Times outside are evaluated at the nearest inside: the model was not trained there. */
  readonly range: { readonly low: number; readonly high: number };
  /** Standard deviation of the base, N(0, σ0² I). */
  readonly baseScale: number;
  /** Why there is no score, null where there is one. */
  readonly withoutScore: string | null;
  at(t: number): FieldAt;
}

const only = (heads: readonly Head[], values: Partial<Record<Head, number>>, x = 0): Combination => ({
  x,
  heads: heads.map((head) => values[head] ?? null),
});

function oneSidedAt(
  config: InterpolantConfig,
  head: Head,
  t: number,
  c: Coefficients,
  gaussian: boolean,
): FieldAt {
  const { scale, time } = networkInput(config, head, t, c);
  const to = (target: Head): Combination => {
    const { x, head: factor } = oneSidedConversion(head, target, c, config.sigmaData);
    return { x, heads: [factor] };
  };
  return {
    input: scale,
    time,
    velocity: to('velocity'),
    score: gaussian ? to('score') : null,
    data: to('data'),
    base: to('denoiser'),
    c,
  };
}

/** b of a two-sided interpolant; 2303.08797, §2.3. */
function twoSidedVelocity(heads: readonly Head[], c: Coefficients): Combination {
  if (heads.includes('velocity')) return only(heads, { velocity: 1 });
  if (heads.includes('drift')) {
    return heads.includes('denoiser')
      ? only(heads, { drift: 1, denoiser: c.gammaDot })
      : only(heads, { drift: 1, score: -c.gammaGammaDot });
  }
  if (heads.includes('data')) {
    // E x0 from α E x0 + β E x1 + γ η = x.
    const ratio = c.alphaDot / c.alpha;
    return only(heads, { data: c.betaDot - ratio * c.beta, denoiser: c.gammaDot - ratio * c.gamma }, ratio);
  }
  // The mirror: I stands still.
  return heads.includes('denoiser')
    ? only(heads, { denoiser: c.gammaDot })
    : only(heads, { score: -c.gammaGammaDot });
}

function twoSidedScore(heads: readonly Head[], c: Coefficients): Combination | null {
  if (heads.includes('score')) return only(heads, { score: 1 });
  if (heads.includes('denoiser')) return only(heads, { denoiser: -1 / c.gamma });
  return null;
}

/**
 * E[x1 | x] of a two-sided interpolant: αη0 + βη1 + γη = x and α̇η0 + β̇η1 + γ̇η = b, solved for η1. Null without
 * the noise, and where the path is degenerate.
 */
function twoSidedData(heads: readonly Head[], b: Combination, s: Combination | null, c: Coefficients) {
  if (s === null) return null;
  // Without x0 in it, x alone tells x1: the mirror everywhere, other paths where they have left it behind.
  if (c.alpha === 0 && c.beta > 0)
    return {
      x: (1 + c.gamma ** 2 * s.x) / c.beta,
      heads: s.heads.map((factor) => (factor === null ? null : (c.gamma ** 2 * factor) / c.beta)),
    };
  const wronskian = c.alpha * c.betaDot - c.alphaDot * c.beta;
  if (wronskian === 0) return null;
  const weigh = (of: (combination: Combination) => number, own: number) => {
    // η = −γ s
    const noise = -c.gamma * of(s);
    return (c.alpha * (of(b) - c.gammaDot * noise) - c.alphaDot * (own - c.gamma * noise)) / wronskian;
  };
  return {
    x: weigh(({ x }) => x, 1),
    heads: heads.map((_, h) =>
      b.heads[h] === null && s.heads[h] === null ? null : weigh((k) => k.heads[h] ?? 0, 0),
    ),
  };
}

/**
 * The field of a model trained with a config.
 * @param options.schedule a path and γ of the caller's own, as given to the trainer
 * @param options.pointBase whether x0 came from a set of points: a one-sided interpolant then has no score
 */
export function fieldOf(
  config: InterpolantConfig = DEFAULT_INTERPOLANT,
  options: { readonly schedule?: Schedule; readonly pointBase?: boolean } = {},
): Field {
  const { heads } = config;
  const schedule = options.schedule ?? scheduleOf(config);
  const twoSided = isTwoSided(config);
  const range = timeRange(config, schedule);
  const gaussian = !options.pointBase;
  const hasScore = twoSided ? heads.includes('denoiser') || heads.includes('score') : gaussian;
  return {
    heads,
    schedule,
    twoSided,
    range,
    baseScale: config.path === 'mirror' ? 1 : schedule.at(0).alpha,
    withoutScore: hasScore
      ? null
      : twoSided
        ? 'this model has no score: train the stochastic-interpolant family, whose denoiser gives one'
        : 'a model whose base is a set of points has no score: train the stochastic-interpolant family',
    at(t) {
      const now = Math.min(range.high, Math.max(range.low, t));
      const c = schedule.at(now, coefficients());
      if (!twoSided) return oneSidedAt(config, heads[0], now, c, gaussian);
      const velocity = twoSidedVelocity(heads, c);
      const score = twoSidedScore(heads, c);
      return {
        input: 1,
        time: now,
        velocity,
        score,
        data: twoSidedData(heads, velocity, score, c),
        base: null,
        c,
      };
    },
  };
}

const scaled = ({ x, heads }: Combination, factor: number, ownFactor = 1): Combination => ({
  x: factor * ownFactor * x,
  heads: heads.map((value) => (value === null ? null : factor * value)),
});

const added = (a: Combination, b: Combination): Combination => ({
  x: a.x + b.x,
  heads: a.heads.map((value, h) => {
    const other = b.heads[h];
    return value === null && other === null ? null : (value ?? 0) + (other ?? 0);
  }),
});

/**
 * A one-sided model sampled along another path than it was trained on, without training: at the time of the same
 * α/β the new path's x is a multiple of the old one's. Source: 2206.00364, §4; 2403.06807, §3.
 * @throws TributaryError('bad-input') for two-sided interpolants, whose γ no rescaling moves
 */
export function rescheduled(field: Field, schedule: Schedule): Field {
  if (field.twoSided || schedule.gamma.name !== 'none')
    badInput(
      'another schedule is one of noise levels, for one-sided interpolants: leave the schedule as it was',
    );
  if (!(schedule.at(0).alpha > 0))
    badInput(`the ${schedule.path.name} path has no noise levels to sample along: choose another`);
  return {
    ...field,
    schedule,
    range: { low: 0, high: 1 },
    baseScale: schedule.at(0).alpha,
    at(t) {
      const target = schedule.at(t, coefficients());
      const trained = timeOfLogSigma(field.schedule, Math.log(target.alpha) - Math.log(target.beta));
      const old = field.at(trained);
      const { alpha, beta } = old.c;
      // The level may lie outside what the model was trained on: then the nearest inside, of the nearest size.
      const scale = beta > alpha ? target.beta / beta : target.alpha / alpha;
      const s = scale > 0 ? scale : 1;
      const level = { alpha: s * alpha, beta: s * beta };
      const move = (combination: Combination) => scaled(combination, 1, 1 / s);
      const data = move(old.data as Combination);
      const base = move(old.base as Combination);
      return {
        input: old.input / s,
        time: old.time,
        data,
        base,
        velocity: added(scaled(base, target.alphaDot), scaled(data, target.betaDot)),
        score: old.score === null ? null : scaled(base, -1 / level.alpha),
        c: target,
      };
    },
  };
}
