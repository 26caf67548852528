import { type Clock, clockOf, ratesOf } from '../interpolant/clock.js';
import {
  DEFAULT_INTERPOLANT,
  type InterpolantConfig,
  isTwoSided,
  scheduleOf,
} from '../interpolant/config.js';
import type { Head } from '../interpolant/heads.js';
import { type Coefficients, coefficients, type Schedule } from '../interpolant/schedule.js';
import { timeRange } from '../interpolant/time_table.js';
import { added, type Combination, only, scaled } from './combination.js';
import { type Ends, headPosterior, oneSidedField, type PosteriorAt } from './one_sided.js';
import { checkTrainedTimes } from './trained_times.js';

export type { Combination } from './combination.js';

/** A model's field at one t: what its networks see, and what follows from their outputs. */
export interface FieldAt {
  /** The networks are given input·X and `time`. */
  readonly input: number;
  readonly time: number;
  /** b = dX/dt; where the schedule's own is infinite, that of the nearest time inside the range. */
  readonly velocity: Combination;
  /** dX/du in the field's clock, finite at both ends. */
  readonly motion: Combination;
  /** s = ∇ ln ρ_t; null where the heads do not give it. */
  readonly score: Combination | null;
  /** E[x1 | x_t], E[x0 | x_t]; null where the heads do not give them. */
  readonly data: Combination | null;
  readonly base: Combination | null;
  /** η, the mean of a two-sided interpolant's z; null where the heads do not give it, and of a one-sided one. */
  readonly noise: Combination | null;
  /** Of the interpolant at t, where the particles are. */
  readonly c: Coefficients;
}

/** A trained model as solvers see it: every quantity is linear in the point and in what the networks say. */
export interface Field {
  readonly heads: readonly Head[];
  readonly schedule: Schedule;
  readonly twoSided: boolean;
  /**
   * The times that the model was trained at. Outside, its networks are shown the nearest time inside, and nothing
   * else is taken from there: particles move by the coefficients of their own time.
   */
  readonly range: { readonly low: number; readonly high: number };
  /** The time in which solvers take their steps. */
  readonly clock: Clock;
  /** At which ends an error of the networks is magnified without bound on its way to b. */
  readonly openEnds: Ends;
  /** Standard deviation of the base, N(0, σ0² I). */
  readonly baseScale: number;
  /** Why there is no score, null where there is one. */
  readonly withoutScore: string | null;
  /** What the network of a one-sided model says at a time; null for a two-sided one. */
  readonly posterior: PosteriorAt | null;
  at(t: number): FieldAt;
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

/** η, the mean of the noise z; null for heads that do not tell it. */
function twoSidedNoise(heads: readonly Head[], c: Coefficients): Combination | null {
  if (heads.includes('denoiser')) return only(heads, { denoiser: 1 });
  return heads.includes('score') ? only(heads, { score: -c.gamma }) : null;
}

/**
 * Outside the range b is that of its end: b = v − γγ̇ s, unlike γ̇ and η, does not change much in so short a time. Only
 * heads that divide by α are taken by what they say of x0 and z.
 */
function twoSidedAt(
  heads: readonly Head[],
  schedule: Schedule,
  clock: Clock,
  range: Field['range'],
  t: number,
): FieldAt {
  const time = Math.min(range.high, Math.max(range.low, t));
  const seen = schedule.at(time, coefficients());
  const c = time === t ? seen : schedule.at(t, coefficients());
  const inside = twoSidedVelocity(heads, seen);
  const noise = twoSidedNoise(heads, seen);
  const motion = clock.even ? inside : scaled(inside, clock.rate(t));
  const score = twoSidedScore(heads, seen);
  const at = { input: 1, time, velocity: inside, motion, score, noise, c };
  if (!heads.includes('data') || noise === null)
    return { ...at, base: null, data: twoSidedData(heads, inside, score, seen) };
  const data = only(heads, { data: 1 });
  const own = only(heads, {}, 1);
  const base = scaled(
    added(own, added(scaled(data, -seen.beta), scaled(noise, -seen.gamma))),
    1 / seen.alpha,
  );
  if (time >= t) return { ...at, base, data };
  // Beyond the data's end: E x0 and η as they are told at the edge, and E x1 by what x is made of now.
  const left = scaled(added(own, added(scaled(base, -c.alpha), scaled(noise, -c.gamma))), 1 / c.beta);
  const rates = ratesOf(schedule, clock, t, c);
  const along = added(added(scaled(base, rates.alpha), scaled(left, rates.beta)), scaled(noise, rates.gamma));
  return { ...at, base, data: left, motion: along, velocity: clock.even ? along : inside };
}

/**
 * The field of a model trained with a config.
 * @param options.schedule a path and γ of the caller's own, as given to the trainer
 * @param options.pointBase whether x0 came from a set of points: a one-sided interpolant then has no score
 * @throws TributaryError('bad-input') for a config whose trained times leave too much to extrapolation
 */
export function fieldOf(
  config: InterpolantConfig = DEFAULT_INTERPOLANT,
  options: { readonly schedule?: Schedule; readonly pointBase?: boolean } = {},
): Field {
  const { heads } = config;
  const schedule = options.schedule ?? scheduleOf(config);
  const range = timeRange(config, schedule);
  checkTrainedTimes(range, schedule, config.sigmaData);
  const gaussian = !options.pointBase;
  if (!isTwoSided(config))
    return oneSidedField(headPosterior(config, schedule, range), { heads, schedule, range, gaussian });
  const clock = clockOf(schedule);
  return {
    ...{ heads, schedule, range, clock },
    twoSided: true,
    posterior: null,
    // E x0 = (x − β E x1 − γη)/α.
    openEnds: { noise: false, data: heads.includes('data') },
    baseScale: config.path === 'mirror' ? 1 : schedule.at(0).alpha,
    withoutScore:
      heads.includes('denoiser') || heads.includes('score')
        ? null
        : 'this model has no score: train the stochastic-interpolant family, whose denoiser gives one',
    at: (t) => twoSidedAt(heads, schedule, clock, range, t),
  };
}
