/** What the table of combinations is made of: every path × γ × solver × ε(t), each head, and changes of schedule. */
import type { GaussianMixture } from '../../src/data/mixture.js';
import {
  checkInterpolant,
  DEFAULT_INTERPOLANT,
  type InterpolantConfig,
} from '../../src/interpolant/config.js';
import { customGamma, customPath } from '../../src/interpolant/custom.js';
import { gammaNames } from '../../src/interpolant/gammas.js';
import type { GridName } from '../../src/interpolant/grids.js';
import { makeSchedule, type Schedule } from '../../src/interpolant/schedule.js';
import { diffusionNames } from '../../src/samplers/diffusion.js';
import type { SamplingOptions } from '../../src/samplers/plan.js';
import { solverByName, solverNames } from '../../src/samplers/solvers.js';
import { lastStepNames } from '../../src/samplers/table_options.js';

export interface Interpolant {
  readonly name: string;
  readonly config: InterpolantConfig;
  readonly grid: GridName;
  /** The path that a trained model is sampled along, where it is another. */
  readonly path?: string;
  /** A path and γ of the user's own. */
  readonly schedule?: Schedule;
  /** x0 is data too, drawn from a Gaussian if not given. */
  readonly base?: GaussianMixture;
}

export interface Combination {
  readonly interpolant: Interpolant;
  readonly options: SamplingOptions & { readonly solver: string };
  /** Order of the solver; of an SDE solver its weak order. */
  readonly order: number;
}

/** A root and its power: α² + β² = 1 with a slope that no named path has, and a γ that leans to the end. */
const OWN = makeSchedule(
  customPath({
    name: 'α = (1 − t)^1.5',
    alpha: (t) => (1 - t) ** 1.5,
    alphaDot: (t) => -1.5 * Math.sqrt(1 - t),
    beta: (t) => t ** 1.5,
    betaDot: (t) => 1.5 * Math.sqrt(t),
  }),
  customGamma({
    name: 'γ = t²(1 − t)',
    gamma: (t) => t * t * (1 - t),
    gammaDot: (t) => 2 * t - 3 * t * t,
  }),
);

/** @param other where x0 comes from in the rows between two data sets */
export function interpolantsOf(mixture: GaussianMixture, other: GaussianMixture): Interpolant[] {
  const sigmaData = deviation(mixture);
  const make = (
    change: Partial<InterpolantConfig>,
    more: Partial<Interpolant> & { readonly label?: string } = {},
  ): Interpolant => {
    const config = { ...DEFAULT_INTERPOLANT, sigmaData, ...change } as InterpolantConfig;
    checkInterpolant(config);
    const { label, ...rest } = more;
    const scale = config.gammaScale === 1 ? '' : ` times ${config.gammaScale}`;
    const gamma = config.gamma === 'none' ? '' : `γ ${config.gamma}${scale}, `;
    const along = rest.path === undefined ? '' : `, sampled along ${rest.path}`;
    const name = label ?? `${config.path}, ${gamma}${config.heads.join(' + ')}${along}`;
    return { name, config, grid: config.gamma === 'sqrt' ? 'chebyshev' : 'uniform', ...rest };
  };
  const gammas = gammaNames.filter((gamma) => gamma !== 'none');
  const edm = { path: 'edm', sigmaMin: 0.01, sigmaMax: 100 };
  return [
    ...(['velocity', 'drift', 'data', 'denoiser', 'score', 'edm'] as const).map((head) =>
      make({ heads: [head] }),
    ),
    ...['trig', 'vp', 'vp-sde', 'sub-vp-sde'].flatMap((path) => [
      make({ path }),
      make({ path, heads: ['edm'] }),
    ]),
    make({ path: 've', heads: ['edm'] }, { grid: 'logsnr' }),
    make({ path: 've', heads: ['denoiser'] }, { grid: 'logsnr' }),
    make({ ...edm, heads: ['edm'] }, { grid: 'karras' }),
    make({ ...edm, heads: ['data'] }, { grid: 'karras' }),
    make({}, { path: 'trig' }),
    make({}, { path: 'vp-sde' }),
    make({ path: 'vp-sde', heads: ['denoiser'] }, { path: 'linear' }),
    ...['linear', 'trig', 'encoding-decoding', 'vp', 'mirror'].flatMap((path) =>
      gammas.map((gamma) =>
        make({ path, gamma, heads: ['velocity', 'denoiser'] }, path === 'mirror' ? { base: mixture } : {}),
      ),
    ),
    ...(
      [
        ['velocity', 'score'],
        ['drift', 'denoiser'],
        ['drift', 'score'],
        ['data', 'denoiser'],
      ] as const
    ).map((heads) => make({ gamma: 'sqrt', heads })),
    make({ gamma: 'sqrt', gammaScale: 4, heads: ['drift', 'denoiser'] }),
    make({}, { base: other, label: 'linear, velocity, between two data sets' }),
    make(
      { gamma: 'sqrt', heads: ['drift', 'denoiser'] },
      { base: other, label: 'linear, γ sqrt, drift + denoiser, between two data sets' },
    ),
    make(
      { gamma: 'quadratic', heads: ['velocity', 'denoiser'] },
      { schedule: OWN, label: `own: ${OWN.path.name}, ${OWN.gamma.name}, velocity + denoiser` },
    ),
  ];
}

/** Standard deviation of a coordinate about the mean, averaged over coordinates. */
function deviation(mixture: GaussianMixture): number {
  const { dim } = mixture;
  const covariance = mixture.covariance();
  let square = 0;
  for (let j = 0; j < dim; j++) square += covariance[j * dim + j] / dim;
  return Math.sqrt(square);
}

/** All that can be asked of an interpolant; `quick`, and data at both ends, take two of the ε(t) and one last step. */
export function combinationsOf(interpolant: Interpolant, quick: boolean): Combination[] {
  const { config, grid, path, base } = interpolant;
  const twoSided = config.gamma !== 'none';
  const few = quick || (base !== undefined && config.path !== 'mirror');
  // Between points there is a score only where there is noise.
  const scored = twoSided || base === undefined;
  const combinations: Combination[] = [];
  for (const name of solverNames) {
    if (name === 'dopri5') {
      combinations.push({ interpolant, options: { solver: name }, order: 4 });
      continue;
    }
    const { stochastic, oneSided, order } = solverByName(name);
    if (oneSided && (twoSided || base !== undefined)) continue;
    if (stochastic && !scored) continue;
    const add = (options: SamplingOptions) =>
      combinations.push({
        interpolant,
        options: { solver: name, grid, ...(path === undefined ? {} : { path }), ...options },
        order,
      });
    // EDM's churn, ancestral steps and Langevin's have a noise of their own.
    if (!stochastic || oneSided || name === 'langevin') {
      add({});
      continue;
    }
    const diffusions = diffusionNames.filter((diffusion) => !(diffusion === 'lambda' && twoSided));
    for (const diffusion of few ? diffusions.slice(0, 2) : diffusions)
      add({ diffusion: { name: diffusion, scale: 1 } });
    for (const lastStep of lastStepNames.filter((last) => last !== 'none').slice(0, few ? 1 : 3))
      add({ diffusion: { name: 'sigma', scale: 1 }, lastStep });
  }
  return combinations;
}
