import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { toNetwork } from '../data/units.js';
import { badInput } from '../errors.js';
import { familyByName, isInterpolant } from '../families/registry.js';
import { INTERPOLANT_SETTINGS } from '../interpolant/config.js';
import type { NetworkShape, RunConfig } from '../model/run_config.js';
import type { OptimizerConfig } from '../nn/schedule.js';
import { withParameters } from '../run/budget.js';
import { checkRunConfig } from '../run/config.js';
import { OLD_REFLOW, parseRunConfig, upgraded } from '../run/config_file.js';
import { dataScale, defaultTransform, type RunOptions, runConfig } from '../run/defaults.js';
import { RUN_GROUPS, RUN_SETTINGS, RUN_TABLES } from '../run/run_settings.js';
import { takesSteps } from '../run/stages.js';
import { fieldOf } from '../samplers/field.js';
import { checkedFrom, checkGiven, type Description, entriesOf, settingFromText } from '../settings.js';
import { type DataSpec, dataConfig, isFile, loadData } from './dataset.js';
import { kebab } from './options.js';
import type { HeaderChoice } from './points.js';
import type { RunFolder } from './run_folder.js';

export interface TrainOptions {
  family?: string;
  data?: string;
  rows?: number;
  ambient?: number;
  conditional?: boolean;
  base?: string;
  header?: HeaderChoice;
  /** Settings of the family, NAME=VALUE each. */
  set?: readonly string[];
  config?: string;
  steps?: number;
  batch?: number;
  hidden?: number;
  inner?: number;
  blocks?: number;
  norm?: NetworkShape['norm'];
  bottleneck?: number;
  /** Trained parameters that the widths are chosen by. */
  parameters?: number;
  learningRate?: number;
  ema?: number;
  seed?: number;
  backend: string;
  out?: string;
  resume?: boolean;
  overwrite?: boolean;
  checkpointEvery?: number;
  profile?: boolean;
  tune?: 'measure' | 'cached';
  json?: boolean;
}

/** Keys that a --config file may hold: those of config.json, and of its first format. */
const CONFIG_KEYS = [
  ...Object.keys(RUN_SETTINGS),
  ...['settings', 'stages'],
  ...Object.keys(RUN_GROUPS),
  ...Object.keys(RUN_TABLES),
  ...['interpolant', 'reflow'],
];

/** What a --config file says: any part, and its data where it is the whole config of a run. */
type ConfigFile = Partial<Omit<RunConfig, 'format' | 'transform'>>;

/**
 * Reads --config.
 * @param ownFamily that counts in place of the file's
 * @throws TributaryError('bad-input') with the first thing that is wrong
 */
function readConfigFile(file: string, ownFamily: string | undefined): ConfigFile {
  let text = '';
  let parsed: unknown;
  try {
    text = readFileSync(file, 'utf8');
    parsed = JSON.parse(text);
  } catch (error) {
    badInput(`--config ${file} cannot be read as JSON: ${(error as Error).message}`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    badInput(`--config ${file} must hold one JSON object`);
  }
  // Only a run's own says its format. Its transform follows from its data.
  if ('format' in parsed) {
    const { format: _, transform: __, ...whole } = parseRunConfig(text, `--config ${file}`);
    return whole;
  }
  return checkedFrom(`--config ${file}`, () => {
    const all = Object.fromEntries(entriesOf('', parsed, CONFIG_KEYS));
    const { settings, stages: _, networks: __, optimizers: ___, interpolant, reflow, ...own } = all;
    if (interpolant !== undefined) checkGiven('interpolant', INTERPOLANT_SETTINGS, interpolant);
    if (reflow !== undefined) checkGiven('reflow', OLD_REFLOW, reflow);
    for (const [group, described] of Object.entries(RUN_GROUPS)) {
      if (own[group] !== undefined) checkGiven(group, described, own[group]);
      delete own[group];
    }
    const { family = ownFamily } = checkGiven('', RUN_SETTINGS, own);
    if (settings !== undefined) {
      const described = familyByName(ownFamily ?? family ?? RUN_SETTINGS.family.usual).settings;
      checkGiven('settings', described as Description, settings);
    }
    return upgraded(parsed as object) as ConfigFile;
  });
}

const defined = <T extends object>(values: T): Partial<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;

/** Settings by --set. @throws TributaryError('bad-input') for an unknown one, and a value that it cannot have */
function setBy(words: readonly string[] = [], family: string = RUN_SETTINGS.family.usual): object {
  const { settings } = familyByName(family);
  return Object.fromEntries(
    words.map((word) => {
      const [, name, value] = /^([^=]*)=(.*)$/s.exec(word) ?? badInput(`--set ${word} must read NAME=VALUE`);
      entriesOf('settings', { [name]: value }, Object.keys(settings));
      return [name, settingFromText(`--set ${name}`, (settings as Description)[name], value)];
    }),
  );
}

/** The config and data that the options describe; options win over --config, and that over defaults. */
export function configOf(options: TrainOptions) {
  const file = options.config === undefined ? {} : readConfigFile(options.config, options.family);
  const seed = options.seed ?? file.seed ?? 0;
  // Other data than a config's own are all the command line's.
  const own = options.data === undefined ? file.data : undefined;
  const spec: DataSpec = {
    ...{
      name: options.data ?? own?.file ?? own?.name ?? 'corridor',
      rows: options.rows ?? own?.rows ?? 1000,
    },
    ...{ seed, ambient: options.ambient ?? own?.ambient ?? 0, header: options.header ?? own?.header },
    base: options.base ?? own?.base?.file ?? own?.base?.name,
    paired: (file.settings as { coupling?: string } | undefined)?.coupling === 'paired',
  };
  if (spec.header !== undefined && ![spec.name, spec.base].some((name) => name && /\.csv$/i.test(name)))
    badInput('--header is about the first line of a .csv, and no .csv is read here: leave it out');
  if (isFile(spec.name) && options.rows !== undefined) {
    badInput('--rows draws from a known distribution; a file is used whole');
  }
  const loaded = loadData(spec);
  const { dataset, base } = loaded;
  if (options.conditional && dataset.classes < 2) {
    badInput(`${dataset.name} has no labels to condition on: drop --conditional`);
  }
  const transform = defaultTransform(dataset.points, dataset.dim, !isFile(spec.name) && spec.ambient === 0);
  if (options.parameters !== undefined && (options.hidden ?? options.inner) !== undefined)
    badInput('--parameters chooses the widths: leave --hidden and --inner out');
  const network: Partial<NetworkShape> = defined({
    hidden: options.hidden,
    inner: options.inner ?? (options.hidden === undefined ? undefined : 2 * options.hidden),
    blocks: options.blocks,
    norm: options.norm,
    bottleneck: options.bottleneck,
  }) as Partial<NetworkShape>;
  const optimizer = defined({
    learningRate: options.learningRate,
    ema: options.ema,
  }) as Partial<OptimizerConfig>;
  const merged: RunOptions<object> = {
    ...file,
    ...defined({ family: options.family, steps: options.steps, batch: options.batch }),
    network: { ...file.network, ...network },
    optimizer: { ...file.optimizer, ...optimizer },
    settings: { ...file.settings, ...setBy(options.set, options.family ?? file.family) },
    seed,
    data: dataConfig(spec, loaded, options.conditional ?? (own?.classes ?? 0) > 0),
    transform,
    scale: dataScale(dataset.points, transform),
  };
  const asked = runConfig<object>(merged);
  // First as it is: what is wrong with it is not the budget's to say.
  checkRunConfig(asked);
  const config = options.parameters === undefined ? asked : withParameters(asked, options.parameters);
  // What could not be sampled afterwards is refused before it is trained.
  if (isInterpolant(config)) fieldOf(config.settings);
  if (own?.file !== undefined && own.digest !== config.data.digest)
    badInput(`the points of ${own.file} are not those that ${options.config} was made with`);
  if (options.inner !== undefined && config.network.activation === 'selu')
    badInput('--inner is the width inside a SwiGLU block, and SELU layers have none: leave it out');
  return {
    config,
    dataset: base ? { ...dataset, base: toNetwork(base, transform) } : dataset,
    readings: loaded.readings,
  };
}

/** Options about steps and networks. */
const OF_NETWORKS = [
  ...(['steps', 'batch', 'hidden', 'inner', 'blocks', 'norm', 'bottleneck', 'parameters'] as const),
  ...(['learningRate', 'ema'] as const),
];

/** @throws TributaryError('bad-input') for an option that a family without a network has no use for */
export function refuseNetworkOptions(config: RunConfig, options: Partial<TrainOptions>): void {
  const given = OF_NETWORKS.find((name) => options[name] !== undefined);
  if (given !== undefined && !takesSteps(config))
    badInput(`${config.family} is fitted at once, without a network: leave --${kebab(given)} out`);
}

/** A file as configs name it; a known distribution as it is. */
const absolute = (name: string | undefined) => (name !== undefined && isFile(name) ? resolve(name) : name);

/** With --resume the folder's config counts; an option that says otherwise is refused. */
export function resumedConfig(folder: RunFolder, options: TrainOptions): RunConfig {
  const config = folder.config();
  const given: [string, unknown, unknown][] = [
    ['--family', options.family, config.family],
    ['--steps', options.steps, config.steps],
    ['--batch', options.batch, config.batch],
    ['--hidden', options.hidden, config.network.hidden],
    ['--inner', options.inner, config.network.inner],
    ['--blocks', options.blocks, config.network.blocks],
    ['--norm', options.norm, config.network.norm ?? 'none'],
    ['--bottleneck', options.bottleneck, config.network.bottleneck ?? 0],
    ['--learning-rate', options.learningRate, config.optimizer.learningRate],
    ['--ema', options.ema, config.optimizer.ema],
    ['--seed', options.seed, config.seed],
    ['--rows', options.rows, config.data.rows],
    ['--ambient', options.ambient, config.data.ambient],
    ['--base', absolute(options.base), config.data.base?.file ?? config.data.base?.name],
    ['--header', options.header, config.data.header],
    ['--conditional', options.conditional, config.data.classes > 0],
    ['--data', absolute(options.data), config.data.file ?? config.data.name],
  ];
  for (const [name, value, kept] of given) {
    if (value !== undefined && value !== kept) {
      badInput(
        `${folder.path} was begun with ${name} ${kept}, not ${value}; resume without it or choose another --out`,
      );
    }
  }
  if (options.parameters !== undefined)
    badInput('--resume uses the networks of the run; leave --parameters out');
  if (options.set !== undefined) badInput('--resume uses the settings of the run; leave --set out');
  if (options.config !== undefined) badInput('--resume uses the config of the run; leave --config out');
  return config;
}
