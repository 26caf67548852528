import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { distributionNames } from '../../data/registry.js';
import { type BackendChoice, createEngine } from '../../engine.js';
import { badInput, TributaryError } from '../../errors.js';
import { familyNames } from '../../families/registry.js';
import { unlikeColumns } from '../../metrics/columns.js';
import { PARAMETERS_SETTING } from '../../model/budget.js';
import type { RunConfig } from '../../model/run_config.js';
import { NETWORK_SETTINGS } from '../../nn/mlp.js';
import { OPTIMIZER_SETTINGS } from '../../nn/schedule.js';
import { RUN_SETTINGS } from '../../run/run_settings.js';
import { takesSteps, totalSteps } from '../../run/stages.js';
import { commandOf } from '../command_line.js';
import { datasetOf } from '../dataset.js';
import { addHeaderOption, wholeNumber } from '../options.js';
import { familyOption } from '../own_family.js';
import { profileTable } from '../profile_table.js';
import { RunFolder } from '../run_folder.js';
import { configOf, refuseNetworkOptions, resumedConfig, type TrainOptions } from '../run_options.js';
import { settingOption } from '../setting_option.js';
import { trainRun } from '../train_run.js';

export function addTrainCommand(program: Command): void {
  const command = program
    .command('train')
    .description('train a family on a distribution or on your own points')
    .option(
      '--family <name>',
      `one of ${familyNames.join(', ')} (default ${RUN_SETTINGS.family.usual}), or the module of one of your own`,
    )
    .option(
      '--data <name or file>',
      `a .npy or .csv file, or one of ${distributionNames.join(', ')} (default corridor)`,
    )
    .option(
      '--rows <n>',
      'training points to draw from a known distribution (default 1000)',
      wholeNumber(1, 2 ** 31),
    )
    .option('--ambient <d>', 'lift a known distribution to d dimensions', wholeNumber(2, 2 ** 20))
    .option('--base <name or file>', 'where x0 comes from: another distribution or file (default: noise)')
    .option('--conditional', 'give the labels to the network')
    .option(
      '--set <name=value>',
      'a setting of the family, see tributary families NAME; may be given again',
      (text: string, before: readonly string[] = []) => [...before, text],
    )
    .option('--config <file>', 'a JSON file with any part of a config.json, or that of a run to make again')
    .addOption(settingOption('--steps <n>', RUN_SETTINGS.steps))
    .addOption(settingOption('--batch <n>', RUN_SETTINGS.batch))
    .addOption(settingOption('--hidden <n>', NETWORK_SETTINGS.hidden))
    .addOption(settingOption('--inner <n>', NETWORK_SETTINGS.inner, 'twice --hidden'))
    .addOption(settingOption('--blocks <n>', NETWORK_SETTINGS.blocks))
    .addOption(settingOption('--norm <name>', NETWORK_SETTINGS.norm))
    .addOption(settingOption('--bottleneck <n>', NETWORK_SETTINGS.bottleneck))
    .addOption(settingOption('--parameters <n>', PARAMETERS_SETTING))
    .addOption(settingOption('--learning-rate <rate>', OPTIMIZER_SETTINGS.learningRate))
    .addOption(settingOption('--ema <decay>', OPTIMIZER_SETTINGS.ema))
    .addOption(settingOption('--seed <n>', RUN_SETTINGS.seed))
    .addOption(new Option('--backend <name>', 'where to run').default('cpu'))
    .option('--out <folder>', 'where the run goes (default runs/FAMILY-DATA-seedN)')
    .option('--resume', 'go on from the checkpoint in --out')
    .option('--overwrite', 'replace the run in --out')
    .option(
      '--checkpoint-every <steps>',
      'steps between checkpoints (default a tenth of the run, at most 500)',
      wholeNumber(1),
    )
    .addOption(
      new Option('--tune [how]', 'choose kernel variants by measuring them (webgpu), or as measured before')
        .choices(['measure', 'cached'])
        .preset('measure'),
    )
    .option(
      '--profile',
      'show the time of every kernel; on the CPU also of packing and of waiting for other threads',
    )
    .option('--json', 'print the summary as JSON');
  addHeaderOption(command, 'the --data and the --base file').action(train);
}

async function train(options: TrainOptions): Promise<void> {
  if (options.resume && options.overwrite) badInput('--resume and --overwrite exclude each other');
  if (options.out === '') badInput('--out is empty; name a folder');
  if (options.resume && options.out === undefined) badInput('--resume needs --out, the folder of the run');
  let config: RunConfig;
  let dataset: ReturnType<typeof datasetOf>;
  let folder: RunFolder;
  let readings: readonly string[] = [];
  if (options.resume) {
    folder = new RunFolder(options.out as string);
    config = resumedConfig(folder, options);
    dataset = datasetOf(config);
  } else {
    ({ config, dataset, readings } = configOf(options));
    refuseNetworkOptions(config, options);
    folder = new RunFolder(options.out ?? `runs/${config.family}-${config.data.name}-seed${config.seed}`);
  }
  const engine = await createEngine({
    backend: options.backend as BackendChoice,
    profile: options.profile ?? false,
    ...(options.tune ? { tune: options.tune === 'cached' ? options.tune : true } : {}),
    ...(options.resume ? { choices: folder.kernelChoices() } : {}),
  });
  try {
    if (!options.resume) folder.refuseOthers(options.overwrite ?? false);
    const unlike = options.resume ? null : unlikeColumns(dataset, config.data.columns);
    for (const line of [...readings, ...(unlike === null ? [] : [unlike])]) process.stderr.write(`${line}\n`);
    const outcome = await trainRun(engine, folder, config, dataset, {
      resume: options.resume ?? false,
      checkpointEvery: options.checkpointEvery ?? Math.max(1, Math.min(500, Math.ceil(config.steps / 10))),
    });
    folder.keepKernelChoices(engine.choices?.() ?? []);
    if (options.profile) process.stderr.write(profileTable(engine.profile?.() ?? [], engine.name));
    const records = folder.log();
    const losses = records.filter((record) => record.losses !== undefined).slice(-100);
    const excess = records.findLast((record) => record.excess !== undefined)?.excess;
    // Of every stage and phase: a record has the losses of its own.
    const names = [...new Set(losses.flatMap((record) => Object.keys(record.losses ?? {})))];
    const meanOf = (name: string) =>
      losses.reduce((sum, { losses: l }) => sum + (l?.[name] ?? 0), 0) / losses.length;
    const loss = Object.fromEntries(names.map((name) => [name, meanOf(name)]));
    // Of all steps that the log knows of, also those before an interruption.
    const marginals = records.flatMap((record) => record.marginal_error ?? []);
    const worst = marginals.length > 0 ? marginals.reduce((a, b) => Math.max(a, b)) : null;
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
      loss: { ...loss, over_last_steps: losses.length },
      excess: excess ?? null,
      ...(worst === null ? {} : { marginal_error: worst }),
      out: folder.path,
      // The config is all that determines the run.
      command: commandOf([
        ...['train', '--config', resolve(folder.file('config')), '--backend', engine.name],
        ...familyOption(config.family),
      ]),
    };
    folder.write('summary', `${JSON.stringify(summary, null, 2)}\n`);
    if (!outcome.finished) {
      throw new TributaryError(
        'interrupted',
        `interrupted at step ${outcome.steps} of ${totalSteps(config)}; go on with: npx tributary train --resume --out ${folder.path}`,
      );
    }
    if (options.json) {
      process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
    } else {
      const { family, data } = config;
      const numbers = `${outcome.parameters} ${takesSteps(config) ? 'parameters' : 'numbers'}, ${outcome.seconds.toFixed(1)} s`;
      const lines = takesSteps(config)
        ? [
            `trained ${family} on ${data.name}: ${outcome.steps} steps, ${numbers}`,
            losses.length > 0
              ? `${names.map((name) => `${name} loss ${meanOf(name).toFixed(4)}`).join(', ')} (mean of the last ${losses.length} steps)`
              : 'its log is gone, and with it the losses',
          ]
        : [`fitted ${family} to ${data.rows} points of ${data.name}: ${numbers}`];
      if (excess?.over_oracle != null) {
        lines.push(
          `excess over the oracle ${excess.over_oracle.toFixed(4)} ± ${(excess.over_oracle_error ?? 0).toFixed(4)}`,
        );
      }
      if (excess?.unlabelled?.over_oracle != null) {
        const { over_oracle: value, over_oracle_error: error } = excess.unlabelled;
        lines.push(`and without a label ${value.toFixed(4)} ± ${(error ?? 0).toFixed(4)}`);
      }
      if (worst !== null)
        lines.push(`base's marginal kept within ${worst.toPrecision(2)} in total variation, or better`);
      lines.push(`in ${folder.path}; next: npx tributary evaluate ${folder.path}`);
      process.stdout.write(`${lines.join('\n')}\n`);
    }
  } finally {
    engine.destroy();
  }
}
