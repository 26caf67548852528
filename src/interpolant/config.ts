import { TIME_SAMPLING_ID } from '../backend/contracts/draw.js';
import { badInput } from '../errors.js';
import { unknownName } from '../suggest.js';
import { gammaNames } from './gammas.js';
import { type Head, headNames } from './heads.js';
import { type PathOptions, pathNames } from './paths.js';
import { type Schedule, scheduleByName } from './schedule.js';

export const weightingNames = ['none', 'snr', 'min-snr', 'likelihood', 'edm'] as const;
export const timeDistributionNames = ['uniform', 'logit-normal', 'log-normal', 'arcsine'] as const;
export const couplingNames = ['independent', 'ot', 'sinkhorn', 'paired'] as const;
export const batchingNames = ['replacement', 'epochs'] as const;

/** Everything about x_t = α x0 + β x1 + γ z and about what is learned of it. */
export interface InterpolantConfig extends PathOptions {
  /** A path's name, see `pathNames`. */
  readonly path: string;
  /** The name of γ(t), see `gammaNames`; `none` makes the interpolant one-sided. */
  readonly gamma: string;
  /** a in γ = √(a t(1 − t)), or the factor of another γ. */
  readonly gammaScale: number;
  /** What the networks predict, one each; at most two. */
  readonly heads: readonly Head[];
  /** The data's standard deviation as EDM's preconditioning takes it. */
  readonly sigmaData: number;
  /**
   * The weight of a time in the loss: `none` on the head's own error; the others weigh the error of E[x1 | x] by
   * SNR = β²/α², min(SNR, 5) (Hang et al., arXiv 2303.09556), ½ dSNR/dt (the likelihood's; Kingma et al., arXiv
   * 2107.00630) or EDM's (σ² + σd²)/(σσd)². They are scaled to a mean of 1 over the times drawn.
   */
  readonly weighting: (typeof weightingNames)[number];
  /** Training draws t from [timeMin, timeMax]: γ̇ is infinite at the ends. */
  readonly timeMin: number;
  readonly timeMax: number;
  /**
   * How t is distributed there: `logit-normal`, ln(t/(1 − t)) ~ N(timeMean, timeStd²) (SD3, arXiv 2403.03206);
   * `log-normal`, ln(α/β) ~ N(timeMean, timeStd²), EDM's noise levels on any path; `arcsine`, t = sin²(½πu), in
   * which γ = √(a t(1 − t)) meets all its values alike.
   */
  readonly timeDistribution: (typeof timeDistributionNames)[number];
  readonly timeMean: number;
  readonly timeStd: number;
  /** Times that training knows: the quantiles of the distribution at cell centres; 1000 for DDPM's steps. */
  readonly timeCells: number;
  /**
   * How a batch's times are drawn from the distribution: `uniform` on their own; `stratified` one in each of as
   * many equal cells as there are draws; `low-discrepancy` the same with one shift for all (2107.00630, §I.1).
   */
  readonly timeSampling: keyof typeof TIME_SAMPLING_ID;
  /** Rows in pairs ±z, which cancels the O(1/γ) variance at the ends. */
  readonly antithetic: boolean;
  /**
   * Which x0 belongs to which x1: `independent`; `ot` and `sinkhorn` by optimal transport inside the batch, within a
   * class where there are labels (arXiv 2302.00482); `paired` where row k of the base belongs to row k of the data.
   */
  readonly coupling: (typeof couplingNames)[number];
  /** Entropic regularisation of `sinkhorn`, in units of squared distance; [SF]²M takes 2σ². */
  readonly couplingRegularisation: number;
  /** Sinkhorn iterations at that regularisation, besides those that lead down to it from larger ones. */
  readonly couplingIterations: number;
  /** Whether a batch's rows are drawn with replacement, or without until all have had their turn. */
  readonly batching: (typeof batchingNames)[number];
}

export const DEFAULT_INTERPOLANT: InterpolantConfig = {
  path: 'linear',
  gamma: 'none',
  gammaScale: 1,
  betaMin: 0.1,
  betaMax: 20,
  sigmaMin: 0.01,
  sigmaMax: 50,
  heads: ['velocity'],
  sigmaData: 1,
  weighting: 'none',
  timeMin: 0,
  timeMax: 1,
  timeDistribution: 'uniform',
  timeMean: 0,
  timeStd: 1,
  timeCells: 2 ** 14,
  timeSampling: 'stratified',
  antithetic: false,
  coupling: 'independent',
  couplingRegularisation: 1,
  couplingIterations: 24,
  batching: 'replacement',
};

/** The path and γ of a config. @throws TributaryError('bad-input') for names and numbers that cannot be */
export function scheduleOf(config: InterpolantConfig): Schedule {
  return scheduleByName(config.path, config.gamma, config.gammaScale, config);
}

/** Whether the noise is z and not the Gaussian base. */
export const isTwoSided = ({ gamma }: Pick<InterpolantConfig, 'gamma'>): boolean => gamma !== 'none';

const NAMES = {
  path: pathNames,
  gamma: gammaNames,
  weighting: weightingNames,
  timeDistribution: timeDistributionNames,
  timeSampling: Object.keys(TIME_SAMPLING_ID),
  coupling: couplingNames,
  batching: batchingNames,
} as const;

const NUMBERS = [
  'gammaScale',
  'betaMin',
  'betaMax',
  'sigmaMin',
  'sigmaMax',
  'sigmaData',
  'timeMin',
  'timeMax',
  'timeMean',
  'timeStd',
  'couplingRegularisation',
] as const;

function checkHeads({ heads, gamma, path }: InterpolantConfig): void {
  if (!Array.isArray(heads) || heads.length < 1 || heads.length > 2)
    badInput(`interpolant heads are ${JSON.stringify(heads)}; give one or two of ${headNames.join(', ')}`);
  for (const head of heads) if (!headNames.includes(head)) unknownName('head', String(head), headNames);
  if (heads.length === 2 && heads[0] === heads[1]) badInput(`the head ${heads[0]} is named twice`);
  if (gamma === 'none') {
    if (heads.length === 2)
      badInput(
        'a one-sided interpolant needs one head only: the others follow from it; leave one out or set gamma',
      );
    if (path === 'mirror')
      badInput('the mirror path needs a gamma, for instance sqrt: without it nothing moves');
    return;
  }
  if (heads.includes('edm'))
    badInput('the edm head belongs to one-sided interpolants: set gamma to none, or learn the velocity');
  const key = [...heads].sort().join('+');
  const known = [
    'velocity',
    'denoiser+velocity',
    'score+velocity',
    'denoiser+drift',
    'drift+score',
    'data+denoiser',
  ];
  if (path === 'mirror') known.push('denoiser', 'score');
  // Where α is 0, x no longer tells x0, which these two leave to it.
  if (key === 'data+denoiser' && (path === 'mirror' || path === 'encoding-decoding'))
    badInput(
      `the ${path} path has α = 0 at times, where data and denoiser give no velocity: learn the velocity`,
    );
  if (!known.includes(key))
    badInput(
      `the heads ${heads.join(' and ')} do not give a velocity; for a two-sided interpolant take velocity and denoiser`,
    );
}

/** @throws TributaryError('bad-input') with the first thing that makes no sense, and what would */
export function checkInterpolant(config: InterpolantConfig): void {
  for (const [key, known] of Object.entries(NAMES)) {
    const value = config[key as keyof typeof NAMES];
    if (!known.includes(value as never)) unknownName(`interpolant ${key}`, String(value), known);
  }
  for (const key of NUMBERS) {
    const value: unknown = config[key];
    if (typeof value !== 'number' || !Number.isFinite(value))
      badInput(
        `interpolant ${key} is ${typeof value === 'number' ? value : JSON.stringify(value)}; it must be a number`,
      );
  }
  if (typeof config.antithetic !== 'boolean')
    badInput(`interpolant antithetic is ${JSON.stringify(config.antithetic)}; it must be true or false`);
  const { timeMin, timeMax, timeCells } = config;
  if (!(timeMin >= 0 && timeMin < timeMax && timeMax <= 1))
    badInput(`times from ${timeMin} to ${timeMax} are not inside 0 to 1`);
  if (!Number.isInteger(timeCells) || timeCells < 1 || timeCells > 2 ** 20)
    badInput(`interpolant timeCells is ${timeCells}; it must be a whole number from 1 to ${2 ** 20}`);
  const { couplingIterations } = config;
  if (!Number.isInteger(couplingIterations) || couplingIterations < 1 || couplingIterations > 10_000)
    badInput(
      `interpolant couplingIterations is ${couplingIterations}; it must be a whole number from 1 to 10000`,
    );
  for (const key of ['gammaScale', 'sigmaData', 'timeStd', 'couplingRegularisation'] as const)
    if (!(config[key] > 0)) badInput(`interpolant ${key} is ${config[key]}; it must be above 0`);
  checkHeads(config);
  scheduleOf(config);
  if (config.weighting !== 'none' && isTwoSided(config))
    badInput(
      `the ${config.weighting} weighting is one of signal to noise, for one-sided interpolants: use none`,
    );
  if (config.timeDistribution === 'log-normal' && isTwoSided(config))
    badInput(
      'log-normal times are noise levels α/β, for one-sided interpolants: use uniform, arcsine or logit-normal',
    );
  if (config.antithetic && !isTwoSided(config))
    badInput('antithetic pairs ±z need a gamma: set one, or antithetic to false');
}
