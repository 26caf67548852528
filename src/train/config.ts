import { GAMMA_ID, PATH_ID, TIME_SAMPLING_ID } from '../backend/contracts/draw.js';
import type { Dataset } from '../data/dataset.js';
import { badInput } from '../errors.js';
import { familyByName, type InterpolantConfig } from '../families/family.js';
import { checkMlpConfig, type MlpConfig } from '../nn/mlp.js';
import { checkOptimizerConfig, type OptimizerConfig } from '../nn/schedule.js';
import { unknownName } from '../suggest.js';

/** Data are trained on as (x − offset)/scale, one scale for all coordinates, so that directions keep their ratio. */
export interface Transform {
  readonly offset: readonly number[];
  readonly scale: number;
}

/** Everything that determines a run. Written beside a checkpoint, it rebuilds the run exactly. */
export interface RunConfig {
  readonly format: 1;
  readonly family: string;
  readonly data: {
    /** A known distribution, or a label for the user's own points. */
    readonly name: string;
    /** Where the user's own points came from. */
    readonly file?: string;
    readonly rows: number;
    readonly dim: number;
    /** Dimension that a known distribution was lifted to; 0 for none. */
    readonly ambient: number;
    /** Classes that the model is given; 0 for an unconditional one. */
    readonly classes: number;
    /** How many training points have each label, for a conditional model: samples keep these proportions. */
    readonly labelCounts?: readonly number[];
    /** SHA-256 of the training points and labels: a run does not continue on other data. */
    readonly digest: string;
  };
  readonly transform: Transform;
  readonly network: MlpConfig;
  readonly interpolant: InterpolantConfig;
  readonly optimizer: OptimizerConfig;
  readonly steps: number;
  readonly batch: number;
  /** Share of labels hidden in training, so that a conditional network also learns the whole. */
  readonly labelDropout: number;
  readonly seed: number;
}

function wholeNumber(value: number, name: string, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    badInput(`${name} is ${value}; it must be a whole number from ${least} to ${most}`);
  }
}

function finite(value: unknown, name: string): void {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    badInput(`${name} is ${typeof value === 'number' ? value : JSON.stringify(value)}; it must be a number`);
  }
}

/** @throws TributaryError('bad-input') when the points are not those that the config describes */
export function checkDataset(config: RunConfig, { points, labels, dim, rows, classes }: Dataset): void {
  const { data } = config;
  if (dim !== data.dim || rows !== data.rows || points.length !== rows * dim || labels?.length !== rows) {
    badInput(
      `the config describes ${data.rows} labelled points in ${data.dim} dimensions, the data set holds ${points.length / dim} in ${dim}`,
    );
  }
  if (data.classes > 0 && classes > data.classes) {
    badInput(`the data set has ${classes} classes, the config ${data.classes}`);
  }
  const bad = points.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    badInput(`training point ${Math.floor(bad / dim) + 1} holds ${points[bad]}; it must be finite`);
}

/** @throws TributaryError('bad-input') with the first thing that makes no sense, and what would */
export function checkRunConfig(config: RunConfig): void {
  if (config.format !== 1) badInput(`config format is ${config.format}; this version reads format 1`);
  familyByName(config.family);
  wholeNumber(config.steps, 'steps', 1, 2 ** 31);
  wholeNumber(config.batch, 'batch', 1, 2 ** 24);
  wholeNumber(config.seed, 'seed', 0, Number.MAX_SAFE_INTEGER);
  wholeNumber(config.data.rows, 'training samples', 1, 2 ** 31);
  const { interpolant } = config;
  for (const [key, known] of [
    ['path', Object.keys(PATH_ID)],
    ['gamma', Object.keys(GAMMA_ID)],
    ['timeSampling', Object.keys(TIME_SAMPLING_ID)],
  ] as const) {
    if (!known.includes(interpolant[key])) unknownName(`interpolant ${key}`, String(interpolant[key]), known);
  }
  if (typeof interpolant.antithetic !== 'boolean') {
    badInput(`interpolant antithetic is ${JSON.stringify(interpolant.antithetic)}; it must be true or false`);
  }
  for (const key of ['timeMin', 'timeMax', 'gammaScale'] as const)
    finite(interpolant[key], `interpolant ${key}`);
  for (const [key, value] of Object.entries(config.optimizer))
    if (key !== 'decay') finite(value, `optimiser ${key}`);
  finite(config.labelDropout, 'label dropout');
  if (config.interpolant.antithetic && config.batch % 2 !== 0) {
    badInput(`batch is ${config.batch}; antithetic pairs need an even one`);
  }
  if (!(config.labelDropout >= 0 && config.labelDropout <= 1)) {
    badInput(`label dropout is ${config.labelDropout}; it must be from 0 to 1`);
  }
  const { timeMin, timeMax, gammaScale } = config.interpolant;
  if (!(timeMin >= 0 && timeMin < timeMax && timeMax <= 1)) {
    badInput(`times from ${timeMin} to ${timeMax} are not inside 0 to 1`);
  }
  if (!(gammaScale > 0)) badInput(`gamma scale is ${gammaScale}; it must be above 0`);
  for (const value of [config.transform.scale, ...config.transform.offset]) finite(value, 'data transform');
  if (!(config.transform.scale > 0 && config.transform.offset.length === config.data.dim)) {
    badInput('the data transform needs a positive scale and one offset a coordinate');
  }
  checkMlpConfig(config.network);
  if (config.network.classes !== config.data.classes) {
    badInput(`the network has ${config.network.classes} classes, the data ${config.data.classes}`);
  }
  if (config.network.classes > 0 && config.network.labelWidth < 1) {
    badInput('network labelWidth is 0; a conditional network needs at least 1');
  }
  if (config.network.dim !== config.data.dim || config.network.outputs !== config.data.dim) {
    badInput(
      `the network maps ${config.network.dim} to ${config.network.outputs} coordinates, the data have ${config.data.dim}`,
    );
  }
  checkOptimizerConfig(config.optimizer);
}
