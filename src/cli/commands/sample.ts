import { join } from 'node:path';
import type { Command } from 'commander';
import { type BackendChoice, createEngine } from '../../engine.js';
import { badInput } from '../../errors.js';
import { encodeNpy } from '../../formats/npy.js';
import type { RunConfig } from '../../train/config.js';
import { writeAtomic } from '../files.js';
import { wholeNumber } from '../options.js';
import { loadPoints, pointsExtension, savePoints } from '../points.js';
import { sampleRun } from '../sample_run.js';
import { addSolverOptions, type SolverChoice } from '../sampling_options.js';
import { trainedRun } from '../trained_run.js';

export interface SampleCommandOptions extends SolverChoice {
  n: number;
  seed: number;
  label?: number;
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
    .option('--full', 'all coordinates of a run that was lifted by --ambient, not those in its plane')
    .option('--start <file>', 'begin at these points instead of the base')
    .option('--backward', 'from data to noise; needs --start');
  addSamplingOptions(command, 10_000).action(sample);
}

interface SampleOptions extends SampleCommandOptions {
  out?: string;
  frames?: number;
  full?: boolean;
  start?: string;
}

async function sample(path: string, options: SampleOptions): Promise<void> {
  const run = trainedRun(path);
  const config = run.config();
  const out = options.out ?? join(run.folder, 'samples.npy');
  // A name that cannot be written is found before the work, not after it.
  pointsExtension(out);
  if (options.label !== undefined && config.data.classes === 0) {
    badInput('this model knows no labels: train it with --conditional');
  }
  if (options.backward && options.start === undefined)
    badInput('a backward run begins at data: give --start FILE');
  const start = options.start === undefined ? undefined : startOf(options.start, options, config);
  const engine = await createEngine({ backend: options.backend as BackendChoice });
  try {
    const drawn = await sampleRun(engine, run, config, {
      n: options.n,
      seed: options.seed,
      choice: options,
      label: options.label,
      full: options.full,
      ...(options.frames === undefined
        ? {}
        : { frames: Array.from({ length: options.frames + 1 }, (_, k) => k / (options.frames as number)) }),
      ...(start ? { start } : {}),
    });
    savePoints(out, {
      points: drawn.points,
      dim: drawn.dim,
      rows: options.n,
      ...(drawn.labels ? { labels: drawn.labels } : {}),
    });
    const frames = drawn.frames.length > 0 ? `${out.replace(/\.(npy|csv)$/, '')}.frames.npy` : null;
    if (frames) {
      const values = Float64Array.from({ length: drawn.frames.length * drawn.points.length }, (_, i) => {
        const k = Math.floor(i / drawn.points.length);
        return drawn.frames[k][i - k * drawn.points.length];
      });
      writeAtomic(frames, encodeNpy(values, [drawn.frames.length, options.n, drawn.dim]));
    }
    const result = {
      n: options.n,
      dim: drawn.dim,
      solver: drawn.solver,
      steps: drawn.steps,
      seed: options.seed,
      function_evaluations: drawn.evaluations,
      seconds: drawn.seconds,
      device: engine.device,
      out,
      ...(frames ? { frames, frame_times: drawn.frameTimes } : {}),
    };
    process.stdout.write(
      options.json
        ? `${JSON.stringify(result, null, 2)}\n`
        : `${options.n} samples in ${out} (${drawn.evaluations} network evaluations each, ${drawn.seconds.toFixed(1)} s)\n`,
    );
  } finally {
    engine.destroy();
  }
}

/** Starting points of a run, in the coordinates that the model sees. */
function startOf(file: string, options: SampleOptions, { data, transform }: RunConfig): Float64Array {
  const { points, dim } = loadPoints(file);
  if (dim !== data.dim) badInput(`${file} has ${dim} columns; this model moves points of ${data.dim}`);
  if (points.length / dim !== options.n)
    badInput(`${file} holds ${points.length / dim} points: give --n ${points.length / dim}`);
  // Data are where the transform brings them; the base is in the network's own coordinates.
  if (!options.backward) return points;
  return points.map((value, i) => (value - transform.offset[i % dim]) / transform.scale);
}
