/**
 * The same on a mixture of three Gaussians on a line, whose flow bends and parts: from any Gaussian base it keeps the
 * order of points, so that F0(x0) = F1(x1) says where each ends, whatever the path.
 */
import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/data/mixture.js';
import { type InterpolantConfig, scheduleOf } from '../../src/interpolant/config.js';
import { defaultGrid } from '../../src/interpolant/grids.js';
import { gaussianBaseOracle } from '../../src/interpolant/oracle.js';
import { normalCdf } from '../../src/interpolant/time_table.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { type HostField, integrate } from '../../src/samplers/integrate.js';
import { oracleField } from '../../src/samplers/oracle_field.js';
import { samplingField, samplingTable } from '../../src/samplers/plan.js';
import { solverByName, tableSolverNames } from '../../src/samplers/solvers.js';
import { walk } from '../shared/walks.js';
import { ALL, bent, type Case, rms } from './world.js';

const WEIGHTS = [0.5, 0.3, 0.2];
const MEANS = [-2, 1, 2.5];
const DEVIATIONS = [0.3, 0.2, 0.3];

const TARGET = new GaussianMixture({
  dim: 1,
  weights: WEIGHTS,
  means: Float64Array.from(MEANS),
  variances: Float64Array.from(DEVIATIONS, (s) => s * s),
  labels: [0, 0, 0],
});

/** P(β x1 + noise · z ≤ x) */
const cdf = (x: number, beta: number, noise: number): number =>
  WEIGHTS.reduce(
    (sum, weight, k) =>
      sum + weight * normalCdf((x - beta * MEANS[k]) / Math.hypot(noise, beta * DEVIATIONS[k])),
    0,
  );

function quantile(p: number, beta: number, noise: number): number {
  let [low, high] = [-400, 400];
  for (let k = 0; k < 100; k++) {
    const middle = (low + high) / 2;
    if (cdf(middle, beta, noise) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** No share is one of a mode's ends, .5 or .8: there the flow parts. */
const N = 100;
const SHARES = Float64Array.from({ length: N }, (_, i) => (i + 0.5) / N);

/** Points at equal shares of what a path's flow has at an end of time. */
function pointsAt(config: InterpolantConfig, t: number): Float64Array {
  const { alpha, beta } = scheduleOf(config).at(t);
  return SHARES.map((p) => quantile(p, beta, alpha));
}

/** Heads in whose terms a field is told: all of one path's say the same, and `steps.test.ts` walks each of them. */
const TOLD = ['velocity', 'denoiser', 'edm', 'denoiser + drift', 'denoiser + data'];

/** All of time, every path and γ. */
const WALKED = walk(
  ALL.filter(
    ({ whole, oneSided, config: { path, heads } }) =>
      whole && path !== 'mirror' && TOLD.includes(heads.join(' + ')) && (oneSided || heads.length === 2),
  ),
  ({ config: { path, gamma, heads } }) => [`${path}, ${gamma}`, `${path}, ${heads}`, `${gamma}, ${heads}`],
);

const hostOf = (config: InterpolantConfig): HostField =>
  oracleField(config, gaussianBaseOracle(scheduleOf(config), TARGET));

const usable = ({ oneSided, config }: Case, name: string): boolean => {
  const solver = solverByName(name);
  if (solver.oneSided && !oneSided) return false;
  return !solver.stochastic || samplingField(config).withoutScore === null;
};

const solversOf = (one: Case, stochastic: boolean): string[] =>
  tableSolverNames.filter((name) => solverByName(name).stochastic === stochastic && usable(one, name));

function table({ config }: Case, solver: string, steps: number) {
  const grid = solver === 'dpm-solver++' ? 'logsnr' : defaultGrid(scheduleOf(config));
  return samplingTable(config, { solver, steps, grid });
}

const sorted = (values: Iterable<number>): number[] => [...values].sort((a, b) => a - b);

const byName = WALKED.map((one) => [one.name, one] as const);

/** What is left to a range that ends a little before time does, and to float32. */
const FLOOR = 3e-4;

describe.each(byName)('%s', (_, one) => {
  const host = hostOf(one.config);

  it('ODE: every point goes to its own place, and more steps bring it nearer', () => {
    const starts = pointsAt(one.config, 0);
    const ends = pointsAt(one.config, 1);
    for (const name of solversOf(one, false)) {
      const { asymptotic, order } = solverByName(name);
      const [coarse, fine] = [asymptotic, 2 * asymptotic].map((steps) =>
        rms(integrate(table(one, name, steps), host, starts), ends),
      );
      const said = `${name}: ${coarse} → ${fine}`;
      expect(fine, said).toBeLessThanOrEqual(1.05 * coarse + FLOOR);
      expect(fine, said).toBeLessThan(order === 1 ? 0.15 : 0.03);
    }
  });

  it('SDE: mean and deviation stay where more steps are taken', () => {
    const { config } = one;
    const n = 600;
    const random = new CounterRandom(5, STREAM.test);
    const { alpha, beta } = scheduleOf(config).at(0);
    // Of the start's own marginal, one from each of n equal shares.
    const starts = Float64Array.from({ length: n }, (_, i) =>
      quantile((i + random.uniform(i)) / n, beta, alpha),
    );
    const end = scheduleOf(config).at(1);
    const mean = end.beta * WEIGHTS.reduce((sum, weight, k) => sum + weight * MEANS[k], 0);
    const square = WEIGHTS.reduce(
      (sum, weight, k) => sum + weight * end.beta ** 2 * (MEANS[k] ** 2 + DEVIATIONS[k] ** 2),
      end.alpha ** 2,
    );
    const deviation = Math.sqrt(square - mean ** 2);
    // Of the mean of n, and of their deviation, whose distribution is flatter than a normal one's.
    const error = deviation / Math.sqrt(n);
    for (const name of solversOf(one, true)) {
      const { asymptotic } = solverByName(name);
      const [coarse, fine] = [asymptotic, 2 * asymptotic].map((steps, seed) => {
        const points = integrate(table(one, name, steps), host, starts, { seed });
        const own = points.reduce((sum, x) => sum + x / n, 0);
        const spread = Math.sqrt(points.reduce((sum, x) => sum + (x - own) ** 2 / n, 0));
        return [Math.abs(own - mean), Math.abs(spread - deviation)];
      });
      const said = `${name}: ${coarse} → ${fine}, error ${error}`;
      for (const k of [0, 1]) {
        expect(fine[k], said).toBeLessThan(1.05 * coarse[k] + 3 * Math.SQRT2 * error);
        expect(fine[k], said).toBeLessThan(0.02 + 3 * error);
      }
    }
  });

  it('an error of the networks is magnified no more than by the flow, but for points that cross', () => {
    const starts = pointsAt(one.config, 0);
    const moved = (name: string, steps: number): [median: number, most: number] => {
      const way = table(one, name, steps);
      const exact = integrate(way, host, starts);
      // Of one sign, and of either by turns.
      const [still, turning] = [0, 40].map((turns) => {
        const end = integrate(way, bent(host, 1e-3, turns), starts);
        const by = sorted(exact.map((value, i) => Math.abs(value - end[i]) / 1e-3));
        return [by[Math.floor(0.5 * N)], by[0.99 * N - 1]];
      });
      return [Math.max(still[0], turning[0]), Math.max(still[1], turning[1])];
    };
    const flow = moved('rk4', 100);
    for (const name of solversOf(one, false)) {
      const found = moved(name, solverByName(name).asymptotic);
      const said = `${name}: ${found}, rk4 ${flow}`;
      found.forEach((value, k) => {
        // Beside a place where it parts the flow itself does nearly that.
        expect(value, said).toBeLessThanOrEqual(Math.max(100, 2 * flow[k]));
        expect(value, said).toBeLessThanOrEqual(10 * Math.max(flow[k], 0.1));
      });
    }
  });
});
