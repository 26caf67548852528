/**
 * Every path × γ × head × solver × diffusion coefficient on the exact field N(0, 1) → N(2, 0.5²), by exact moments:
 * whatever ε is, the end must have mean 2 and standard deviation 0.5 (arXiv 2303.08797, theorem 2.8).
 */
import { describe, expect, it } from 'vitest';
import {
  checkInterpolant,
  DEFAULT_INTERPOLANT,
  type InterpolantConfig,
  scheduleOf,
} from '../../src/interpolant/config.js';
import type { GridName } from '../../src/interpolant/grids.js';
import { diffusionNames } from '../../src/samplers/diffusion.js';
import { type SamplingOptions, samplingTable } from '../../src/samplers/plan.js';
import { solverByName, solverNames } from '../../src/samplers/solvers.js';
import { walk } from '../shared/walks.js';
import { lineField, momentsAfter } from './moments.js';

const interpolant = (change: Partial<InterpolantConfig>): InterpolantConfig => {
  const config = { ...DEFAULT_INTERPOLANT, ...change };
  checkInterpolant(config);
  return config;
};

const ONE_SIDED: [string, Partial<InterpolantConfig>, GridName][] = [
  ...(['velocity', 'drift', 'data', 'denoiser', 'score', 'edm'] as const).map(
    (head): [string, Partial<InterpolantConfig>, GridName] => [
      `linear, ${head}`,
      { heads: [head] },
      'uniform',
    ],
  ),
  ['trig, velocity', { path: 'trig' }, 'uniform'],
  ['trig, data', { path: 'trig', heads: ['data'] }, 'uniform'],
  ['vp, velocity', { path: 'vp' }, 'uniform'],
  ['vp, denoiser', { path: 'vp', heads: ['denoiser'] }, 'uniform'],
  ['vp-sde, velocity', { path: 'vp-sde' }, 'uniform'],
  ['vp-sde, denoiser', { path: 'vp-sde', heads: ['denoiser'] }, 'logsnr'],
  ['sub-vp-sde, score', { path: 'sub-vp-sde', heads: ['score'] }, 'uniform'],
  ['ve, edm', { path: 've', heads: ['edm'], sigmaData: 2 }, 'uniform'],
  ['ve, denoiser', { path: 've', heads: ['denoiser'] }, 'logsnr'],
  ['edm, edm', { path: 'edm', heads: ['edm'], sigmaData: 2, sigmaMin: 0.002, sigmaMax: 80 }, 'karras'],
  ['edm, data', { path: 'edm', heads: ['data'], sigmaMin: 0.002, sigmaMax: 80 }, 'karras'],
];

const GAMMAS = ['sqrt', 'quadratic', 'sin-squared', 'sigmoid-sum'];

const TWO_SIDED: [string, Partial<InterpolantConfig>][] = [
  ...['linear', 'trig', 'encoding-decoding', 'vp'].flatMap((path) =>
    GAMMAS.map((gamma): [string, Partial<InterpolantConfig>] => [
      `${path}, ${gamma}, velocity + denoiser`,
      { path, gamma, heads: ['velocity', 'denoiser'] },
    ]),
  ),
  ...(
    [
      ['velocity', 'score'],
      ['drift', 'denoiser'],
      ['drift', 'score'],
      ['data', 'denoiser'],
    ] as const
  ).map((heads): [string, Partial<InterpolantConfig>] => [
    `linear, sqrt, ${heads.join(' + ')}`,
    { gamma: 'sqrt', heads },
  ]),
];

const CASES = [
  ...ONE_SIDED.map(([name, change, grid]) => [name, interpolant(change), grid] as const),
  ...TWO_SIDED.map(([name, change]) => [name, interpolant(change), 'uniform' as GridName] as const),
];

/** Steps of the coarser of two runs, by the solver's order; the other takes twice as many. */
const STEPS: Record<number, number> = { 1: 220, 2: 150, 4: 60 };
/**
 * Three digits; less where extrapolation does not reach the limit: √-type ends of vp, the kinks of
 * encoding–decoding, noise levels over four decades (ve in even steps, vp-sde in even ln σ), and Langevin steps, whose bias is their ratio's.
 */
const BOUND = 1e-3;
const ROUGH_BOUND = 1e-2;
const ROUGH_PATHS = ['vp', 'vp-sde', 've', 'encoding-decoding'];

/**
 * What the end would be without the solver's own error: half the steps have twice the error of first order, and an
 * error of higher order is small anyway (Richardson's extrapolation). The limit must be exact.
 */
function limit(config: InterpolantConfig, options: SamplingOptions): { mean: number; std: number } {
  // The score SDEs and EDM begin at N(0, σ0²) for what is nearly that; the solver is not to blame for the rest.
  const { alpha, beta } = scheduleOf(config).at(0);
  const start = { mean: 2 * beta, std: Math.hypot(alpha, 0.5 * beta) };
  const field = lineField(config);
  const { order } = solverByName(options.solver ?? 'heun');
  const [coarse, fine] = [STEPS[order], 2 * STEPS[order]].map((steps) =>
    momentsAfter(samplingTable(config, { ...options, steps }), field, start),
  );
  return { mean: 2 * fine.mean - coarse.mean, std: 2 * fine.std - coarse.std };
}

function check(config: InterpolantConfig, options: SamplingOptions): void {
  const { mean, std } = limit(config, options);
  const { corrects = false } = solverByName(options.solver ?? 'heun');
  const bound = corrects || ROUGH_PATHS.includes(config.path) ? ROUGH_BOUND : BOUND;
  expect(Math.abs(mean - 2)).toBeLessThan(bound);
  expect(Math.abs(std - 0.5)).toBeLessThan(bound);
}

const fixedSolvers = solverNames.filter((name) => name !== 'dopri5');

describe.each(CASES)('%s', (model, config, grid) => {
  const twoSided = config.gamma !== 'none';
  const usable = fixedSolvers.filter((name) => !(twoSided && solverByName(name).oneSided));

  it.each(usable)('%s keeps the marginals', (solver) => {
    if (!solverByName(solver).freeDiffusion) {
      check(config, { solver, grid });
      return;
    }
    const known = diffusionNames.filter((one) => !(one === 'lambda' && twoSided));
    const ways = known.flatMap((name) => [0.3, 2].map((scale) => ({ name, scale })));
    // Each kind and each scale; which of them go together changes from one model to the next.
    const at = CASES.findIndex(([one]) => one === model) + usable.indexOf(solver);
    const turned = [...ways.slice(at % ways.length), ...ways.slice(0, at % ways.length)];
    for (const diffusion of walk(turned, ({ name, scale }) => [name, `${scale}`]))
      check(config, { solver, grid, diffusion });
  });
});
