import { badInput } from '../errors.js';
import { familyByName, type InterpolantConfig } from '../families/family.js';
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
    readonly rows: number;
    readonly dim: number;
    /** Dimension that a known distribution was lifted to; 0 for none. */
    readonly ambient: number;
    /** Classes that the model is given; 0 for an unconditional one. */
    readonly classes: number;
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

/** @throws TributaryError('bad-input') with the first thing that makes no sense, and what would */
export function checkRunConfig(config: RunConfig): void {
  if (config.format !== 1) badInput(`config format is ${config.format}; this version reads format 1`);
  familyByName(config.family);
  wholeNumber(config.steps, 'steps', 1, 2 ** 31);
  wholeNumber(config.batch, 'batch', 1, 2 ** 24);
  wholeNumber(config.seed, 'seed', 0, Number.MAX_SAFE_INTEGER);
  wholeNumber(config.data.rows, 'training samples', 1, 2 ** 31);
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
  if (!(config.transform.scale > 0 && config.transform.offset.length === config.data.dim)) {
    badInput('the data transform needs a positive scale and one offset a coordinate');
  }
  checkMlpConfig(config.network);
  if (config.network.dim !== config.data.dim || config.network.outputs !== config.data.dim) {
    badInput(
      `the network maps ${config.network.dim} to ${config.network.outputs} coordinates, the data have ${config.data.dim}`,
    );
  }
  checkOptimizerConfig(config.optimizer);
}
