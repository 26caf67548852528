import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import type { Backend } from '../../backend/backend.js';
import type { Dataset } from '../../data/dataset.js';
import { type BackendChoice, createEngine } from '../../engine.js';
import { badInput, TributaryError } from '../../errors.js';
import { familyByName, isInterpolant } from '../../families/registry.js';
import { unlikeColumns } from '../../metrics/columns.js';
import { sourceOf } from '../../model/phase.js';
import type { RunConfig } from '../../model/run_config.js';
import { renderReport } from '../../report/render.js';
import { RUN_SETTINGS } from '../../run/run_settings.js';
import { takesSteps, totalSteps } from '../../run/stages.js';
import { openModel } from '../../run/trained.js';
import { commandLine } from '../command_line.js';
import { checkJudgeable, evaluateRun, metricsTable } from '../evaluate_run.js';
import { besideMetrics, evaluateCommand, recorded, writeEvaluation } from '../evaluation_file.js';
import { addHeaderOption, wholeNumber } from '../options.js';
import type { HeaderChoice } from '../points.js';
import { reportInput } from '../report_input.js';
import { RunFolder } from '../run_folder.js';
import { configOf, refuseNetworkOptions, type TrainOptions } from '../run_options.js';
import { sampleRun } from '../sample_run.js';
import { settingOption } from '../setting_option.js';
import { trainRun } from '../train_run.js';

const SAMPLES = 20_000;
const SAMPLE_SEED = 1;
/** Quarters of the way. */
const FRAMES = [0, 0.25, 0.5, 0.75, 1];

interface StartOptions {
  family?: string;
  data: string;
  header?: HeaderChoice;
  steps?: number;
  samples: number;
  seed?: number;
  backend: string;
  out: string;
  overwrite?: boolean;
}

export function addStartCommand(program: Command): void {
  const command = program
    .command('start')
    .description('the main job: train, sample, evaluate, and write a report')
    .option('--family <name>', 'family, or the module of one of your own')
    .option('--data <name or file>', '2-D data', 'corridor')
    .addOption(settingOption('--steps <n>', RUN_SETTINGS.steps))
    .option('--samples <n>', 'samples to judge', wholeNumber(2, 2 ** 31), SAMPLES)
    .addOption(settingOption('--seed <n>', RUN_SETTINGS.seed))
    .option('--backend <name>', 'where to run', 'cpu')
    .option('--out <folder>', 'where the run and its report go', 'out')
    .option('--overwrite', 'replace another run in --out');
  addHeaderOption(command, 'the --data file').action(start);
}

/**
 * Whether the folder may be used: empty, or begun with this very config. Such a run is gone on with from its
 * last checkpoint; one that was trained to its end is only sampled and judged again.
 */
function prepare(
  folder: RunFolder,
  config: ReturnType<typeof configOf>['config'],
  overwrite: boolean,
): boolean {
  if (!overwrite && folder.has('config') && folder.has('optimizer')) {
    if (JSON.stringify(folder.config()) !== JSON.stringify(config)) {
      badInput(`${folder.path} holds another run; replace it by --overwrite or choose another --out`);
    }
    return true;
  }
  folder.refuseOthers(overwrite);
  return false;
}

async function start(options: StartOptions, command: Command): Promise<void> {
  const own: TrainOptions = { data: options.data, backend: options.backend };
  if (options.header !== undefined) own.header = options.header;
  if (options.family !== undefined) own.family = options.family;
  if (options.steps !== undefined) own.steps = options.steps;
  if (options.seed !== undefined) own.seed = options.seed;
  const probe = configOf(own);
  // Where there are labels the network is given them: that is what label purity judges.
  const { config, dataset } = probe.dataset.classes > 1 ? configOf({ ...own, conditional: true }) : probe;
  refuseNetworkOptions(config, own);
  if (config.data.dim !== 2)
    badInput(`a report draws 2-D data; ${config.data.name} has ${config.data.dim} dimensions`);
  checkJudgeable(dataset);
  if (options.out === '') badInput('--out is empty; name a folder');
  const folder = new RunFolder(options.out);
  const engine = await createEngine({ backend: options.backend as BackendChoice });
  try {
    const resume = prepare(folder, config, options.overwrite ?? false);
    const say = (text: string) => process.stderr.write(`${text}\n`);
    const unlike = unlikeColumns(dataset, config.data.columns);
    for (const line of [...probe.readings, ...(unlike === null ? [] : [unlike])]) say(line);
    say(
      `${resume ? 'going on with' : takesSteps(config) ? 'training' : 'fitting'} ${config.family} on ${config.data.rows} points of ${config.data.name}`,
    );
    const checkpointEvery = Math.max(1, Math.min(500, Math.ceil(config.steps / 10)));
    const trained = await trainRun(engine, folder, config, dataset, { resume, checkpointEvery });
    if (!trained.finished) {
      throw new TributaryError(
        'interrupted',
        `interrupted at step ${trained.steps} of ${totalSteps(config)}; the same command goes on from there`,
      );
    }
    const trainSeconds = trained.seconds + secondsBefore(folder, resume);
    const samples = await sampleRun(engine, folder, config, {
      n: options.samples,
      seed: SAMPLE_SEED,
      choice: {},
      frames: isInterpolant(config) ? FRAMES : [],
    });
    const pictures = await picturesOf(engine, folder, config, dataset);
    const evaluation = evaluateRun(config, dataset, samples, SAMPLE_SEED);
    const { backend, samples: n } = options;
    const again = evaluateCommand(folder.path, { n, seed: SAMPLE_SEED, backend, family: config.family });
    const judged = { dataset, config, points: samples.points };
    const kept = recorded(evaluation, judged, samples.record, again);
    writeEvaluation(folder, kept);
    const html = renderReport(
      reportInput({
        config,
        dataset,
        engine,
        log: folder.log(),
        samples,
        frameTimes: samples.frameTimes,
        evaluation,
        solver: samples.solver,
        solverSteps: samples.steps,
        sampleSeed: SAMPLE_SEED,
        parameters: trained.parameters,
        trainSeconds,
        command: commandLine(command),
        ...(kept.remarks ? { remarks: kept.remarks } : {}),
        pictures,
      }),
    );
    folder.write('report', html);
    const summary = {
      command: commandLine(command, {}, ['out']),
      family: config.family,
      data: config.data.name,
      seed: config.seed,
      steps: trained.steps,
      parameters: trained.parameters,
      backend: engine.name,
      device: engine.device,
      seconds: { training: trainSeconds, sampling: samples.seconds },
    };
    folder.write('summary', `${JSON.stringify(summary, null, 2)}\n`);
    const report = resolve(folder.file('report'));
    process.stdout.write(
      `\n${metricsTable(evaluation)}${besideMetrics(kept)}\n\nreport: ${report}\n        ${pathToFileURL(report).href}\n`,
    );
  } finally {
    engine.destroy();
  }
}

/** What a report shows of a family's own. */
async function picturesOf(engine: Backend, folder: RunFolder, config: RunConfig, dataset: Dataset) {
  const { pictures } = familyByName(config.family);
  if (pictures === undefined) return [];
  const model = await openModel(engine, folder.read('model'), { config, file: folder.file('model') });
  try {
    return await pictures(model, sourceOf(dataset, config), SAMPLE_SEED);
  } finally {
    model.destroy();
  }
}

/** Training time that an earlier call of the same run has noted. */
function secondsBefore(folder: RunFolder, resumed: boolean): number {
  if (!resumed || !folder.has('summary')) return 0;
  const { seconds } = JSON.parse(new TextDecoder().decode(folder.read('summary')));
  return typeof seconds?.training === 'number' ? seconds.training : 0;
}
