/** Conversions between heads against the oracle, which knows each of them on its own. */
import { describe, expect, expectTypeOf, it } from 'vitest';
import { TIME_COLUMNS, TIME_TABLE } from '../../src/backend/contracts/draw.js';
import { distributionByName } from '../../src/data/registry.js';
import { DEFAULT_INTERPOLANT } from '../../src/interpolant/config.js';
import {
  convert,
  denoiserFromScore,
  driftFromVelocityAndDenoiser,
  edmCoefficients,
  type Head,
  headByName,
  headNames,
  scoreFromDenoiser,
  type Values,
  valuesOf,
  velocityFromDriftAndDenoiser,
  velocityFromDriftAndScore,
} from '../../src/interpolant/heads.js';
import { gaussianBaseOracle } from '../../src/interpolant/oracle.js';
import { scheduleByName } from '../../src/interpolant/schedule.js';
import { timeTable } from '../../src/interpolant/time_table.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';

const target = distributionByName('8gaussians').mixture!;
const random = new CounterRandom(8, STREAM.test);
const POINTS = Float64Array.from({ length: 40 }, (_, i) => 3 * random.normal(i));
const SIGMA_DATA = 3.6;

/** Every head of a one-sided interpolant, each from its own definition. */
function exactHeads(path: string, t: number) {
  const schedule = scheduleByName(path);
  const c = schedule.at(t);
  const exact = gaussianBaseOracle(schedule, target).evaluate(t, POINTS);
  const { skip, out } = edmCoefficients(c, SIGMA_DATA);
  const values: Record<Head, Float64Array> = {
    velocity: exact.velocity,
    drift: exact.drift,
    score: exact.score,
    denoiser: exact.basePosterior,
    data: exact.dataPosterior,
    edm: exact.dataPosterior.map((value, i) => (value - skip * POINTS[i]) / out),
  };
  return { c, values };
}

function expectClose(found: ArrayLike<number>, exact: ArrayLike<number>, digits: number): void {
  const scale = Math.sqrt(Array.from(exact).reduce((sum, value) => sum + value * value, 0) / exact.length);
  for (let i = 0; i < exact.length; i++)
    expect(Math.abs(found[i] - exact[i])).toBeLessThan(10 ** -digits * Math.max(1, scale));
}

describe.each(['linear', 'trig', 'vp', 'vp-sde', 'sub-vp-sde', 've', 'edm'])('one-sided, %s', (path) => {
  it.each([0.2, 0.5, 0.9])('every head gives every other at t = %f', (t) => {
    const { c, values } = exactHeads(path, t);
    for (const from of headNames)
      for (const to of headNames)
        expectClose(convert(from, to, c, SIGMA_DATA)(POINTS, valuesOf(from, values[from])), values[to], 9);
  });
});

describe('two-sided', () => {
  const schedule = scheduleByName('linear', 'sqrt', 0.7);
  const oracle = gaussianBaseOracle(schedule, target);

  it.each([0.1, 0.5, 0.8])('velocity, drift, score and denoiser agree at t = %f', (t) => {
    const c = schedule.at(t);
    const exact = oracle.evaluate(t, POINTS);
    const [b, v, s, eta] = [
      valuesOf('velocity', exact.velocity),
      valuesOf('drift', exact.drift),
      valuesOf('score', exact.score),
      valuesOf('denoiser', exact.denoiser),
    ];
    expectClose(velocityFromDriftAndScore(c, v, s), b, 10);
    expectClose(velocityFromDriftAndDenoiser(c, v, eta), b, 10);
    expectClose(driftFromVelocityAndDenoiser(c, b, eta), v, 10);
    expectClose(scoreFromDenoiser(c, eta), s, 10);
    expectClose(denoiserFromScore(c, s), eta, 10);
  });

  it('refuses what divides by zero, and names that are none', () => {
    expect(() => scoreFromDenoiser(schedule.at(0), valuesOf('denoiser', POINTS))).toThrow(/γ is 0/);
    expect(() => convert('denoiser', 'data', scheduleByName('linear').at(0))).toThrow(/stay off the ends/);
    expect(() => headByName('velocty')).toThrow(/did you mean 'velocity'/);
  });
});

describe('a head’s type names its convention', () => {
  it('so that mixing two does not compile', () => {
    const c = scheduleByName('linear', 'sqrt').at(0.5);
    const score = valuesOf('score', POINTS);
    expectTypeOf(score).not.toExtend<Values<'denoiser'>>();
    // @ts-expect-error: a score is no denoiser
    scoreFromDenoiser(c, score);
    // @ts-expect-error: numbers that say nothing of their convention are no score
    denoiserFromScore(c, POINTS);
    expectTypeOf(convert('score', 'velocity', c)).returns.toEqualTypeOf<Values<'velocity'>>();
  });
});

describe('the time table', () => {
  const column = (table: Float64Array, k: number) =>
    Array.from({ length: table.length / TIME_COLUMNS }, (_, cell) => table[cell * TIME_COLUMNS + k]);
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

  it('holds the quantiles of its distribution', () => {
    const logit = timeTable(
      { ...DEFAULT_INTERPOLANT, timeDistribution: 'logit-normal', timeMean: 0.4, timeStd: 1.3 },
      4096,
    );
    const logits = column(logit, TIME_TABLE.time).map((t) => Math.log(t / (1 - t)));
    expect(mean(logits)).toBeCloseTo(0.4, 3);
    expect(Math.sqrt(mean(logits.map((x) => (x - 0.4) ** 2)))).toBeCloseTo(1.3, 2);
    const arcsine = column(
      timeTable({ ...DEFAULT_INTERPOLANT, timeDistribution: 'arcsine' }, 4096),
      TIME_TABLE.time,
    );
    // Beta(½, ½): mean ½, variance ⅛, and P(t < x) = (2/π) arcsin √x.
    expect(mean(arcsine)).toBeCloseTo(0.5, 6);
    expect(mean(arcsine.map((t) => (t - 0.5) ** 2))).toBeCloseTo(0.125, 6);
    expect(mean(arcsine.map((t) => Number(t > 1 - 0.05 ** 2)))).toBeCloseTo(
      (2 / Math.PI) * Math.asin(0.05),
      3,
    );
    const edm = timeTable(
      {
        ...DEFAULT_INTERPOLANT,
        ...{ path: 'edm', heads: ['edm'], sigmaMin: 0.002, sigmaMax: 80, sigmaData: 0.5 },
        ...{ timeDistribution: 'log-normal', timeMean: -1.2, timeStd: 1.2, weighting: 'edm' },
      },
      4096,
    );
    // EDM's network is told ¼ ln σ, and its weight on F is 1.
    const logs = column(edm, TIME_TABLE.time).map((c) => 4 * c);
    expect(mean(logs)).toBeCloseTo(-1.2, 2);
    expect(Math.sqrt(mean(logs.map((x) => (x + 1.2) ** 2)))).toBeCloseTo(1.2, 2);
    for (const weight of column(edm, TIME_TABLE.weight)) expect(weight).toBeCloseTo(1, 9);
  });

  it.each(['snr', 'min-snr', 'likelihood', 'edm'] as const)(
    'weights %s errors of E[x1 | x] alike for all heads',
    (weighting) => {
      // w_h |Ĥ − H|² must be the same number whichever head the error is written in.
      const cells = 64;
      const of = (head: Head) =>
        timeTable({ ...DEFAULT_INTERPOLANT, heads: [head], weighting, timeMin: 0.1, timeMax: 0.9 }, cells);
      const schedule = scheduleByName('linear');
      const data = of('data');
      for (const head of headNames) {
        const table = of(head);
        const ratios = column(table, TIME_TABLE.weight).map((weight, cell) => {
          const c = schedule.at(0.1 + (0.8 * (cell + 0.5)) / cells);
          const zero = new Float64Array(1);
          const to = convert('data', head, c);
          const slope =
            to(zero, valuesOf('data', Float64Array.of(1)))[0] - to(zero, valuesOf('data', zero))[0];
          return (weight * slope * slope) / data[cell * TIME_COLUMNS + TIME_TABLE.weight];
        });
        for (const ratio of ratios) expect(ratio / ratios[0]).toBeCloseTo(1, 9);
        expect(mean(column(table, TIME_TABLE.weight))).toBeCloseTo(1, 12);
      }
    },
  );
});
