/**
 * More steps are never worse, and a method's error falls by its order: on the exact field of N(0, σ0²) → N(2, 0.3²),
 * for every path × γ × heads × trained range × solver that the registry knows. And what the networks err is not
 * magnified: a field that is off by 10⁻³ moves no sample far.
 */
import { describe, expect, it } from 'vitest';
import { scheduleOf } from '../../src/interpolant/config.js';
import { defaultGrid, type GridName, gridNames } from '../../src/interpolant/grids.js';
import type { Schedule } from '../../src/interpolant/schedule.js';
import { timeRange } from '../../src/interpolant/time_table.js';
import { integrateAdaptive } from '../../src/samplers/adaptive.js';
import { integrate } from '../../src/samplers/integrate.js';
import { samplingField, samplingTable } from '../../src/samplers/plan.js';
import type { Solver } from '../../src/samplers/solver.js';
import { solverByName, tableSolverNames } from '../../src/samplers/solvers.js';
import type { SolverTable } from '../../src/samplers/table.js';
import { momentsAfter } from '../samplers/moments.js';
import { bent, CASES, type Case, DEVIATION, exactEnds, hostOf, MEAN, rms, startsOf } from './world.js';

/** Tables and starts are float32 on devices. */
const ROUNDING = 2e-7;

const ODE = tableSolverNames.filter((name) => !solverByName(name).stochastic);
const SDE = tableSolverNames.filter((name) => solverByName(name).stochastic);

const usable = ({ oneSided, config }: Case, solver: Solver): boolean => {
  if (solver.oneSided && !oneSided) return false;
  return !solver.stochastic || samplingField(config).withoutScore === null;
};

/**
 * What no step can mend: beyond the trained range what is known at its edge is held. Of a Gaussian that is off by
 * σ²/2s², σ the noise at the edge, and at most twice that where a step ends a little before; at the noise's end by the
 * signal's share of the width, likewise.
 */
function truncation(one: Case, steps: number, solver?: Solver): number {
  const { config, oneSided, whole } = one;
  const schedule = scheduleOf(config);
  const { low, high } = timeRange(config, schedule);
  const [first, last] = [schedule.at(low), schedule.at(high)];
  const left = (Math.hypot(last.alpha, last.gamma) / last.beta) ** 2 / (2 * DEVIATION);
  if (oneSided) return schedule.at(1).alpha > 0 && whole ? 0 : 2 * left + (whole ? 0 : first.beta ** 2 / 2);
  // The networks are shown the edge, and said of all that lies beyond.
  const weight = solver?.tableau?.b.at(-1) ?? 1;
  const shown = [0, 1].reduce(
    (sum, end) => sum + shownBeyond(schedule, end ? high : low, end, weight / steps),
    0,
  );
  return whole
    ? 2 * left + shown
    : 4 * (left + first.gamma ** 2 + (first.beta / Math.hypot(first.alpha, first.gamma)) ** 2) + shown;
}

/**
 * Beyond its range a two-sided model's b is that of the edge, over all that lies there, and where that is less than a
 * step by the weight of the step's end.
 */
function shownBeyond(schedule: Schedule, edge: number, end: number, weight: number): number {
  const [a, b] = [edge, end].map((t) => ({ ...schedule.at(t) }));
  const change =
    Math.abs(a.alphaDot - b.alphaDot) +
    MEAN * Math.abs(a.betaDot - b.betaDot) +
    Math.abs(a.gammaGammaDot - b.gammaGammaDot) / DEVIATION;
  return change * Math.max(Math.abs(end - edge), weight);
}

const table = ({ config }: Case, solver: string, steps: number, grid: GridName): SolverTable =>
  samplingTable(config, { solver, steps, grid });

const byPath = [...new Set(CASES.map(({ config }) => `${config.path}, ${config.gamma}`))].map(
  (name) => [name, CASES.filter(({ config }) => `${config.path}, ${config.gamma}` === name)] as const,
);

describe.each(byPath)('%s', (_, cases) => {
  it('ODE: the error falls, by the order that the solver states', () => {
    for (const one of cases) {
      const { config, whole } = one;
      const host = hostOf(config);
      const starts = startsOf(config);
      const ends = exactEnds(config, starts);
      const even = defaultGrid(scheduleOf(config));
      for (const name of ODE) {
        const solver = solverByName(name);
        if (!usable(one, solver)) continue;
        const floor = truncation(one, 2 * solver.asymptotic, solver) + ROUNDING;
        // Methods of noise levels are written on even steps of them.
        const grid = name === 'dpm-solver++' ? 'logsnr' : even;
        const counts = [solver.asymptotic, 2 * solver.asymptotic];
        const [coarse, fine] = counts.map((steps) =>
          rms(integrate(table(one, name, steps, grid), host, starts), ends),
        );
        const said = `${one.name}, ${name}, ${counts} steps: ${coarse} → ${fine}, floor ${floor}`;
        expect(fine, said).toBeLessThanOrEqual(1.05 * coarse + floor);
        // A fit where the error is the solver's own.
        if (whole && fine > 30 * floor)
          expect(Math.log2(coarse / fine), said).toBeGreaterThan(solver.order - 0.2);
      }
    }
  });

  it('SDE: errors of mean and deviation do not rise', () => {
    for (const one of cases) {
      const { config } = one;
      const schedule = scheduleOf(config);
      const host = hostOf(config);
      const { alpha, beta } = schedule.at(0);
      const start =
        config.path === 'mirror'
          ? { mean: MEAN, std: DEVIATION }
          : { mean: beta * MEAN, std: Math.hypot(alpha, beta * DEVIATION) };
      const end = schedule.at(1);
      const deviation = Math.hypot(end.beta * DEVIATION, end.alpha);
      for (const name of SDE) {
        const solver = solverByName(name);
        if (!usable(one, solver)) continue;
        const floor = truncation(one, 2 * solver.asymptotic, solver) + ROUNDING;
        const [coarse, fine] = [solver.asymptotic, 2 * solver.asymptotic].map((steps) => {
          const moments = momentsAfter(table(one, name, steps, defaultGrid(schedule)), host, start);
          return Math.hypot(moments.mean - MEAN, moments.std - deviation);
        });
        const said = `${one.name}, ${name}: ${coarse} → ${fine}, floor ${floor}`;
        expect(fine, said).toBeLessThanOrEqual(1.05 * coarse + floor + 1e-3);
        expect(fine, said).toBeLessThan(0.05 + floor);
      }
    }
  });

  it.each(gridNames)('on %s times no step more is worse', (grid) => {
    for (const one of cases) {
      if (!one.oneSided && (grid === 'karras' || grid === 'logsnr')) continue;
      const host = hostOf(one.config);
      const starts = startsOf(one.config);
      const ends = exactEnds(one.config, starts);
      const floor = truncation(one, 48) + ROUNDING;
      for (const name of ['heun', 'rk4', 'dpm-solver++']) {
        if (!usable(one, solverByName(name))) continue;
        // On other times its error changes sign on its way down.
        if (name === 'dpm-solver++' && grid !== 'logsnr') continue;
        const [coarse, fine] = [12, 48].map((steps) =>
          rms(integrate(table(one, name, steps, grid), host, starts), ends),
        );
        expect(fine, `${one.name}, ${name}`).toBeLessThanOrEqual(1.05 * coarse + floor + 1e-3);
      }
    }
  });

  it('an error of the networks is not magnified', () => {
    for (const one of cases) {
      const host = hostOf(one.config);
      const starts = startsOf(one.config);
      const bents = [0, 40].map((turns) => bent(host, 1e-3, turns));
      const moved = (steps: SolverTable): number => {
        const ends = integrate(steps, host, starts);
        return Math.max(...bents.map((field) => rms(integrate(steps, field, starts), ends) / 1e-3));
      };
      const grid = defaultGrid(scheduleOf(one.config));
      // As far as a fine run of rk4 is moved, whose steps say what the flow itself does with an error.
      const flow = moved(table(one, 'rk4', 200, grid));
      for (const name of ODE) {
        if (!usable(one, solverByName(name))) continue;
        for (const steps of [20, 64]) {
          const amplification = moved(table(one, name, steps, grid));
          const said = `${one.name}, ${name}, ${steps} steps: ${amplification}, rk4 ${flow}`;
          expect(amplification, said).toBeLessThanOrEqual(100);
          expect(amplification, said).toBeLessThanOrEqual(10 * Math.max(flow, 0.1));
        }
      }
    }
  });

  it('dopri5 meets its tolerance from end to end', async () => {
    for (const one of cases.filter(({ whole }) => whole)) {
      const field = samplingField(one.config);
      const starts = startsOf(one.config);
      const ends = exactEnds(one.config, starts);
      const tolerance = { absolute: 1e-5, relative: 1e-5 };
      const { points } = await integrateAdaptive(field, hostOf(one.config), starts, { tolerance }, 1);
      expect(rms(points, ends), one.name).toBeLessThan(1e-3 + truncation(one, 1000));
    }
  });
});
