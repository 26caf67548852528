import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { KernelProfile } from '../../backend/backend.js';
import { distributionNames } from '../../data/registry.js';
import { type BackendChoice, createEngine } from '../../engine.js';
import { badInput, TributaryError } from '../../errors.js';
import { familyNames } from '../../families/family.js';
import type { MlpConfig } from '../../nn/mlp.js';
import type { OptimizerConfig } from '../../nn/schedule.js';
import { nearest } from '../../suggest.js';
import { checkRunConfig, type RunConfig } from '../../train/config.js';
import { defaultTransform, type RunOptions, runConfig } from '../../train/defaults.js';
import { dataConfig, datasetOf, isFile, loadDataset } from '../dataset.js';
import { notNegativeNumber, positiveNumber, wholeNumber } from '../options.js';
import { RunFolder } from '../run_folder.js';
import { trainRun } from '../train_run.js';

export interface TrainOptions {
  family?: string;
  data?: string;
  rows?: number;
  ambient?: number;
  conditional?: boolean;
  config?: string;
  steps?: number;
  batch?: number;
  hidden?: number;
  inner?: number;
  blocks?: number;
  learningRate?: number;
  ema?: number;
  seed?: number;
  backend: string;
  out?: string;
  resume?: boolean;
  overwrite?: boolean;
  checkpointEvery?: number;
  profile?: boolean;
  json?: boolean;
}

/** Keys that a --config file may hold; they are those of config.json. */
const CONFIG_KEYS = [
  'family',
  'network',
  'interpolant',
  'optimizer',
  'steps',
  'batch',
  'labelDropout',
  'seed',
] as const;

const CONFIG_GROUPS = ['network', 'interpolant', 'optimizer'] as const;

export function addTrainCommand(program: Command): void {
  program
    .command('train')
    .description('train a family on a distribution or on your own points')
    .option('--family <name>', `one of ${familyNames.join(', ')}`)
    .option('--data <name or file>', `a .npy or .csv file, or one of ${distributionNames.join(', ')}`)
    .option('--rows <n>', 'training points to draw from a known distribution', wholeNumber(1, 2 ** 31))
    .option('--ambient <d>', 'lift a known distribution to d dimensions', wholeNumber(2, 2 ** 20))
    .option('--conditional', 'give the labels to the network')
    .option('--config <file>', 'a JSON file with any part of a config.json')
    .option('--steps <n>', 'training steps', wholeNumber(1, 2 ** 31))
    .option('--batch <n>', 'points a step', wholeNumber(1, 2 ** 24))
    .option('--hidden <n>', 'width of the network', wholeNumber(1, 2 ** 20))
    .option('--inner <n>', 'width inside a block', wholeNumber(1, 2 ** 20))
    .option('--blocks <n>', 'SwiGLU blocks', wholeNumber(0, 1000))
    .option('--learning-rate <rate>', 'peak learning rate', positiveNumber)
    .option('--ema <decay>', 'decay of the averaged parameters', notNegativeNumber)
    .option('--seed <n>', 'seed of everything', wholeNumber(0))
    .addOption(new Option('--backend <name>', 'where to run').default('cpu'))
    .option('--out <folder>', 'where the run goes')
    .option('--resume', 'go on from the checkpoint in --out')
    .option('--overwrite', 'replace the run in --out')
    .option('--checkpoint-every <steps>', 'steps between checkpoints', wholeNumber(1))
    .option('--profile', 'show the time of every kernel (webgpu, where the adapter has timestamps)')
    .option('--json', 'print the summary as JSON')
    .action(train);
}

/** Reads --config. @throws TributaryError('bad-input') for an unknown key, with the nearest valid one */
function readConfigFile(file: string): Partial<Pick<RunConfig, (typeof CONFIG_KEYS)[number]>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    badInput(`--config ${file} cannot be read as JSON: ${(error as Error).message}`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    badInput(`--config ${file} must hold one JSON object`);
  }
  for (const key of Object.keys(parsed)) {
    if (!(CONFIG_KEYS as readonly string[]).includes(key)) {
      const hint = nearest(key, CONFIG_KEYS);
      badInput(
        `--config ${file}: unknown key "${key}"${hint ? `: did you mean "${hint}"?` : `; valid keys are ${CONFIG_KEYS.join(', ')}`}`,
      );
    }
  }
  for (const group of CONFIG_GROUPS) {
    const value = (parsed as Record<string, unknown>)[group];
    if (value !== undefined && (typeof value !== 'object' || value === null || Array.isArray(value))) {
      badInput(`--config ${file}: "${group}" must be an object`);
    }
  }
  return parsed as ReturnType<typeof readConfigFile>;
}

const defined = <T extends object>(values: T): Partial<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;

/** The config and data that the options describe; options win over --config, and that over defaults. */
export function configOf(options: TrainOptions) {
  const file = options.config === undefined ? {} : readConfigFile(options.config);
  const seed = options.seed ?? file.seed ?? 0;
  const spec = {
    name: options.data ?? 'corridor',
    rows: options.rows ?? 1000,
    seed,
    ambient: options.ambient ?? 0,
  };
  if (isFile(spec.name) && options.rows !== undefined) {
    badInput('--rows draws from a known distribution; a file is used whole');
  }
  const dataset = loadDataset(spec);
  if (options.conditional && dataset.classes < 2) {
    badInput(`${dataset.name} has no labels to condition on: drop --conditional`);
  }
  const network: Partial<MlpConfig> = defined({
    hidden: options.hidden,
    inner: options.inner ?? (options.hidden === undefined ? undefined : 2 * options.hidden),
    blocks: options.blocks,
  }) as Partial<MlpConfig>;
  const optimizer = defined({
    learningRate: options.learningRate,
    ema: options.ema,
  }) as Partial<OptimizerConfig>;
  const merged: RunOptions = {
    ...file,
    ...defined({ family: options.family, steps: options.steps, batch: options.batch }),
    network: { ...file.network, ...network },
    optimizer: { ...file.optimizer, ...optimizer },
    interpolant: file.interpolant,
    seed,
    data: dataConfig(spec, dataset, options.conditional ?? false),
    transform: defaultTransform(dataset.points, dataset.dim, !isFile(spec.name)),
  };
  const config = runConfig(merged);
  for (const group of CONFIG_GROUPS) {
    const known = Object.keys(runConfig({ ...merged, [group]: {} })[group]);
    for (const key of Object.keys(file[group] ?? {})) {
      const hint = nearest(key, known);
      if (!known.includes(key)) {
        badInput(`--config: unknown key "${group}.${key}"${hint ? `: did you mean "${hint}"?` : ''}`);
      }
    }
  }
  checkRunConfig(config);
  return { config, dataset };
}

/** With --resume the folder's config counts; an option that says otherwise is refused. */
function resumedConfig(folder: RunFolder, options: TrainOptions): RunConfig {
  const config = folder.config();
  const given: [string, unknown, unknown][] = [
    ['--family', options.family, config.family],
    ['--steps', options.steps, config.steps],
    ['--batch', options.batch, config.batch],
    ['--hidden', options.hidden, config.network.hidden],
    ['--inner', options.inner, config.network.inner],
    ['--blocks', options.blocks, config.network.blocks],
    ['--learning-rate', options.learningRate, config.optimizer.learningRate],
    ['--ema', options.ema, config.optimizer.ema],
    ['--seed', options.seed, config.seed],
    ['--rows', options.rows, config.data.rows],
    ['--ambient', options.ambient, config.data.ambient],
  ];
  for (const [name, value, kept] of given) {
    if (value !== undefined && value !== kept) {
      badInput(
        `${folder.path} was begun with ${name} ${kept}, not ${value}; resume without it or choose another --out`,
      );
    }
  }
  if (options.config !== undefined) badInput('--resume uses the config of the run; leave --config out');
  return config;
}

/** Kernels by their share of the time, longest first. */
function profileTable(rows: readonly KernelProfile[], backend: string): string {
  if (rows.length === 0) {
    return `no profile: ${backend === 'webgpu' ? 'this adapter has no timestamps' : 'only --backend webgpu times its kernels'}\n`;
  }
  const total = rows.reduce((sum, { ms }) => sum + ms, 0);
  const lines = [...rows]
    .sort((a, b) => b.ms - a.ms)
    .map(({ kernel, calls, ms }) => {
      const share = `${((100 * ms) / total).toFixed(1)} %`;
      return `${kernel.padEnd(28)}${ms.toFixed(1).padStart(10)} ms${share.padStart(9)}${String(calls).padStart(9)} calls`;
    });
  return `${lines.join('\n')}\n`;
}

async function train(options: TrainOptions): Promise<void> {
  if (options.resume && options.overwrite) badInput('--resume and --overwrite exclude each other');
  if (options.resume && options.out === undefined) badInput('--resume needs --out, the folder of the run');
  let config: RunConfig;
  let dataset: ReturnType<typeof datasetOf>;
  let folder: RunFolder;
  if (options.resume) {
    folder = new RunFolder(options.out as string);
    config = resumedConfig(folder, options);
    dataset = datasetOf(config);
  } else {
    ({ config, dataset } = configOf(options));
    folder = new RunFolder(options.out ?? `runs/${config.family}-${config.data.name}-seed${config.seed}`);
  }
  const engine = await createEngine({
    backend: options.backend as BackendChoice,
    profile: options.profile ?? false,
  });
  try {
    if (!options.resume) folder.begin(config, options.overwrite ?? false);
    const outcome = await trainRun(engine, folder, config, dataset, {
      resume: options.resume ?? false,
      checkpointEvery: options.checkpointEvery ?? Math.max(1, Math.min(500, Math.ceil(config.steps / 10))),
    });
    if (options.profile) process.stderr.write(profileTable(engine.profile?.() ?? [], engine.name));
    const records = folder.log();
    const losses = records.filter((record) => record.losses !== undefined).slice(-100);
    const excess = records.findLast((record) => record.excess !== undefined)?.excess;
    const mean =
      losses.reduce((sum, { losses: l }) => sum + (l?.velocity ?? 0), 0) / Math.max(1, losses.length);
    const summary = {
      family: config.family,
      data: config.data.name,
      seed: config.seed,
      steps: outcome.steps,
      finished: outcome.finished,
      parameters: outcome.parameters,
      backend: engine.name,
      device: engine.device,
      seconds: outcome.seconds,
      loss: { velocity: mean, over_last_steps: losses.length },
      excess: excess ?? null,
      out: folder.path,
    };
    folder.write('summary', `${JSON.stringify(summary, null, 2)}\n`);
    if (!outcome.finished) {
      throw new TributaryError(
        'interrupted',
        `interrupted at step ${outcome.steps} of ${config.steps}; go on with: tributary train --resume --out ${folder.path}`,
      );
    }
    if (options.json) {
      process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
    } else {
      const lines = [
        `trained ${config.family} on ${config.data.name}: ${outcome.steps} steps, ${outcome.parameters} parameters, ${outcome.seconds.toFixed(1)} s`,
        `velocity loss ${mean.toFixed(4)} (mean of the last ${losses.length} steps)`,
      ];
      if (excess?.over_oracle != null) {
        lines.push(
          `excess over the oracle ${excess.over_oracle.toFixed(4)} ± ${(excess.over_oracle_error ?? 0).toFixed(4)}`,
        );
      }
      lines.push(`in ${folder.path}; next: tributary evaluate ${folder.path}`);
      process.stdout.write(`${lines.join('\n')}\n`);
    }
  } finally {
    engine.destroy();
  }
}
