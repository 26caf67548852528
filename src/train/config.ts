import type { Dataset } from '../data/dataset.js';
import { badInput } from '../errors.js';
import type { Conditions } from '../families/conditions.js';
import type { ReflowDefaults } from '../families/family.js';
import { checkInterpolant, type InterpolantConfig, isTwoSided } from '../interpolant/config.js';
import { pathByName } from '../interpolant/paths.js';
import { checkMlpConfig, type MlpConfig } from '../nn/mlp.js';
import { checkOptimizerConfig, type OptimizerConfig } from '../nn/schedule.js';
import { checkSettings, entriesOf } from '../settings.js';
import { shown } from '../suggest.js';
import {
  BASE_DESCRIPTION,
  DATA_DESCRIPTION,
  REFLOW_SETTINGS,
  RUN_GROUPS,
  RUN_SETTINGS,
  TRANSFORM_DESCRIPTION,
} from './run_settings.js';

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

/** Keys of a config. */
const RUN_KEYS = [
  ...['format', 'data', 'transform'],
  ...Object.keys(RUN_GROUPS),
  ...Object.keys(RUN_SETTINGS),
];

function checkData(data: unknown): RunConfig['data'] {
  const { base, ...own } = Object.fromEntries(
    entriesOf('data', data, [...Object.keys(DATA_DESCRIPTION), 'base']),
  );
  const described = checkSettings('data', DATA_DESCRIPTION, own);
  return base === undefined
    ? described
    : { ...described, base: checkSettings('data.base', BASE_DESCRIPTION, base) };
}

/** The parts of a config, each right by itself. */
function checkParts(config: unknown) {
  const { format, data, transform, network, interpolant, reflow, optimizer, ...own } = Object.fromEntries(
    entriesOf('', config, RUN_KEYS),
  );
  if (format !== 1) badInput(`config format is ${shown(format)}; this version reads format 1`);
  const run = checkSettings('', RUN_SETTINGS, own);
  checkInterpolant(interpolant as InterpolantConfig);
  checkMlpConfig(network as MlpConfig);
  checkOptimizerConfig(optimizer as OptimizerConfig);
  return {
    ...run,
    data: checkData(data),
    transform: checkSettings('transform', TRANSFORM_DESCRIPTION, transform),
    network: network as MlpConfig,
    interpolant: interpolant as InterpolantConfig,
    ...(reflow === undefined ? {} : { reflow: checkSettings('reflow', REFLOW_SETTINGS, reflow) }),
  };
}

/** @throws TributaryError('bad-input') with the first thing that makes no sense, and what would */
export function checkRunConfig(config: RunConfig): void {
  const { interpolant, data, reflow, transform, network, batch } = checkParts(config);
  if (interpolant.antithetic && batch % 2 !== 0)
    badInput(`batch is ${batch}; antithetic pairs need an even one`);
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
  if (reflow !== undefined && isTwoSided(interpolant))
    badInput('reflow straightens a flow without gamma: set gamma to none');
  if (transform.offset.length !== data.dim)
    badInput('the data transform needs a positive scale and one offset a coordinate');
  if (network.classes !== data.classes)
    badInput(`the network has ${network.classes} classes, the data ${data.classes}`);
  if (network.classes > 0 && network.labelWidth < 1)
    badInput('network labelWidth is 0; a conditional network needs at least 1');
  if (network.dim !== data.dim || network.outputs !== data.dim)
    badInput(`the network maps ${network.dim} to ${network.outputs} coordinates, the data have ${data.dim}`);
}
