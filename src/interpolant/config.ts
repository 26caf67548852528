import { TIME_SAMPLING_ID } from '../backend/contracts/draw.js';
import { badInput } from '../errors.js';
import { checkSettings, type Description, type SettingsOf, usualOf } from '../settings.js';
import { gammaNames } from './gammas.js';
import { headNames } from './heads.js';
import { PATH_SETTINGS, pathNames } from './paths.js';
import { type Schedule, scheduleByName } from './schedule.js';

export const weightingNames = ['none', 'snr', 'min-snr', 'likelihood', 'edm'] as const;
export const timeDistributionNames = ['uniform', 'logit-normal', 'log-normal', 'arcsine'] as const;
export const couplingNames = ['independent', 'ot', 'sinkhorn', 'paired'] as const;
export const batchingNames = ['replacement', 'epochs'] as const;
export const timeSamplingNames = Object.keys(TIME_SAMPLING_ID) as (keyof typeof TIME_SAMPLING_ID)[];

/** Everything about x_t = α x0 + β x1 + γ z and about what is learned of it. */
export const INTERPOLANT_SETTINGS = {
  /** A path's name, see `pathNames`. */
  path: { kind: 'choice', usual: 'linear', names: pathNames, help: 'path α(t) x0 + β(t) x1' },
  /** The name of γ(t), see `gammaNames`; `none` makes the interpolant one-sided. */
  gamma: {
    ...{ kind: 'choice', usual: 'none', names: gammaNames, symbol: 'γ(t)' },
    help: 'noise on the way; none for a one-sided interpolant',
  },
  /** a in γ = √(a t(1 − t)), or the factor of another γ. */
  gammaScale: { kind: 'number', usual: 1, above: 0, symbol: 'a', help: 'factor of γ, inside of sqrt’s root' },
  ...PATH_SETTINGS,
  /** What the networks predict, one each; at most two. */
  heads: {
    ...{ kind: 'list', usual: ['velocity'], fewest: 1, most: 2, item: 'head' },
    each: { kind: 'choice', names: headNames, help: 'what a network predicts' },
    help: 'what the networks predict, one each',
  },
  /** The data's standard deviation as EDM's preconditioning takes it. */
  sigmaData: {
    ...{ kind: 'number', usual: 1, above: 0, symbol: 'σd' },
    help: 'standard deviation of the data, for EDM’s preconditioning',
  },
  /**
   * The weight of a time in the loss: `none` on the head's own error; the others weigh the error of E[x1 | x] by
   * SNR = β²/α², min(SNR, 5) (Hang et al., arXiv 2303.09556), ½ dSNR/dt (the likelihood's; Kingma et al., arXiv
   * 2107.00630) or EDM's (σ² + σd²)/(σσd)². They are scaled to a mean of 1 over the times drawn.
   */
  weighting: { kind: 'choice', usual: 'none', names: weightingNames, help: 'weight of a time in the loss' },
  /** Training draws t from [timeMin, timeMax]: γ̇ is infinite at the ends. */
  timeMin: { kind: 'number', usual: 0, least: 0, below: 1, help: 'the first time that training draws' },
  timeMax: { kind: 'number', usual: 1, above: 0, most: 1, help: 'the last time that training draws' },
  /**
   * How t is distributed there: `logit-normal`, ln(t/(1 − t)) ~ N(timeMean, timeStd²) (SD3, arXiv 2403.03206);
   * `log-normal`, ln(α/β) ~ N(timeMean, timeStd²), EDM's noise levels on any path; `arcsine`, t = sin²(½πu), in
   * which γ = √(a t(1 − t)) meets all its values alike.
   */
  timeDistribution: {
    ...{ kind: 'choice', usual: 'uniform', names: timeDistributionNames },
    help: 'how the times of training are distributed',
  },
  timeMean: { kind: 'number', usual: 0, help: 'mean of logit-normal and log-normal times' },
  timeStd: { kind: 'number', usual: 1, above: 0, help: 'standard deviation of such times' },
  /** Times that training knows: the quantiles of the distribution at cell centres; 1000 for DDPM's steps. */
  timeCells: {
    ...{ kind: 'number', usual: 2 ** 14, whole: true, least: 1, most: 2 ** 20 },
    help: 'how many different times training knows',
  },
  /**
   * How a batch's times are drawn from the distribution: `uniform` on their own; `stratified` one in each of as
   * many equal cells as there are draws; `low-discrepancy` the same with one shift for all (2107.00630, §I.1).
   */
  timeSampling: {
    ...{ kind: 'choice', usual: 'stratified', names: timeSamplingNames },
    help: 'how the times of a batch are drawn',
  },
  /** Rows in pairs ±z, which cancels the O(1/γ) variance at the ends. */
  antithetic: { kind: 'flag', usual: false, help: 'rows in pairs of ±z' },
  /**
   * Which x0 belongs to which x1: `independent`; `ot` and `sinkhorn` by optimal transport inside the batch, within a
   * class where there are labels (arXiv 2302.00482); `paired` where row k of the base belongs to row k of the data.
   */
  coupling: {
    ...{ kind: 'choice', usual: 'independent', names: couplingNames },
    help: 'which x0 belongs to which x1',
  },
  /** Entropic regularisation of `sinkhorn`, in units of squared distance; [SF]²M takes 2σ². */
  couplingRegularisation: {
    ...{ kind: 'number', usual: 1, above: 0 },
    help: 'entropic regularisation of sinkhorn, in squared distance',
  },
  /** Sinkhorn iterations at that regularisation, besides those that lead down to it from larger ones. */
  couplingIterations: {
    ...{ kind: 'number', usual: 24, whole: true, least: 1, most: 10_000 },
    help: 'iterations of sinkhorn',
  },
  /** Whether a batch's rows are drawn with replacement, or without until all have had their turn. */
  batching: {
    ...{ kind: 'choice', usual: 'replacement', names: batchingNames },
    help: 'whether a batch’s rows are drawn with replacement',
  },
} as const satisfies Description;

export interface InterpolantConfig extends SettingsOf<typeof INTERPOLANT_SETTINGS> {}

export const DEFAULT_INTERPOLANT: InterpolantConfig = usualOf(INTERPOLANT_SETTINGS);

/** The path and γ of a config. @throws TributaryError('bad-input') for names and numbers that cannot be */
export function scheduleOf(config: InterpolantConfig): Schedule {
  return scheduleByName(config.path, config.gamma, config.gammaScale, config);
}

/** Whether the noise is z and not the Gaussian base. */
export const isTwoSided = ({ gamma }: Pick<InterpolantConfig, 'gamma'>): boolean => gamma !== 'none';

function checkHeads({ heads, gamma, path }: InterpolantConfig): void {
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
export function checkInterpolant(given: InterpolantConfig): void {
  const config = checkSettings('interpolant', INTERPOLANT_SETTINGS, given);
  const { timeMin, timeMax } = config;
  if (!(timeMin < timeMax)) badInput(`times from ${timeMin} to ${timeMax} are not inside 0 to 1`);
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
