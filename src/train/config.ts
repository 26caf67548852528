import type { Dataset } from '../data/dataset.js';
import { badInput } from '../errors.js';
import type { Conditions } from '../families/conditions.js';
import { familyByName, type ReflowDefaults } from '../families/family.js';
import { checkInterpolant, type InterpolantConfig, isTwoSided } from '../interpolant/config.js';
import { pathByName } from '../interpolant/paths.js';
import { checkMlpConfig, type MlpConfig } from '../nn/mlp.js';
import { checkOptimizerConfig, type OptimizerConfig } from '../nn/schedule.js';

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
    /** How the first line of that file was to be read, and of the base's, where it had to be said. */
    readonly header?: 'yes' | 'no';
    /** Names of the coordinates, where the file gives them. */
    readonly columns?: readonly string[];
    readonly rows: number;
    readonly dim: number;
    /** Dimension that a known distribution was lifted to; 0 for none. */
    readonly ambient: number;
    /** Classes that the model is given; 0 for an unconditional one. */
    readonly classes: number;
    /** How many training points have each label, for a conditional model: samples keep these proportions. */
    readonly labelCounts?: readonly number[];
    /** Where x0 comes from, when it is a set of points and not Gaussian: how many, and a name or file. */
    readonly base?: {
      readonly name: string;
      readonly file?: string;
      readonly rows: number;
      /** SHA-256 of a file's points, in their canonical order. */
      readonly digest?: string;
    };
    /**
     * SHA-256 of the training points and labels: a run does not continue on other data. A file's rows count in their
     * canonical order, in which they are trained on: the same rows in another order are the same data.
     */
    readonly digest: string;
  };
  readonly transform: Transform;
  readonly network: MlpConfig;
  readonly interpolant: InterpolantConfig;
  /** Rounds of training on the model's own pairs behind the first, each of `steps` steps. */
  readonly reflow?: ReflowDefaults;
  readonly optimizer: OptimizerConfig;
  readonly steps: number;
  readonly batch: number;
  /** Share of labels hidden in training, so that a conditional network also learns the whole. */
  readonly labelDropout: number;
  readonly seed: number;
}

/** Which labels a run trains. */
export const conditionsOf = ({ data, labelDropout }: RunConfig): Conditions => ({
  ...{ classes: data.classes, labelCounts: data.labelCounts, labelDropout },
});

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
  wholeNumber(config.batch, 'batch', 1, 2 ** 20);
  wholeNumber(config.seed, 'seed', 0, Number.MAX_SAFE_INTEGER);
  wholeNumber(config.data.rows, 'training samples', 1, 2 ** 31);
  checkInterpolant(config.interpolant);
  for (const [key, value] of Object.entries(config.optimizer))
    if (key !== 'decay') finite(value, `optimiser ${key}`);
  finite(config.labelDropout, 'label dropout');
  if (config.interpolant.antithetic && config.batch % 2 !== 0) {
    badInput(`batch is ${config.batch}; antithetic pairs need an even one`);
  }
  if (!(config.labelDropout >= 0 && config.labelDropout <= 1)) {
    badInput(`label dropout is ${config.labelDropout}; it must be from 0 to 1`);
  }
  const { interpolant, data, reflow } = config;
  if (interpolant.coupling === 'paired' && data.base?.rows !== data.rows)
    badInput(
      'the paired coupling needs a base of as many points as the data: give one, or couple independently',
    );
  if (data.base && pathByName(interpolant.path, interpolant).gaussianBase)
    badInput(
      `the ${interpolant.path} path starts from noise; points as a base need the linear or the trig path`,
    );
  if (data.base && !isTwoSided(interpolant) && interpolant.heads[0] !== 'velocity')
    badInput('points as a base have no score without a gamma: learn the velocity, or set gamma');
  if (reflow !== undefined) {
    wholeNumber(reflow.rounds, 'reflow rounds', 0, 100);
    if (typeof reflow.distil !== 'boolean')
      badInput(`reflow distil is ${reflow.distil}; it must be true or false`);
    if (isTwoSided(interpolant)) badInput('reflow straightens a flow without gamma: set gamma to none');
  }
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
