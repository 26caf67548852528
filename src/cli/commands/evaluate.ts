import type { Command } from 'commander';
import { type BackendChoice, createEngine } from '../../engine.js';
import { badInput } from '../../errors.js';
import { datasetOf } from '../dataset.js';
import {
  checkJudgeable,
  evaluateRun,
  type Judgeable,
  judgeable,
  judgedDataset,
  metricsTable,
} from '../evaluate_run.js';
import { RunFolder } from '../run_folder.js';
import { sampleRun, samplingRecord } from '../sample_run.js';
import { givenSolverOptions } from '../sampling_options.js';
import { addSamplingOptions, type SampleCommandOptions } from './sample.js';

export function addEvaluateCommand(program: Command): void {
  const command = program
    .command('evaluate')
    .argument('<dir>', 'the folder of a run')
    .description('every metric of fresh samples, each with its interval and its floor')
    .option(
      '--samples <file>',
      'judge these points instead of drawing samples; of a lifted run in its plane or in all coordinates',
    );
  addSamplingOptions(command, 20_000).action(evaluate);
}

async function evaluate(
  dir: string,
  options: SampleCommandOptions & { samples?: string },
  command: Command,
): Promise<void> {
  const folder = new RunFolder(dir);
  const config = folder.config();
  if (options.label !== undefined) {
    badInput(
      'metrics judge the whole distribution; leave --label out, or sample one label with npx tributary sample',
    );
  }
  const drawing = givenSolverOptions(command);
  if (command.getOptionValueSource('n') === 'cli') drawing.push('--n');
  if (options.samples !== undefined && drawing.length > 0) {
    badInput(`--samples judges a file as it is: leave out ${drawing.join(' and ')}, which draw samples`);
  }
  const dataset = datasetOf(config);
  checkJudgeable(dataset);
  const engine = await createEngine({ backend: options.backend as BackendChoice });
  try {
    let samples: Judgeable;
    let origin: object;
    if (options.samples !== undefined) {
      samples = judgeable(config, judgedDataset(config, dataset).dim, options.samples);
      origin = { file: options.samples };
    } else {
      if (options.n < 2) badInput('--n is 1; metrics need at least 2 samples');
      const { n, seed } = options;
      const drawn = await sampleRun(engine, folder, config, { n, seed, choice: options });
      samples = drawn;
      origin = samplingRecord(drawn, engine);
    }
    const evaluation = { ...evaluateRun(config, dataset, samples, options.seed), samples: origin };
    folder.write('metrics', `${JSON.stringify(evaluation, null, 2)}\n`);
    process.stdout.write(
      options.json
        ? `${JSON.stringify(evaluation, null, 2)}\n`
        : `${evaluation.n} samples of ${config.family} on ${config.data.name}, seed ${options.seed}\n\n${metricsTable(evaluation)}\n\nwritten to ${folder.file('metrics')}\n`,
    );
  } finally {
    engine.destroy();
  }
}
