/** Tables and fields are finite at both ends of time, for everything that can be combined. */
import { describe, expect, it } from 'vitest';
import {
  checkInterpolant,
  DEFAULT_INTERPOLANT,
  type InterpolantConfig,
} from '../../src/interpolant/config.js';
import { gammaNames } from '../../src/interpolant/gammas.js';
import { gridNames } from '../../src/interpolant/grids.js';
import { headNames } from '../../src/interpolant/heads.js';
import { pathNames } from '../../src/interpolant/paths.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { integrateAdaptive } from '../../src/samplers/adaptive.js';
import { diffusionNames } from '../../src/samplers/diffusion.js';
import { fieldOf } from '../../src/samplers/field.js';
import { type HostField, integrate } from '../../src/samplers/integrate.js';
import { type SamplingOptions, samplingField, samplingTable } from '../../src/samplers/plan.js';
import { solverByName, tableSolverNames } from '../../src/samplers/solvers.js';
import type { SolverTable } from '../../src/samplers/table.js';
import { lastStepNames } from '../../src/samplers/table_options.js';
import { walk } from '../shared/walks.js';

const random = new CounterRandom(3, STREAM.test);
const START = Float64Array.from({ length: 8 }, (_, i) => random.normal(i));

describe('nothing is infinite', () => {
  const configs = pathNames.flatMap((path) =>
    gammaNames.flatMap((gamma) =>
      [
        ...headNames.map((head) => [head]),
        ['velocity', 'denoiser'],
        ['drift', 'score'],
        ['data', 'denoiser'],
      ].flatMap((heads) => {
        const config = { ...DEFAULT_INTERPOLANT, path, gamma, heads } as InterpolantConfig;
        try {
          checkInterpolant(config);
          return [config];
        } catch {
          return [];
        }
      }),
    ),
  );

  it('finds combinations of every path and γ', () => {
    expect(new Set(configs.map(({ path }) => path))).toEqual(new Set(pathNames));
    expect(new Set(configs.map(({ gamma }) => gamma))).toEqual(new Set(gammaNames));
  });

  const named = walk(configs, ({ path, gamma, heads }) => [
    `${path}, ${gamma}`,
    `${path}, ${gamma === 'none'}, ${heads}`,
    `${gamma}, ${heads}`,
  ]).map((config) => [`${config.path}, ${config.gamma}, ${config.heads.join(' + ')}`, config] as const);
  const networks = (config: InterpolantConfig): HostField =>
    Object.fromEntries(
      config.heads.map((head) => [
        head,
        (_t: number, x: Float64Array, unlabelled: boolean) =>
          x.map((value) => 0.3 * Math.tanh(value) + (unlabelled ? 0.1 : 0)),
      ]),
    );
  const finite = (values: Float64Array) => values.every((value) => Number.isFinite(Math.fround(value)));

  /** A table in float32 and where it ends; what cannot be is refused with a reason, not with a number that is none. */
  function holds(config: InterpolantConfig, options: SamplingOptions, reasons: RegExp): boolean {
    let table: SolverTable;
    try {
      table = samplingTable(config, options);
    } catch (error) {
      expect((error as Error).message, JSON.stringify(options)).toMatch(reasons);
      return false;
    }
    const rows = Float64Array.from(table.rows, Math.fround);
    const end = integrate({ ...table, rows }, networks(config), START, { seed: 1 });
    expect(finite(rows) && finite(end), JSON.stringify(options)).toBe(true);
    return true;
  }

  const EVERYWHERE = /needs a score|no score|one-sided|grid that rises|noise levels|does not know/;

  it.each(named)('%s: tables of one, two and three steps, from end to end', (_, config) => {
    for (const solver of tableSolverNames)
      for (const grid of gridNames)
        for (const steps of [1, 2, 3])
          for (const backward of [false, true]) holds(config, { solver, grid, steps, backward }, EVERYWHERE);
  });

  it.each(named)('%s: every ε(t), with and without its noise, and every last step', (_, config) => {
    for (const solver of tableSolverNames.filter((name) => solverByName(name).stochastic)) {
      const { freeDiffusion } = solverByName(solver);
      const diffusions = freeDiffusion
        ? diffusionNames.flatMap((name) => [0, 1, 3].map((scale) => ({ diffusion: { name, scale } })))
        : [{}];
      for (const diffusion of diffusions)
        for (const lastStep of lastStepNames)
          for (const steps of [1, 2])
            for (const backward of [false, true])
              holds(
                config,
                { solver, steps, backward, lastStep, ...diffusion },
                new RegExp(`${EVERYWHERE.source}|tweedie ends|take none, euler or tweedie`),
              );
    }
  });

  it.each(named)('%s: guidance, churn and Langevin steps', (_, config) => {
    for (const solver of tableSolverNames)
      for (const guidance of [-1, 0, 2])
        for (const steps of [1, 3])
          for (const backward of [false, true])
            holds(
              config,
              {
                ...{ solver, guidance, steps, backward },
                ...(solver === 'edm-churn' ? { churn: { churn: 100, least: 0, most: 1e9 } } : {}),
                ...(solverByName(solver).corrects ? { corrector: { steps: 2 } } : {}),
              },
              EVERYWHERE,
            );
  });

  it.each(named.filter(([, { gamma }]) => gamma === 'none'))(
    '%s: sampled along every other path',
    (_, config) => {
      let along = 0;
      for (const path of pathNames)
        for (const solver of tableSolverNames)
          for (const grid of gridNames)
            for (const steps of [1, 2])
              for (const backward of [false, true])
                if (
                  holds(
                    config,
                    { path, solver, grid, steps, backward },
                    /grid that rises|no noise levels|needs a gamma/,
                  )
                )
                  along++;
      // All paths but two, with the solvers that run both ways and those that do not.
      expect(along).toBeGreaterThan((pathNames.length - 2) * tableSolverNames.length * gridNames.length);
    },
  );

  it.each(named)('%s: the field at t = 0 and t = 1', (_, config) => {
    const fields = [fieldOf(config)];
    if (config.gamma === 'none')
      fields.push(...['trig', 'vp', 've'].map((path) => samplingField(config, { path })));
    for (const field of fields)
      for (const t of [0, 1]) {
        const { velocity, score, data, base, input, time, c } = field.at(t);
        expect(finite(Float64Array.of(input, time))).toBe(true);
        // Without any noise there is no score: solvers leave it out where ε is 0.
        for (const part of [velocity, c.alpha + c.gamma > 0 ? score : null, data, base])
          if (part)
            expect(finite(Float64Array.of(part.x, ...part.heads.map((factor) => factor ?? 0)))).toBe(true);
      }
  });

  it.each(named)('%s: dopri5 both ways, guided and along another path', async (_, config) => {
    const fields = [fieldOf(config)];
    if (config.gamma === 'none') fields.push(samplingField(config, { path: 'vp' }));
    const tolerance = { absolute: 1e-2, relative: 1e-2 };
    for (const field of fields)
      for (const guidance of [0, 1, 2])
        for (const backward of [false, true]) {
          const options = { tolerance, guidance, backward };
          const { points } = await integrateAdaptive(field, networks(config), START, options);
          expect(finite(points), JSON.stringify(options)).toBe(true);
        }
  });
});
