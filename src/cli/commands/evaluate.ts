import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Backend } from '../../backend/backend.js';
import { type BackendChoice, createEngine } from '../../engine.js';
import { badInput } from '../../errors.js';
import { commandLine } from '../command_line.js';
import { datasetOf } from '../dataset.js';
import { sha256 } from '../digest.js';
import { checkJudgeable, evaluateRun, judgeable, judgedDataset, metricsTable } from '../evaluate_run.js';
import { besideMetrics, type RecordedEvaluation, recorded, writeEvaluation } from '../evaluation_file.js';
import { readFileOrExplain } from '../files.js';
import { addHeaderOption } from '../options.js';
import { addFamilyOption, checkFamilyOption } from '../own_family.js';
import type { HeaderChoice } from '../points.js';
import { RunFolder } from '../run_folder.js';
import { sampleRun } from '../sample_run.js';
import { givenSolverOptions } from '../sampling_options.js';
import { addSamplingOptions, resolvedEpsilon, type SampleCommandOptions } from './sample.js';

type EvaluateOptions = SampleCommandOptions & {
  samples?: string;
  header?: HeaderChoice;
  baselines: boolean;
};

export function addEvaluateCommand(program: Command): void {
  const command = program
    .command('evaluate')
    .argument('<dir>', 'the folder of a run')
    .description(
      'every metric of fresh samples, each with its interval and its floor; written to metrics.json, which keeps the evaluations with other settings as well',
    )
    .option(
      '--samples <file>',
      'judge these points, in the units of the data, instead of drawing samples; of a lifted run in its plane or in all coordinates',
    );
  addHeaderOption(command, 'the --samples file');
  addFamilyOption(command);
  command.option(
    '--no-baselines',
    'leave out the scores of models without a network, which take some seconds',
  );
  addSamplingOptions(command, 20_000).action(evaluate);
}

function checkOptions(options: EvaluateOptions, command: Command): void {
  if (options.label !== undefined) {
    badInput(
      'metrics judge the whole distribution; leave --label out, or sample one label with npx tributary sample',
    );
  }
  const drawing = givenSolverOptions(command);
  for (const name of ['n', 'backend'])
    if (command.getOptionValueSource(name) === 'cli') drawing.push(`--${name}`);
  if (options.samples !== undefined && drawing.length > 0) {
    badInput(`--samples judges a file as it is: leave out ${drawing.join(' and ')}, which draw samples`);
  }
  if (options.header !== undefined && !/\.csv$/i.test(options.samples ?? ''))
    badInput('--header is about the first line of a .csv given by --samples: leave it out');
}

async function evaluate(dir: string, options: EvaluateOptions, command: Command): Promise<void> {
  const folder = new RunFolder(dir);
  const config = folder.config();
  checkFamilyOption(options.family, config);
  checkOptions(options, command);
  const dataset = datasetOf(config);
  checkJudgeable(dataset);
  const { n, seed, baselines } = options;
  let evaluation: RecordedEvaluation;
  if (options.samples !== undefined) {
    const { dim } = judgedDataset(config, dataset);
    const { reading, ...samples } = judgeable(config, dim, options.samples, options.header);
    process.stderr.write(`${reading}\n`);
    const judged = { file: resolve(options.samples), sha256: sha256(readFileOrExplain(options.samples)) };
    const line = commandLine(command, { n: undefined, backend: undefined });
    const metrics = evaluateRun(config, dataset, samples, seed, { baselines });
    evaluation = recorded(metrics, { dataset, config, points: samples.points }, judged, line);
  } else {
    if (n < 2) badInput('--n is 1; metrics need at least 2 samples');
    const engine = await createEngine({ backend: options.backend as BackendChoice });
    evaluation = await judgedAfresh(engine).finally(() => engine.destroy());
  }
  writeEvaluation(folder, evaluation);
  process.stdout.write(
    options.json
      ? `${JSON.stringify(evaluation, null, 2)}\n`
      : `${evaluation.n} samples of ${config.family} on ${config.data.name}, seed ${seed}\n\n${metricsTable(evaluation)}${besideMetrics(evaluation)}\n\nwritten to ${folder.file('metrics')}\n`,
  );

  async function judgedAfresh(engine: Backend): Promise<RecordedEvaluation> {
    const drawn = await sampleRun(engine, folder, config, { n, seed, choice: options });
    const line = commandLine(command, resolvedEpsilon(options, drawn));
    const { points, record } = drawn;
    return recorded(
      evaluateRun(config, dataset, drawn, seed, { baselines }),
      { dataset, config, points },
      record,
      line,
    );
  }
}
