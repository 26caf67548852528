import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { spreadLabels } from '../../data/labels.js';
import { distributionNames } from '../../data/registry.js';
import { type BackendChoice, createEngine } from '../../engine.js';
import { badInput, TributaryError } from '../../errors.js';
import { familyByName, familyNames } from '../../families/registry.js';
import { PARAMETERS_SETTING } from '../../model/budget.js';
import { NETWORK_SETTINGS } from '../../nn/mlp.js';
import { STREAM } from '../../random/random.js';
import { hasNetworks, parametersOf, withParameters } from '../../run/budget.js';
import { RUN_SETTINGS } from '../../run/run_settings.js';
import { settingFromText } from '../../settings.js';
import { renderStudy } from '../../study/report.js';
import { type StudyPicture, type StudyResults, type StudyRun, studyResults } from '../../study/results.js';
import { markdownTable } from '../../study/table.js';
import { commandLine } from '../command_line.js';
import { checkJudgeable, judgedDataset } from '../evaluate_run.js';
import {
  ensureOutputFolder,
  readFileOrExplain,
  removeIfPresent,
  removeLeftovers,
  writeAtomic,
} from '../files.js';
import { Interrupt } from '../interrupt.js';
import { addHeaderOption, wholeNumber } from '../options.js';
import type { HeaderChoice } from '../points.js';
import { pictureBounds } from '../report_input.js';
import { RunFolder } from '../run_folder.js';
import { configOf, type TrainOptions } from '../run_options.js';
import { settingOption } from '../setting_option.js';
import {
  checkRunFolder,
  finishedRun,
  type PlannedRun,
  samplesOf,
  studyRun,
  trainedAlike,
} from '../study_run.js';

interface StudyOptions {
  families?: string;
  baselines: boolean;
  seeds?: number;
  seed: number;
  data: string;
  header?: HeaderChoice;
  rows?: number;
  ambient?: number;
  unconditional?: boolean;
  steps?: number;
  batch?: number;
  hidden?: number;
  parameters?: string;
  samples?: number;
  likelihood?: number | true;
  backend: string;
  out: string;
  quick?: boolean;
  overwrite?: boolean;
  json?: boolean;
}

const FULL = {
  seeds: 3,
  steps: RUN_SETTINGS.steps.usual,
  batch: RUN_SETTINGS.batch.usual,
  hidden: NETWORK_SETTINGS.hidden.usual,
  samples: 10_000,
};
/** All families in a few minutes on two cores: to see them work, not to rank them. */
const QUICK = { seeds: 1, steps: 1000, batch: 512, hidden: 64, samples: 2000 };

const LIKELIHOOD_POINTS = 500;

export function addStudyCommand(program: Command): void {
  const usual = (key: keyof typeof FULL) => `${FULL[key]}, with --quick ${QUICK[key]}`;
  const both = (key: keyof typeof FULL) => `(default ${usual(key)})`;
  const command = program
    .command('study')
    .description('train, sample and judge every family over several seeds, in one table; resumable')
    .option(
      '--families <names>',
      'with commas between them (default: all); models without a network stand in the table beside them',
    )
    .option('--no-baselines', 'leave out models without a network that --families does not name')
    .option('--seeds <n>', `runs of each family ${both('seeds')}`, wholeNumber(1, 1000))
    .option('--seed <n>', 'the first seed', wholeNumber(0, 2 ** 31), 0)
    .option(
      '--data <name or file>',
      `a .npy or .csv file, or one of ${distributionNames.join(', ')}`,
      'corridor',
    )
    .option('--rows <n>', 'training points of a known distribution (default 1000)', wholeNumber(4, 2 ** 31))
    .option('--ambient <d>', 'lift a known distribution to d dimensions', wholeNumber(2, 2 ** 20))
    .option('--unconditional', 'do not give labels to the networks')
    .addOption(settingOption('--steps <n>', RUN_SETTINGS.steps, usual('steps')))
    .addOption(settingOption('--batch <n>', { ...RUN_SETTINGS.batch, least: 2 }, usual('batch')))
    .addOption(settingOption('--hidden <n>', NETWORK_SETTINGS.hidden, usual('hidden')))
    .option(
      '--parameters <n or family>',
      'as many trained parameters for every family, within 5 %, or as many as a family has: widths follow',
    )
    .option('--samples <n>', `samples to judge, a run ${both('samples')}`, wholeNumber(2, 2 ** 31))
    .option(
      '--likelihood [n]',
      `also log p of held-out points, ${LIKELIHOOD_POINTS} if n is not given`,
      wholeNumber(2, 2 ** 31),
    )
    .option('--quick', 'smaller networks, fewer steps and samples, one seed: some minutes on two cores')
    .option('--backend <name>', 'where to run', 'cpu')
    .option('--out <folder>', 'where results and runs go; what is there is gone on with', 'study')
    .option('--overwrite', 'replace another study in --out')
    .option('--json', 'print the results as JSON');
  addHeaderOption(command, 'the --data file').action(study);
}

/**
 * Those that are asked for, and models without a network after them: what these reach as well says nothing for a network.
 * @throws TributaryError('bad-input') for an unknown or repeated family
 */
function familiesOf({ families, baselines }: StudyOptions): readonly string[] {
  const asked = namedFamilies(families);
  const others = familyNames.filter(
    (name) => familyByName(name).group === 'baseline' && !asked.includes(name),
  );
  return baselines ? [...asked, ...others] : asked;
}

function namedFamilies(names: string | undefined): readonly string[] {
  if (names === undefined) return familyNames.filter((name) => familyByName(name).group !== 'baseline');
  const list = names
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (list.length === 0) badInput(`--families is empty; name some of ${familyNames.join(', ')}`);
  for (const name of list) familyByName(name);
  const twice = list.find((name, i) => list.indexOf(name) !== i);
  if (twice !== undefined) badInput(`--families names ${twice} twice`);
  return list;
}

/** Trained parameters that every family is to have, of those of a family that is named; null where nobody asks. */
function budgetOf(asked: string | undefined, own: TrainOptions): number | null {
  if (asked === undefined) return null;
  if (/^[\d.+-]/.test(asked)) return settingFromText('--parameters', PARAMETERS_SETTING, asked);
  const { name } = familyByName(asked);
  const { config } = configOf({ ...own, family: name });
  if (!hasNetworks(config)) badInput(`--parameters ${name}: it has no network whose parameters count`);
  return parametersOf(config);
}

/** Every run with its config, checked before any work is done. */
function planOf(options: StudyOptions, families: readonly string[], sizes: typeof FULL) {
  let readings: readonly string[] = [];
  let budget: number | null = null;
  const seeds = Array.from({ length: sizes.seeds }, (_, k) => options.seed + k);
  const runs = seeds.flatMap((seed) =>
    families.map((family) => {
      const own: TrainOptions = {
        ...{ family, seed, data: options.data, backend: options.backend },
        ...{ steps: sizes.steps, batch: sizes.batch, hidden: sizes.hidden },
        ...(options.header === undefined ? {} : { header: options.header }),
        ...(options.rows === undefined ? {} : { rows: options.rows }),
        ...(options.ambient === undefined ? {} : { ambient: options.ambient }),
      };
      const probe = configOf(own);
      readings = probe.readings;
      // Where there are labels the networks are given them: that is what label purity judges.
      const conditional = !options.unconditional && probe.dataset.classes > 1;
      const { config: usual, dataset } = conditional ? configOf({ ...own, conditional }) : probe;
      budget ??= budgetOf(options.parameters, { ...own, conditional });
      // What has no network is what it is at any budget.
      const config = budget === null || !hasNetworks(usual) ? usual : withParameters(usual, budget);
      checkJudgeable(dataset);
      return {
        folder: new RunFolder(join(options.out, `${family}-seed${seed}`)),
        config,
        dataset,
      } as PlannedRun;
    }),
  );
  return { runs, readings, budget };
}

/** A study has one backend: times and devices of two would not compare. */
function checkStudy(options: StudyOptions): void {
  const file = join(options.out, 'study.json');
  if (existsSync(file) && !options.overwrite) {
    let backend: unknown;
    try {
      backend = JSON.parse(new TextDecoder().decode(readFileOrExplain(file))).backend;
    } catch (error) {
      if (error instanceof TributaryError) throw error;
      badInput(`${file} is not JSON; replace the study by --overwrite or choose another --out`);
    }
    if (backend !== options.backend)
      badInput(
        `${options.out} was begun with --backend ${backend}, not ${options.backend}; keep it, replace the study by --overwrite, or choose another --out`,
      );
  }
  writeAtomic(file, `${JSON.stringify({ backend: options.backend }, null, 2)}\n`);
}

async function study(options: StudyOptions, command: Command): Promise<void> {
  if (options.out === '') badInput('--out is empty; name a folder');
  if (options.parameters !== undefined && options.hidden !== undefined)
    badInput('--parameters chooses the widths: leave --hidden out');
  const families = familiesOf(options);
  const defaults = options.quick ? QUICK : FULL;
  const sizes = Object.fromEntries(
    Object.entries(defaults).map(([key, value]) => [key, options[key as keyof typeof FULL] ?? value]),
  ) as typeof FULL;
  if (sizes.batch % 2 !== 0)
    badInput(`--batch is ${sizes.batch}; antithetic pairs, which some families use, need an even one`);
  const likelihood = options.likelihood === true ? LIKELIHOOD_POINTS : (options.likelihood ?? 0);
  const { runs: plan, readings, budget } = planOf(options, families, sizes);
  if (likelihood > 0 && plan[0].config.data.file !== undefined)
    badInput('--likelihood draws held-out points from a known law; a file has none: leave it out');
  const engine = await createEngine({ backend: options.backend as BackendChoice });
  // Between the parts of a run, which watch for Ctrl-C themselves.
  const interrupt = new Interrupt();
  const say = (text: string) => process.stderr.write(`${text}\n`);
  try {
    ensureOutputFolder(options.out);
    readings.forEach(say);
    removeLeftovers(options.out);
    if (options.overwrite) for (const { folder } of plan) folder.refuseOthers(true);
    else plan.forEach(checkRunFolder);
    checkStudy(options);
    if (options.overwrite) for (const { folder } of plan) removeRun(folder);
    const runs: StudyRun[] = [];
    const failures: string[] = [];
    for (const [at, planned] of plan.entries()) {
      const { family, seed } = planned.config;
      const wanted = { samples: sizes.samples, likelihood, backend: options.backend };
      const place = `[${at + 1}/${plan.length}] ${family}, seed ${seed}`;
      const done = finishedRun(planned, wanted);
      if (interrupt.requested) throw stopped(runs.length, plan.length);
      const alike = done ? undefined : trainedAlike(planned, plan);
      say(`${place}${done ? ': finished before' : alike ? `: the networks of ${alike.config.family}` : ''}`);
      try {
        runs.push(done ?? (await studyRun(engine, planned, wanted, alike)));
      } catch (error) {
        if (!(error instanceof TributaryError)) throw error;
        if (error.code === 'interrupted') throw stopped(runs.length, plan.length);
        // One family that fails must not cost the others.
        if (error.code !== 'diverged') throw error;
        failures.push(`${family}, seed ${seed}: ${error.message}`);
        say(`tributary: ${failures.at(-1)}`);
      }
    }
    const line = commandLine(command);
    if (runs.length > 0) finish(options, line, plan, { ...sizes, budget }, likelihood, engine.device, runs);
    if (failures.length > 0)
      throw new TributaryError(
        'diverged',
        `${failures.length} of ${plan.length} runs failed: ${failures[0]}`,
      );
  } finally {
    interrupt.dispose();
    engine.destroy();
  }
}

const stopped = (done: number, all: number): TributaryError =>
  new TributaryError(
    'interrupted',
    `interrupted after ${done} of ${all} runs; the same command goes on from there`,
  );

/** Leaves nothing of a run that is to be replaced, so that it is begun anew. */
function removeRun(folder: RunFolder): void {
  for (const name of ['study', 'samples', 'optimizer', 'summary'] as const)
    removeIfPresent(folder.file(name));
}

/** Writes results.json, table.md and report.html, and prints the table. */
function finish(
  options: StudyOptions,
  command: string,
  plan: readonly PlannedRun[],
  sizes: typeof FULL & { readonly budget: number | null },
  likelihood: number,
  device: string,
  runs: readonly StudyRun[],
): void {
  const { data, network } = plan[0].config;
  const { steps, batch, hidden, samples, budget } = sizes;
  const made = studyResults(
    {
      ...{
        data: data.ambient > 0 ? `${data.name} in ${data.ambient} dimensions` : data.name,
        rows: data.rows,
      },
      ...{ conditional: data.classes > 0, steps, batch, hidden, blocks: network.blocks },
      ...(budget === null ? {} : { parameters: budget }),
      ...{ samples, likelihood, backend: options.backend },
    },
    device,
    runs,
  );
  const results = { ...made, command };
  const file = (name: string) => join(options.out, name);
  writeAtomic(file('results.json'), `${JSON.stringify(results, null, 2)}\n`);
  const table = markdownTable(results);
  writeAtomic(file('table.md'), table);
  const html = renderStudy({ results, command, ...picturesOf(plan, results) });
  writeAtomic(file('report.html'), html);
  const report = resolve(file('report.html'));
  process.stdout.write(
    options.json
      ? `${JSON.stringify(results, null, 2)}\n`
      : `\n${table}\nreport: ${report}\n        ${pathToFileURL(report).href}\n`,
  );
}

/** Truth and samples of the first seed, where the data are in the plane. */
function picturesOf(plan: readonly PlannedRun[], results: StudyResults) {
  const seed = results.seeds[0];
  const first = judgedDataset(plan[0].config, plan[0].dataset);
  if (first.dim !== 2) return { pictures: [], bounds: null };
  const { samples } = results.settings;
  const truth = first.distribution?.sample(samples, seed + 1, 0, STREAM.evaluation) ?? first;
  const labelled = first.classes > 1;
  const pictures: StudyPicture[] = [
    { name: 'truth', set: { points: truth.points, ...(labelled ? { labels: truth.labels } : {}) } },
  ];
  for (const planned of plan) {
    const { config } = planned;
    if (
      config.seed !== seed ||
      !results.runs.some((run) => run.family === config.family && run.seed === seed)
    )
      continue;
    const points = samplesOf(planned);
    const { classes, labelCounts } = config.data;
    const labels =
      classes > 0
        ? spreadLabels(samples, labelCounts ?? new Array<number>(classes).fill(1))
        : labelled
          ? first.distribution?.labelOf?.(points)
          : undefined;
    pictures.push({ name: config.family, set: { points, ...(labels ? { labels } : {}) } });
  }
  return { pictures, bounds: pictureBounds(truth.points) };
}
