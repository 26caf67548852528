import type { Dataset } from '../data/dataset.js';
import { badInput } from '../errors.js';
import { familyByName } from '../families/registry.js';
import { modelShapeOf } from '../families/shape.js';
import type { RunConfig } from '../model/run_config.js';
import { checkMlpConfig } from '../nn/mlp.js';
import { checkOptimizerConfig } from '../nn/schedule.js';

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

/** @throws TributaryError('bad-input') with the first thing that makes no sense, and what would */
export function checkRunConfig(config: RunConfig): void {
  if (config.format !== 2) badInput(`config format is ${config.format}; this version reads formats 1 and 2`);
  const family = familyByName(config.family);
  wholeNumber(config.steps, 'steps', 1, 2 ** 31);
  wholeNumber(config.batch, 'batch', 1, 2 ** 20);
  wholeNumber(config.seed, 'seed', 0, Number.MAX_SAFE_INTEGER);
  wholeNumber(config.data.rows, 'training samples', 1, 2 ** 31);
  for (const [key, value] of Object.entries(config.optimizer))
    if (key !== 'decay') finite(value, `optimiser ${key}`);
  finite(config.labelDropout, 'label dropout');
  if (!(config.labelDropout >= 0 && config.labelDropout <= 1)) {
    badInput(`label dropout is ${config.labelDropout}; it must be from 0 to 1`);
  }
  family.check(config);
  for (const [stage, steps] of Object.entries(config.stages ?? {}))
    wholeNumber(steps, `steps of the stage ${stage}`, 1, 2 ** 31);
  for (const value of [config.transform.scale, ...config.transform.offset]) finite(value, 'data transform');
  if (!(config.transform.scale > 0 && config.transform.offset.length === config.data.dim)) {
    badInput('the data transform needs a positive scale and one offset a coordinate');
  }
  for (const network of Object.values(modelShapeOf(config).networks)) {
    checkMlpConfig(network);
    if (network.classes > 0 && network.labelWidth < 1)
      badInput('network labelWidth is 0; a conditional network needs at least 1');
  }
  checkOptimizerConfig(config.optimizer);
  for (const own of Object.values(config.optimizers ?? {}))
    checkOptimizerConfig({ ...config.optimizer, ...own });
}
