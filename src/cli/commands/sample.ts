import { join } from 'node:path';
import type { Command } from 'commander';
import { type BackendChoice, createEngine } from '../../engine.js';
import { badInput } from '../../errors.js';
import { encodeNpy } from '../../formats/npy.js';
import type { RunConfig } from '../../model/run_config.js';
import { commandLine } from '../command_line.js';
import { writeAtomic } from '../files.js';
import { addHeaderOption, wholeNumber } from '../options.js';
import { addFamilyOption, checkFamilyOption } from '../own_family.js';
import { type HeaderChoice, pointsExtension, savePoints } from '../points.js';
import { type SampledRun, sampleRun } from '../sample_run.js';
import { addSolverOptions, type SolverChoice } from '../sampling_options.js';
import { type LoadedStart, loadStart } from '../start_points.js';
import { trainedRun } from '../trained_run.js';

export interface SampleCommandOptions extends SolverChoice {
  n: number;
  seed: number;
  label?: number;
  family?: string;
  backend: string;
  json?: boolean;
}

/** Options of every command that samples. */
export function addSamplingOptions(command: Command, n: number): Command {
  command.option('--n <n>', 'samples', wholeNumber(1, 2 ** 31), n);
  return addSolverOptions(command)
    .option('--seed <n>', 'seed of the samples', wholeNumber(0), 1)
    .option('--label <n>', 'one label for all samples of a conditional model', wholeNumber(0))
    .option('--backend <name>', 'where to run', 'cpu')
    .option('--json', 'print the result as JSON');
}

export function addSampleCommand(program: Command): void {
  const command = program
    .command('sample')
    .argument('<run>', 'the folder of a run, or a model.safetensors on its own')
    .description('draw samples from a trained run')
    .option('--out <file>', 'a .npy or .csv file; samples.npy beside the model if not given')
    .option('--frames <k>', 'keep the way as well: k + 1 pictures in OUT.frames.npy', wholeNumber(1, 10_000))
    .option(
      '--start <file>',
      'begin at these points instead of the base, in the units in which it writes them',
    )
    .option('--backward', 'from data to noise; needs --start')
    .option('--full', 'of a lifted model: points in all its dimensions, not in their plane')
    .addHelpText(
      'after',
      `
Files hold points in the units of the data at both ends of time: offset + scale x of the run's config.json, the noise
too, so that what is written may be started from. Data of a lifted model lie in their plane, unless --full; its noise
has all dimensions. Labels of the --start file are used by a conditional model.`,
    );
  addHeaderOption(command, 'the --start file');
  addFamilyOption(command);
  addSamplingOptions(command, 10_000).action(sample);
}

interface SampleOptions extends SampleCommandOptions {
  out?: string;
  frames?: number;
  start?: string;
  full?: boolean;
  header?: HeaderChoice;
}

async function sample(path: string, options: SampleOptions, command: Command): Promise<void> {
  const run = trainedRun(path);
  const config = run.config();
  checkFamilyOption(options.family, config);
  const out = options.out ?? join(run.folder, 'samples.npy');
  // A name that cannot be written is found before the work, not after it.
  pointsExtension(out);
  if (options.label !== undefined && config.data.classes === 0) {
    badInput('this model knows no labels: train it with --conditional');
  }
  if (options.backward && options.start === undefined)
    badInput('a backward run begins at data: give --start FILE');
  if (options.full && config.data.ambient === 0)
    badInput('--full is for models of a lifted distribution; this one has no plane: leave it out');
  if (options.header !== undefined && !/\.csv$/i.test(options.start ?? ''))
    badInput('--header is about the first line of a .csv given by --start: leave it out');
  const start = startOf(options, config, command);
  const n = start?.rows ?? options.n;
  const engine = await createEngine({ backend: options.backend as BackendChoice });
  try {
    const drawn = await sampleRun(engine, run, config, {
      n,
      seed: options.seed,
      seedGiven: command.getOptionValueSource('seed') === 'cli',
      choice: options,
      label: options.label,
      full: options.full,
      ...(options.frames === undefined
        ? {}
        : { frames: Array.from({ length: options.frames + 1 }, (_, k) => k / (options.frames as number)) }),
      ...(start ? { start, notes: [`${start.reading}${labelRemark(start, options, config)}`] } : {}),
    });
    savePoints(out, {
      points: drawn.points,
      dim: drawn.dim,
      rows: n,
      ...(drawn.labels ? { labels: drawn.labels } : {}),
    });
    const frames = saveFrames(out, n, drawn);
    const result = {
      ...drawn.record,
      dim: drawn.dim,
      units: "the data's own: offset + scale x of the run's config, at every time",
      seconds: drawn.seconds,
      out,
      ...(frames ? { frames, frame_times: drawn.frameTimes } : {}),
      command: commandLine(command, { n, ...resolvedEpsilon(options, drawn) }, ['out']),
    };
    process.stdout.write(
      options.json
        ? `${JSON.stringify(result, null, 2)}\n`
        : `${n} samples in ${out} (${drawn.evaluations} network evaluations each, ${drawn.seconds.toFixed(1)} s)\n`,
    );
  } finally {
    engine.destroy();
  }
}

/** The ε that a run's log has given, as a number: the log may go on, and a model's file has none. */
export function resolvedEpsilon(
  { epsilon }: SolverChoice,
  { record }: Pick<SampledRun, 'record'>,
): { epsilon?: number; diffusion?: string } {
  return epsilon === 'optimal' && record.diffusion
    ? { epsilon: record.diffusion.scale, diffusion: record.diffusion.name }
    : {};
}

function startOf(options: SampleOptions, config: RunConfig, command: Command): LoadedStart | undefined {
  if (options.start === undefined) return undefined;
  const start = loadStart(options.start, config, options);
  if (command.getOptionValueSource('n') === 'cli' && start.rows !== options.n)
    badInput(`${options.start} holds ${start.rows} points: give --n ${start.rows}, or leave it out`);
  return start;
}

/** What is done with labels of the starting points, where there are any. */
function labelRemark({ labels }: LoadedStart, { label }: SampleOptions, { data }: RunConfig): string {
  if (labels === undefined) return '';
  if (data.classes === 0) return ', which this model does not know and does not use';
  return label === undefined ? '' : `, not used: --label ${label} stands for all`;
}

/** @returns the file of the frames, [k + 1, n, dim]; null where none were kept */
function saveFrames(out: string, n: number, { frames, points, dim }: SampledRun): string | null {
  if (frames.length === 0) return null;
  const file = `${out.replace(/\.(npy|csv)$/i, '')}.frames.npy`;
  const values = Float64Array.from({ length: frames.length * points.length }, (_, i) => {
    const k = Math.floor(i / points.length);
    return frames[k][i - k * points.length];
  });
  writeAtomic(file, encodeNpy(values, [frames.length, n, dim]));
  return file;
}
