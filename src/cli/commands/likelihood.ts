import type { Command } from 'commander';
import { type BackendChoice, createEngine } from '../../engine.js';
import { badInput } from '../../errors.js';
import { encodeCsv } from '../../formats/csv_write.js';
import { encodeNpy } from '../../formats/npy.js';
import { LIKELIHOOD_SETTINGS, type LikelihoodMethod } from '../../model/family.js';
import {
  type Likelihood,
  type LikelihoodSummary,
  meanAndError,
  summariseLikelihood,
} from '../../model/likelihood.js';
import type { RunConfig } from '../../model/run_config.js';
import { likelihoodMethod } from '../../run/trained.js';
import { commandLine } from '../command_line.js';
import { sha256 } from '../digest.js';
import { readFileOrExplain, writeAtomic } from '../files.js';
import {
  type JudgedPoints,
  judgedPoints,
  LIKELIHOOD_METHODS,
  type LikelihoodSpec,
  likelihoodRun,
  methodFor,
} from '../likelihood_run.js';
import { addHeaderOption, notNegativeNumber, positiveNumber, wholeNumber } from '../options.js';
import { addFamilyOption, checkFamilyOption } from '../own_family.js';
import { pointsExtension } from '../points.js';
import { RunFolder } from '../run_folder.js';
import { modelRecord } from '../sampling_record.js';
import { asTrained } from '../trained_run.js';

interface Options extends LikelihoodSpec {
  readonly backend: string;
  readonly family?: string;
  readonly out?: string;
  readonly json?: boolean;
}

export function addLikelihoodCommand(program: Command): void {
  const command = program
    .command('likelihood')
    .argument('<dir>', 'the folder of a run')
    .description('log-likelihood of held-out true points, with its kind and tolerance')
    .option('--n <n>', 'held-out points, drawn anew from a known distribution', wholeNumber(2, 2 ** 31), 1000)
    .option('--points <file>', 'judge these points, in the units of the data: a .npy or .csv file')
    .option('--method <name>', `one of ${LIKELIHOOD_METHODS.join(', ')}; the exact one up to 8 dimensions`)
    .option('--solver <name>', 'euler, midpoint, heun or rk4', 'rk4')
    .option(
      '--steps <n>',
      'solver steps, run again with twice as many; times a point for the bound, latents a point for importance',
      wholeNumber(1, 100_000),
      20,
    )
    .option('--finest <s>', 'how far from the data, in t, the steps start to shrink', positiveNumber, 0.3)
    .option('--probes <n>', "hutchinson's probes a point", wholeNumber(1, 10_000), 1)
    .option(
      '--truncation <s>',
      'where the bound ends: the noise left on the data in units of the base, tightest just below their finest detail',
      positiveNumber,
      0.01,
    )
    .option('--guidance <w>', 'guidance of a conditional model, 1 for none', notNegativeNumber, 1)
    .option('--unconditional', 'judge a conditional model without its labels')
    .option('--seed <n>', 'seed of points, probes and noise', wholeNumber(0), 1)
    .option('--backend <name>', 'where to run', 'cpu')
    .option('--out <file>', 'log p of every point: a .csv with the points, or a .npy of log p alone')
    .option('--json', 'print the result as JSON');
  addFamilyOption(command);
  addHeaderOption(command, 'the --points file').action(run);
}

async function run(dir: string, options: Options, command: Command): Promise<void> {
  const folder = new RunFolder(dir);
  const config = asTrained(folder, folder.config());
  checkFamilyOption(options.family, config);
  // What cannot be is found before the work, not after it.
  if (options.out !== undefined) pointsExtension(options.out);
  const name = methodFor(config, options);
  const method: Method = { name, ...likelihoodMethod(config, name)[1] };
  checkUsed(command, options, method);
  const judged = judgedPoints(config, options);
  if (judged.n < 2) badInput(`${options.points} holds one point; a mean with its error needs at least 2`);
  if (judged.reading !== undefined) process.stderr.write(`${judged.reading}\n`);
  const engine = await createEngine({ backend: options.backend as BackendChoice });
  try {
    const begin = performance.now();
    const likelihood = await likelihoodRun(engine, folder, config, judged, options);
    const seconds = (performance.now() - begin) / 1000;
    const summary = summariseLikelihood(likelihood);
    if (options.out !== undefined) writePoints(options.out, config, judged, likelihood);
    const truth = comparison(judged, likelihood);
    process.stdout.write(
      options.json
        ? `${JSON.stringify(
            {
              ...{
                family: config.family,
                data: config.data.name,
                seed: options.seed,
                n: summary.n,
                method: name,
              },
              ...{ kind: summary.kind, unit: 'nats a point', value: summary.value },
              ...{ standard_error: summary.standardError, bits_per_dim: summary.bitsPerDim },
              ...details(likelihood, summary),
              ...truth,
              ...settings(options, method),
              points: pointsRecord(options, config),
              ...{ seconds, device: engine.device, model: modelRecord(folder) },
              ...(options.out === undefined ? {} : { out: options.out }),
              command: commandLine(command, unused(options, method)),
            },
            null,
            2,
          )}\n`
        : `${text(config, options, likelihood, summary, truth)}\n`,
    );
  } finally {
    engine.destroy();
  }
}

/** A method that a run was found to have. */
interface Method extends Pick<LikelihoodMethod<object>, 'uses' | 'deterministic'> {
  readonly name: string;
}

/** Options that a method does without. */
const idleOf = ({ uses = [] }: Method): readonly (keyof Options)[] =>
  LIKELIHOOD_SETTINGS.filter((name) => !uses.includes(name));

/** Whether anything is drawn at random: held-out points, probes, latents or times of a bound. */
const draws = ({ points }: Options, { deterministic }: Method): boolean =>
  points === undefined || deterministic !== true;

/** @throws TributaryError('bad-input') for an option that was given and would change nothing */
function checkUsed(command: Command, options: Options, method: Method): void {
  const given = (name: string) => command.getOptionValueSource(name) === 'cli';
  const idle = idleOf(method).find(given);
  if (idle !== undefined)
    badInput(`--${idle} does nothing with --method ${method.name}: leave it out, or choose another method`);
  if (options.points !== undefined && given('n'))
    badInput('--n draws held-out points, and --points gives them: leave one of the two out');
  if (!draws(options, method) && given('seed'))
    badInput(`--seed does nothing for given points and --method ${method.name}: leave it out`);
  if (options.header !== undefined && !/\.csv$/i.test(options.points ?? ''))
    badInput('--header is about the first line of a .csv given by --points: leave it out');
}

const unused = (options: Options, method: Method): Record<string, undefined> =>
  Object.fromEntries(
    [
      ...idleOf(method),
      ...(options.points === undefined ? [] : ['n']),
      ...(draws(options, method) ? [] : ['seed']),
    ].map((name) => [name, undefined]),
  );

/** The settings that the values depend on. */
function settings(options: Options, method: Method) {
  const { solver, steps, finest, probes, truncation, guidance, unconditional = false } = options;
  const all = { solver, steps, finest, probes, truncation, guidance, unconditional };
  return Object.fromEntries(
    Object.entries(all).filter(([name]) => !idleOf(method).includes(name as keyof Options)),
  );
}

const pointsRecord = ({ points, n, seed }: Options, { data }: RunConfig) =>
  points === undefined
    ? { held_out: `${n} of ${data.name}, seed ${seed}` }
    : { file: points, sha256: sha256(readFileOrExplain(points)) };

/** What belongs to one kind alone. */
function details(likelihood: Likelihood, { tolerance }: LikelihoodSummary): Record<string, unknown> {
  switch (likelihood.kind) {
    case 'numerical':
      return {
        ...{ tolerance, tolerance_worst_point: likelihood.tolerance },
        ...{ divergence: likelihood.divergence, probe_error: likelihood.probeError },
      };
    case 'bound':
      return {
        side: likelihood.side,
        monte_carlo_error: likelihood.monteCarloError,
        ...(likelihood.samples === undefined ? {} : { samples: likelihood.samples }),
      };
    default:
      return { tolerance };
  }
}

interface Comparison {
  readonly truth?: { readonly value: number; readonly standard_error: number };
  /** E[ln p_true − ln p_model] on the same points: an estimate of KL(truth ‖ model), of an upper bound for a bound. */
  readonly kl?: { readonly value: number; readonly standard_error: number };
}

function comparison({ truth }: JudgedPoints, likelihood: Likelihood): Comparison {
  if (truth === undefined || likelihood.kind === 'none' || !truth.every(Number.isFinite)) return {};
  const entry = (values: Float64Array) => {
    const { mean, standardError } = meanAndError(values);
    return { value: mean, standard_error: standardError };
  };
  return { truth: entry(truth), kl: entry(truth.map((value, i) => value - likelihood.nats[i])) };
}

const figure = (value: number): string =>
  Math.abs(value) < 1e-3 && value !== 0 ? value.toExponential(1) : value.toFixed(4);

function trust(likelihood: Likelihood, options: Options): string {
  if (likelihood.kind === 'bound')
    return `a lower bound on ${likelihood.samples === undefined ? "the SDE's log-likelihood" : `the log-likelihood, from k = ${likelihood.samples} latents a point`}; Monte Carlo leaves ± ${figure(likelihood.monteCarloError)} of its mean`;
  if (likelihood.kind !== 'numerical') return likelihood.kind;
  const probes =
    likelihood.divergence === 'exact'
      ? 'exact divergence'
      : options.probes > 1
        ? `${options.probes} probes a point, which leave ± ${figure(likelihood.probeError)} of the mean`
        : 'one probe a point, whose noise is part of the standard error';
  return (
    `numerical: ${options.solver} with ${options.steps} and ${2 * options.steps} steps, ${probes}; ` +
    `halving the steps moved the mean by ${figure(likelihood.meanTolerance)} and the worst point by ${figure(likelihood.tolerance)} nats`
  );
}

function text(
  config: RunConfig,
  options: Options,
  likelihood: Likelihood,
  summary: LikelihoodSummary,
  { truth, kl }: Comparison,
): string {
  const which = options.points ?? `held-out points of ${config.data.name}, seed ${options.seed}`;
  const lines = [
    `log-likelihood of ${summary.n} ${options.points === undefined ? which : `points of ${which}`} under ${config.family}`,
    '',
    `  model  ${figure(summary.value)} ± ${figure(summary.standardError)} nats a point, ${figure(summary.bitsPerDim)} bits a dimension`,
  ];
  if (truth && kl) {
    const name = likelihood.kind === 'bound' ? 'KL(truth‖model) is at most this' : 'KL(truth‖model)';
    lines.push(
      `  truth  ${figure(truth.value)} ± ${figure(truth.standard_error)} nats on the same points`,
      `  loss   ${figure(kl.value)} ± ${figure(kl.standard_error)} nats: ${name}`,
    );
  }
  lines.push('', trust(likelihood, options));
  if (options.out !== undefined) lines.push(`log p of every point in ${options.out}`);
  return lines.join('\n');
}

function writePoints(out: string, config: RunConfig, judged: JudgedPoints, likelihood: Likelihood): void {
  if (likelihood.kind === 'none') return;
  const { nats } = likelihood;
  const { points, labels, n } = judged;
  if (pointsExtension(out) === '.npy') {
    writeAtomic(out, encodeNpy(nats, [n]));
    return;
  }
  const { dim } = config.data;
  const rows = new Float64Array(n * (dim + 1));
  for (let row = 0; row < n; row++) {
    rows.set(points.subarray(row * dim, (row + 1) * dim), row * (dim + 1));
    rows[row * (dim + 1) + dim] = nats[row];
  }
  const names = [...Array.from({ length: dim }, (_, i) => `x${i + 1}`), 'log_p'];
  writeAtomic(out, encodeCsv(rows, n, dim + 1, labels, names));
}
