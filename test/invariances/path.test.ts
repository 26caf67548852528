/**
 * A change of path is a change of time and scale: along any path that ends where its own does, a one-sided model's
 * particles arrive at the same points from the same noise. Every other path is refused.
 */
import { describe, expect, it } from 'vitest';
import { pathNames } from '../../src/interpolant/paths.js';
import { scheduleByName } from '../../src/interpolant/schedule.js';
import { integrate } from '../../src/samplers/integrate.js';
import { samplingTable } from '../../src/samplers/plan.js';
import { solverByName, tableSolverNames } from '../../src/samplers/solvers.js';
import { ALL, DEVIATION, hostOf, MEAN, NOISES, rms } from './world.js';

const ONE_SIDED = ALL.filter(({ oneSided, whole }) => oneSided && whole);

/** Neither is α/β that falls all the way. */
const NO_CHANGE = ['encoding-decoding', 'mirror'];

/**
 * Where a start at noise of level σ = α/β, in place of none of the data at all, leaves the particles: the mean is off by
 * s m/σ, the width by as little as s³/2σ².
 */
function truncated(path: string, config: (typeof ALL)[number]['config']): number {
  const { alpha, beta } = scheduleByName(path, 'none', 1, config).at(0);
  return beta === 0 ? 0 : (DEVIATION * MEAN * beta) / alpha + DEVIATION ** 3 * (beta / alpha) ** 2;
}

/** What is left of the noise at the ends of training on the other path, and where a path keeps some. */
function leftAtData(path: string, { config }: (typeof ALL)[number]): number {
  const ends = [config.path, path].map((name) => scheduleByName(name, 'none', 1, config).at(1 - 1e-4));
  return Math.max(...ends.map(({ alpha, beta }) => (alpha / beta) ** 2 / DEVIATION + alpha / beta / 50));
}

describe.each(ONE_SIDED.map((one) => [one.name, one] as const))('%s', (_, one) => {
  const { config } = one;
  const host = hostOf(config);
  const ends = (path: string, solver: string, steps: number) => {
    const { alpha } = scheduleByName(path, 'none', 1, config).at(0);
    const table = samplingTable(config, { path, solver, steps });
    return integrate(
      table,
      host,
      NOISES.map((z) => alpha * z),
    );
  };

  it('arrives at the same points along every path', () => {
    const own = ends(config.path, 'rk4', 100);
    for (const path of pathNames) {
      if (NO_CHANGE.includes(path)) {
        expect(() => samplingTable(config, { path, solver: 'heun', steps: 4 })).toThrow(
          /no change of time and scale|needs a gamma|no noise/,
        );
        continue;
      }
      const bound = 2e-3 + truncated(path, config) + truncated(config.path, config) + leftAtData(path, one);
      expect(rms(ends(path, 'rk4', 100), own), path).toBeLessThan(bound);
    }
  });

  it('by every solver of the flow, in the limit of many steps', () => {
    const own = ends('trig', 'rk4', 100);
    const flow = tableSolverNames.filter((name) => !solverByName(name).stochastic);
    for (const path of ['vp', 'vp-sde', 'linear'])
      for (const solver of flow) {
        const { order } = solverByName(solver);
        const bound = (order === 1 ? 0.06 : 0.02) + truncated(path, config) + truncated(config.path, config);
        expect(rms(ends(path, solver, order === 1 ? 300 : 100), own), `${path}, ${solver}`).toBeLessThan(
          bound,
        );
      }
  });
});
