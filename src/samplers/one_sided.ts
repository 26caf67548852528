import { badInput } from '../errors.js';
import { type Clock, clockOf, ratesOf } from '../interpolant/clock.js';
import type { InterpolantConfig } from '../interpolant/config.js';
import { type Head, oneSidedConversion } from '../interpolant/heads.js';
import { type Coefficients, coefficients, type Schedule } from '../interpolant/schedule.js';
import { networkInput, timeOfLogSigma } from '../interpolant/time_table.js';
import { added, type Combination, scaled } from './combination.js';
import type { Field, FieldAt } from './field.js';

/** A flag for each end of time. */
export interface Ends {
  readonly noise: boolean;
  readonly data: boolean;
}

/**
 * What a one-sided model's network says of a point X of the path that it is moved along: E[x1 | X] and E[x0 | X], as
 * the network itself tells them at the time that it is shown.
 */
export interface Posterior {
  /** The network is given input·X and `time`. */
  readonly input: number;
  readonly time: number;
  readonly data: Combination;
  readonly base: Combination;
  /** b as the network says it; null where it follows from the others only. */
  readonly velocity: Combination | null;
  /** Which end of the trained range the point lies beyond; null inside. */
  readonly beyond: 'noise' | 'data' | null;
}

/**
 * @param c of the path at t
 * @param free whether the network may be asked outside the times that it was trained at
 */
export type PosteriorAt = (t: number, c: Coefficients, free?: boolean) => Posterior;

function conversions(config: InterpolantConfig, head: Head, c: Coefficients) {
  const to = (target: Head): Combination => {
    const { x, head: factor } = oneSidedConversion(head, target, c, config.sigmaData);
    return { x, heads: [factor] };
  };
  return { data: to('data'), base: to('denoiser'), velocity: to('velocity') };
}

/** Of a model moved along the path that it was trained on. */
export function headPosterior(
  config: InterpolantConfig,
  schedule: Schedule,
  range: Field['range'],
): PosteriorAt {
  const [head] = config.heads;
  return (t, own, free = false) => {
    const now = free ? t : Math.min(range.high, Math.max(range.low, t));
    const c = now === t ? own : schedule.at(now, coefficients());
    const { scale: input, time } = networkInput(config, head, now, c);
    const beyond = now === t ? null : now < t ? 'data' : 'noise';
    return { input, time, beyond, ...conversions(config, head, c) };
  };
}

/**
 * The posterior completed at the particle's own time: beyond the data's end of the range the network is believed in
 * what it says of the noise, which is small there, and E[x1 | X] follows from x = α x0 + β x1; beyond the other end
 * the other way round. So nothing that is untrained is divided by a coefficient that vanishes.
 */
function completed({ data, base, beyond }: Posterior, { alpha, beta }: Coefficients) {
  const own = (heads: Combination['heads']): Combination => ({ x: 1, heads: heads.map(() => 0) });
  if (beyond === 'data')
    return { base, data: added(scaled(own(base.heads), 1 / beta), scaled(base, -alpha / beta)) };
  if (beyond === 'noise')
    return { data, base: added(scaled(own(data.heads), 1 / alpha), scaled(data, -beta / alpha)) };
  return { data, base };
}

/** How near to an end a coefficient is looked at. */
const PROBE = 1e-6;

/** A coefficient that grows by more than this factor over half the way to an end grows like its inverse distance. */
const GROWTH = 1.5;

/** An error of the network becomes one of b times a coefficient: whether that grows without bound towards an end. */
function isOpen(schedule: Schedule, clock: Clock, posterior: PosteriorAt, end: 0 | 1): boolean {
  const magnified = (distance: number): number => {
    const t = clock.tOf(Math.abs(end - distance));
    const c = schedule.at(t, coefficients());
    const { data, base } = posterior(t, c, true);
    const rates = ratesOf(schedule, clock, t, c);
    return Math.abs(rates.alpha * (base.heads[0] ?? 0) + rates.beta * (data.heads[0] ?? 0));
  };
  const near = magnified(PROBE);
  return near > 1 && near > GROWTH * magnified(2 * PROBE);
}

/** The field of a one-sided model along a path. */
export function oneSidedField(
  posterior: PosteriorAt,
  of: Pick<Field, 'heads' | 'schedule' | 'range'> & { readonly gaussian: boolean },
): Field {
  const { heads, schedule, range, gaussian } = of;
  const clock = clockOf(schedule);
  const openEnds = {
    noise: isOpen(schedule, clock, posterior, 0),
    data: isOpen(schedule, clock, posterior, 1),
  };
  return {
    ...{ heads, schedule, range, clock, openEnds, posterior },
    twoSided: false,
    baseScale: schedule.at(0).alpha,
    withoutScore: gaussian
      ? null
      : 'a model whose base is a set of points has no score: train the stochastic-interpolant family',
    at(t): FieldAt {
      const c = schedule.at(t, coefficients());
      const said = posterior(t, c);
      const { data, base } = completed(said, c);
      const rates = ratesOf(schedule, clock, t, c);
      // Where α̇ grows without bound α α̇ s does not, nor does b: beyond the data's end it is that of the edge.
      const atEdge = (): Combination => {
        const edge = schedule.at(said.beyond === 'data' ? range.high : t);
        const b = said.velocity ?? added(scaled(said.base, edge.alphaDot), scaled(said.data, edge.betaDot));
        return scaled(b, clock.rate(t));
      };
      const along = ({ alpha, beta }: { alpha: number; beta: number }) =>
        added(scaled(base, alpha), scaled(data, beta));
      const velocity = said.velocity ?? along({ alpha: c.alphaDot, beta: c.betaDot });
      const motionOf = (): Combination => {
        if (!clock.even) return said.beyond === 'data' ? atEdge() : along(rates);
        return said.beyond === null ? velocity : along(rates);
      };
      return {
        ...{ input: said.input, time: said.time, data, base, noise: null, c },
        velocity: said.beyond === null ? velocity : along({ alpha: c.alphaDot, beta: c.betaDot }),
        motion: motionOf(),
        score: gaussian ? scaled(base, -1 / c.alpha) : null,
      };
    },
  };
}

/** Times at which a path is looked at for whether it is a change of time and scale. */
const LOOKS = 64;

/** @throws TributaryError('bad-input') where α/β does not fall all the way, or nothing but 0 is left */
function checkLevels(schedule: Schedule): void {
  const refuse = () =>
    badInput(
      `the ${schedule.path.name} path is no change of time and scale of another: α/β does not fall along it; ` +
        'choose linear, trig, vp, vp-sde, sub-vp-sde, ve or edm',
    );
  let before = Number.POSITIVE_INFINITY;
  for (let i = 0; i <= LOOKS; i++) {
    const { alpha, beta } = schedule.at(i / LOOKS);
    const level = Math.log(alpha) - Math.log(beta);
    if (Number.isNaN(level) || (i > 0 && !(level < before))) refuse();
    before = level;
  }
}

/**
 * A one-sided model sampled along another path than it was trained on, without training: at the time of the same
 * α/β the new path's x is a multiple of the old one's. Source: 2206.00364, §4; 2403.06807, §3.
 * @throws TributaryError('bad-input') for two-sided interpolants, whose γ no rescaling moves, and for paths along which
 *   α/β does not fall
 */
export function rescheduled(field: Field, schedule: Schedule): Field {
  const trained = field.posterior;
  if (trained === null || schedule.gamma.name !== 'none')
    badInput(
      'another schedule is one of noise levels, for one-sided interpolants: leave the schedule as it was',
    );
  if (!(schedule.at(0).alpha > 0))
    badInput(`the ${schedule.path.name} path has no noise levels to sample along: choose another`);
  checkLevels(schedule);
  const level = ({ alpha, beta }: Coefficients) => Math.log(alpha) - Math.log(beta);
  /** The new path's time of the old path's. */
  const timeOf = (t: number): number => {
    const old = level(field.schedule.at(t));
    if (old >= level(schedule.at(0))) return 0;
    return old <= level(schedule.at(1)) ? 1 : timeOfLogSigma(schedule, old);
  };
  const range = { low: timeOf(field.range.low), high: timeOf(field.range.high) };
  const posterior: PosteriorAt = (t, target, free = false) => {
    const time = timeOfLogSigma(field.schedule, level(target));
    const seen = free ? time : Math.min(field.range.high, Math.max(field.range.low, time));
    const old = field.schedule.at(seen, coefficients());
    const said = trained(seen, old, free);
    // Of the same size, where the levels agree by both; beyond the range by what is left there.
    const s = target.beta > target.alpha ? target.beta / old.beta : target.alpha / old.alpha;
    const beyond = t > range.high ? 'data' : t < range.low ? 'noise' : null;
    return {
      ...{ input: said.input / s, time: said.time, beyond, velocity: null },
      data: scaled(said.data, 1, 1 / s),
      base: scaled(said.base, 1, 1 / s),
    };
  };
  const { heads, withoutScore } = field;
  return oneSidedField(posterior, { heads, schedule, range, gaussian: withoutScore === null });
}
