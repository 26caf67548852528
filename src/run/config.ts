import type { Dataset } from '../data/dataset.js';
import { badInput } from '../errors.js';
import { familyByName } from '../families/registry.js';
import { modelShapeOf } from '../families/shape.js';
import type { RunConfig } from '../model/run_config.js';
import { checkMlpConfig, type MlpConfig, narrowOf } from '../nn/mlp.js';
import { checkOptimizerConfig } from '../nn/schedule.js';
import { checkGiven, checkSetting, checkSettings, type Description, entriesOf } from '../settings.js';
import { shown } from '../suggest.js';
import {
  BASE_DESCRIPTION,
  DATA_DESCRIPTION,
  RUN_GROUPS,
  RUN_SETTINGS,
  RUN_TABLES,
  TRANSFORM_DESCRIPTION,
} from './run_settings.js';
import { stagesOf } from './stages.js';

/** @throws TributaryError('bad-input') when the points are not those that the config describes */
export function checkDataset(config: RunConfig, dataset: Dataset): void {
  const { points, labels, dim, rows, classes, base } = dataset;
  const { data } = config;
  if (dim !== data.dim || rows !== data.rows || points.length !== rows * dim || labels?.length !== rows) {
    badInput(
      `the config describes ${data.rows} labelled points in ${data.dim} dimensions, the data set holds ${points.length / dim} in ${dim}`,
    );
  }
  if (data.classes > 0 && classes > data.classes) {
    badInput(`the data set has ${classes} classes, the config ${data.classes}`);
  }
  const [baseRows, described] = [(base?.length ?? 0) / dim, data.base?.rows ?? 0];
  if (baseRows !== described)
    badInput(`the config describes ${described} base points, the data set holds ${baseRows}`);
  const bad = points.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    badInput(`training point ${Math.floor(bad / dim) + 1} holds ${points[bad]}; it must be finite`);
}

/** Keys of a config. */
const RUN_KEYS = [
  ...['format', 'data', 'transform', 'settings', 'stages'],
  ...Object.keys(RUN_GROUPS),
  ...Object.keys(RUN_TABLES),
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

/** What differs in a role or a phase: any of the settings, under one of the known names. */
function checkTable(
  name: string,
  settings: Description,
  known: readonly string[],
  table: unknown,
): Record<string, object> {
  const entries = entriesOf(name, table, known);
  return Object.fromEntries(
    [...entries].map(([key, own]) => [key, checkGiven(`${name}.${key}`, settings, own)]),
  );
}

/** The parts of a config, each right by itself. */
function checkParts(config: unknown): RunConfig {
  const { format, data, transform, settings, network, networks, optimizer, optimizers, stages, ...own } =
    Object.fromEntries(entriesOf('', config, RUN_KEYS));
  if (format !== 2) badInput(`config format is ${shown(format)}; this version reads formats 1 and 2`);
  // Asked first, for it knows that there may be others of the caller's own.
  if (typeof own.family === 'string') familyByName(own.family);
  const run = checkSettings('', RUN_SETTINGS, own);
  const checked = {
    ...run,
    format,
    data: checkData(data),
    transform: checkSettings('transform', TRANSFORM_DESCRIPTION, transform),
    settings: checkSettings('settings', familyByName(run.family).settings as Description, settings),
    network: checkSettings('network', RUN_GROUPS.network, network),
    optimizer: checkSettings('optimizer', RUN_GROUPS.optimizer, optimizer),
  } as const;
  checkOptimizerConfig(checked.optimizer);
  familyByName(run.family).check(checked);
  const roles = Object.keys(modelShapeOf(checked).networks);
  const ofStages = stagesOf(checked).filter(({ fit }) => !fit);
  const phases = ofStages.flatMap((stage) => stage.phases.map(({ name }) => name));
  const tables = {
    ...(networks === undefined
      ? {}
      : { networks: checkTable('networks', RUN_TABLES.networks, roles, networks) }),
    ...(optimizers === undefined
      ? {}
      : { optimizers: checkTable('optimizers', RUN_TABLES.optimizers, phases, optimizers) }),
    ...(stages === undefined ? {} : { stages: checkStages(stages, ofStages) }),
  };
  return { ...checked, ...tables };
}

function checkStages(stages: unknown, known: readonly { readonly name: string }[]): Record<string, number> {
  const names = known.map(({ name }) => name);
  return Object.fromEntries(
    [...entriesOf('stages', stages, names)].map(([name, steps]) => [
      name,
      checkSetting(`steps of the stage ${name}`, RUN_SETTINGS.steps, steps),
    ]),
  );
}

/** Of several networks one may have ends that are narrow already; a bottleneck that none notices is a mistake. */
function checkBottleneck(networks: readonly MlpConfig[]): void {
  const asked = networks.filter(({ bottleneck = 0 }) => bottleneck > 0);
  const unnoticed = asked.every((network) => !narrowOf(network).point && !narrowOf(network).output);
  if (asked.length === 0 || !unnoticed) return;
  const widest = Math.max(...asked.flatMap(({ dim, outputs }) => [dim, outputs]));
  badInput(
    `network bottleneck is ${asked[0].bottleneck}, which narrows nothing in this run; 0 is none, and below ${widest} it would`,
  );
}

/** @throws TributaryError('bad-input') with the first thing that makes no sense, and what would */
export function checkRunConfig(given: RunConfig): void {
  const config = checkParts(given);
  const { transform, data } = config;
  if (transform.offset.length !== data.dim)
    badInput('the data transform needs a positive scale and one offset a coordinate');
  const networks = Object.values(modelShapeOf(config).networks);
  for (const network of networks) {
    checkMlpConfig(network);
    if (network.classes > 0 && network.labelWidth < 1)
      badInput('network labelWidth is 0; a conditional network needs at least 1');
  }
  checkBottleneck(networks);
  for (const own of Object.values(config.optimizers ?? {}))
    checkOptimizerConfig({ ...config.optimizer, ...own });
}
