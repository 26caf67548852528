/** How far a combination's end is from the truth, beside what true points score: drawn again, then refined. */
import { GaussianMixture } from '../../src/data/mixture.js';
import { scheduleOf } from '../../src/interpolant/config.js';
import { MixtureOracle } from '../../src/interpolant/oracle.js';
import { PROJECTIONS, projections, SlicedReference } from '../../src/metrics/sliced_w2.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { integrateAdaptive } from '../../src/samplers/adaptive.js';
import { integrate } from '../../src/samplers/integrate.js';
import { oracleField } from '../../src/samplers/oracle_field.js';
import { samplingField, samplingTable } from '../../src/samplers/plan.js';
import { spreadOf } from '../../src/study/results.js';
import type { Combination } from './cases.js';

/** Steps by order, at which a solver's own error is expected below the floor's scatter. */
export const STEPS: Readonly<Record<number, number>> = { 1: 250, 2: 80, 4: 40 };
/** Of dopri5, absolute and relative. */
export const TOLERANCE = 1e-5;
/** Draws that decide where the first lies above: none of them is the first. */
export const AGAIN = 8;
/** Standard errors above the floor that are allowed. */
export const WITHIN = 2;
/** Draws of true points. */
export const FLOOR_DRAWS = 200;

export interface Floor {
  readonly mean: number;
  /** Of one draw. */
  readonly std: number;
  /** The share of single draws of the truth that lie above mean + 2 std: what a perfect sampler would show. */
  readonly above: number;
}

/** Sliced W2 to many true points, and what true points of the same number score. */
export class Judge {
  readonly floor: Floor;
  private readonly reference: SlicedReference;

  constructor(
    readonly mixture: GaussianMixture,
    readonly n: number,
  ) {
    const truth = (rows: number, step: number) => mixture.sample(rows, 1, STREAM.evaluation, step).points;
    this.reference = new SlicedReference(
      truth(4 * n, 1),
      mixture.dim,
      projections(mixture.dim, PROJECTIONS, 1),
    );
    const values = Array.from({ length: FLOOR_DRAWS }, (_, k) => this.reference.distance(truth(n, 2 + k)));
    const { mean, std } = spreadOf(values);
    const above = values.filter((value) => value > mean + WITHIN * std).length / values.length;
    this.floor = { mean, std, above };
  }

  /** The largest mean of so many draws that is within two standard errors of the floor's, whose own counts too. */
  bound(draws: number): number {
    return this.floor.mean + WITHIN * this.floor.std * Math.sqrt(1 / draws + 1 / FLOOR_DRAWS);
  }

  distance(points: Float64Array): number {
    return this.reference.distance(points);
  }
}

/**
 * The points at the end of a combination.
 * @param refine how many times the usual steps; of dopri5, of order 5, the tolerance is divided by its fifth power
 * @param seed of the starts and of the noise
 */
export async function end(
  { interpolant, options, order }: Combination,
  mixture: GaussianMixture,
  n: number,
  refine: number,
  seed: number,
): Promise<{ points: Float64Array; steps: number }> {
  const { config, base, schedule = scheduleOf(config) } = interpolant;
  const pointBase = base !== undefined;
  const own = { pointBase, ...(interpolant.schedule ? { schedule } : {}) };
  const path = interpolant.path === undefined ? {} : { path: interpolant.path };
  const field = samplingField(config, { ...own, ...path });
  // The mirror has no weight on x0.
  const from = base === undefined || config.path === 'mirror' ? GaussianMixture.standard(mixture.dim) : base;
  const host = oracleField(config, new MixtureOracle(schedule, from, mixture));
  const random = new CounterRandom(seed, STREAM.start);
  const start = base
    ? base.sample(n, seed, STREAM.start).points
    : Float64Array.from({ length: n * mixture.dim }, (_, i) => field.baseScale * random.normal(i));
  if (options.solver === 'dopri5') {
    const error = TOLERANCE / refine ** 5;
    const tolerance = { absolute: error, relative: error };
    const { points, accepted } = await integrateAdaptive(field, host, start, { tolerance });
    return { points, steps: accepted };
  }
  const steps = STEPS[order] * refine;
  const table = samplingTable(config, { ...own, ...options, steps });
  return { points: integrate(table, host, start, { seed }), steps };
}

export interface Attempt {
  readonly steps: number;
  readonly seeds: readonly number[];
  readonly values: readonly number[];
  readonly mean: number;
  readonly bound: number;
  readonly within: boolean;
}

/**
 * One draw at first; where it lies above, eight others, which know nothing of it; where their mean lies above too,
 * the same eight with twice and four times the steps. All attempts are kept.
 */
export async function attemptsOf(combination: Combination, judge: Judge, seed: number): Promise<Attempt[]> {
  const again = Array.from({ length: AGAIN }, (_, k) => seed + 1 + k);
  const attempts: Attempt[] = [];
  for (const [refine, seeds] of [
    [1, [seed]],
    [1, again],
    [2, again],
    [4, again],
  ] as const) {
    const values: number[] = [];
    let taken = 0;
    for (const own of seeds) {
      const { points, steps } = await end(combination, judge.mixture, judge.n, refine, own);
      taken = steps;
      values.push(judge.distance(points));
    }
    const [mean, bound] = [spreadOf(values).mean, judge.bound(values.length)];
    attempts.push({ steps: taken, seeds, values, mean, bound, within: mean <= bound });
    if (mean <= bound) break;
  }
  return attempts;
}
