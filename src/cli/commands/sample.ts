import { join } from 'node:path';
import type { Command } from 'commander';
import { type BackendChoice, createEngine } from '../../engine.js';
import { badInput } from '../../errors.js';
import { solverNames } from '../../samplers/solvers.js';
import { notNegativeNumber, wholeNumber } from '../options.js';
import { pointsExtension, savePoints } from '../points.js';
import { RunFolder } from '../run_folder.js';
import { sampleRun } from '../sample_run.js';

export interface SamplingOptions {
  n: number;
  solver: string;
  steps: number;
  seed: number;
  diffusion: number;
  label?: number;
  backend: string;
  json?: boolean;
}

/** Options of every command that samples. */
export function addSamplingOptions(command: Command, n: number): Command {
  return command
    .option('--n <n>', 'samples', wholeNumber(1, 2 ** 31), n)
    .option('--solver <name>', `one of ${solverNames.join(', ')}`, 'heun')
    .option('--steps <n>', 'solver steps', wholeNumber(1, 1_000_000), 50)
    .option('--seed <n>', 'seed of the samples', wholeNumber(0), 1)
    .option('--diffusion <scale>', "scale of an SDE solver's ε(t)", notNegativeNumber, 1)
    .option('--label <n>', 'one label for all samples of a conditional model', wholeNumber(0))
    .option('--backend <name>', 'where to run', 'cpu')
    .option('--json', 'print the result as JSON');
}

export function addSampleCommand(program: Command): void {
  const command = program
    .command('sample')
    .argument('<dir>', 'the folder of a run')
    .description('draw samples from a trained run')
    .option('--out <file>', 'a .npy or .csv file; DIR/samples.npy if not given');
  addSamplingOptions(command, 10_000).action(sample);
}

async function sample(dir: string, options: SamplingOptions & { out?: string }): Promise<void> {
  const folder = new RunFolder(dir);
  const config = folder.config();
  const out = options.out ?? join(dir, 'samples.npy');
  // A name that cannot be written is found before the work, not after it.
  pointsExtension(out);
  if (options.label !== undefined && config.data.classes === 0) {
    badInput('this model knows no labels: train it with --conditional');
  }
  const engine = await createEngine({ backend: options.backend as BackendChoice });
  try {
    const drawn = await sampleRun(engine, folder, config, options);
    savePoints(out, {
      points: drawn.points,
      dim: drawn.dim,
      rows: options.n,
      ...(drawn.labels ? { labels: drawn.labels } : {}),
    });
    const result = {
      n: options.n,
      dim: drawn.dim,
      solver: options.solver,
      steps: options.steps,
      seed: options.seed,
      function_evaluations: drawn.evaluations,
      seconds: drawn.seconds,
      device: engine.device,
      out,
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
