import type { Backend } from '../backend/backend.js';
import type { Dataset } from '../data/dataset.js';
import { badInput, TributaryError } from '../errors.js';
import { isInterpolant } from '../families/registry.js';
import { decodeNpy, encodeNpy } from '../formats/npy.js';
import { summariseLikelihood } from '../model/likelihood.js';
import type { RunConfig } from '../model/run_config.js';
import { tensorsOf } from '../run/stages.js';
import type { StudyLikelihood, StudyRun } from '../study/results.js';
import { evaluateRun } from './evaluate_run.js';
import { evaluateCommand, recorded, writeEvaluation } from './evaluation_file.js';
import { judgedPoints, type LikelihoodSpec, likelihoodRun, noLikelihood } from './likelihood_run.js';
import type { RunFolder } from './run_folder.js';
import { encodeCheckpoint } from './run_state.js';
import { sampleRun } from './sample_run.js';
import { trainRun } from './train_run.js';
import { asTrained } from './trained_run.js';

/** One run of a study before it begins. */
export interface PlannedRun {
  readonly folder: RunFolder;
  readonly config: RunConfig;
  readonly dataset: Dataset;
}

interface StudyRunOptions {
  readonly samples: number;
  /** Held-out points; 0 for none. */
  readonly likelihood: number;
  readonly backend: string;
}

/** Held-out points are integrated with these, halved once for the tolerance. */
const LIKELIHOOD: Omit<LikelihoodSpec, 'n' | 'seed'> = {
  ...{ solver: 'rk4', steps: 20, finest: 0.3, probes: 1, truncation: 0.01, guidance: 1 },
};

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What a run has come to, where it has been finished with the same options; null where there is work left. */
export function finishedRun({ folder, config }: PlannedRun, options: StudyRunOptions): StudyRun | null {
  if (!folder.has('study') || !folder.has('samples')) return null;
  const { options: own, run } = JSON.parse(new TextDecoder().decode(folder.read('study')));
  return same(own, options) && same(folder.config(), config) ? run : null;
}

/**
 * Whether a run's folder may be used: empty, or begun with this very config.
 * @throws TributaryError('bad-input') for another run's
 */
export function checkRunFolder({ folder, config }: PlannedRun): void {
  if (!folder.has('config') || same(folder.config(), config)) return;
  badInput(
    `${folder.path} holds a run with other settings; repeat them, replace it by --overwrite, or choose another --out`,
  );
}

/**
 * A run of the plan that is trained like this one and has been: interpolants may differ in how they sample only. Of
 * other families equal settings say nothing.
 */
export function trainedAlike(planned: PlannedRun, plan: readonly PlannedRun[]): PlannedRun | undefined {
  const trained = ({ config }: PlannedRun) => ({ ...config, family: '' });
  return plan.find(
    (other) =>
      other !== planned &&
      isInterpolant(other.config) &&
      isInterpolant(planned.config) &&
      same(trained(other), trained(planned)) &&
      other.folder.has('config') &&
      same(other.folder.config(), other.config) &&
      other.folder.isTrained(other.config),
  );
}

/** Begins a run with what another, trained alike, has come to. */
async function adoptTraining(from: PlannedRun, { folder, config }: PlannedRun): Promise<void> {
  const state = from.folder.state(from.config);
  if (state === null) return;
  await folder.alone(async () => {
    folder.begin(config);
    for (const name of ['log', 'summary'] as const)
      if (from.folder.has(name)) folder.write(name, from.folder.read(name));
    // The model's file says how it is sampled by itself.
    folder.commit(encodeCheckpoint(config, tensorsOf(config), state));
  });
}

/** The samples of a finished run: [n, dim] and their labels, for pictures. */
export function samplesOf({ folder }: PlannedRun): Float64Array {
  return Float64Array.from(decodeNpy(folder.read('samples'), folder.file('samples')).data as Float32Array);
}

async function held(
  engine: Backend,
  { folder, config }: PlannedRun,
  n: number,
  seed: number,
): Promise<StudyLikelihood> {
  const trained = asTrained(folder, config);
  const none = noLikelihood(trained);
  if (none !== null) return none;
  const spec = { ...LIKELIHOOD, n, seed };
  const points = judgedPoints(trained, spec);
  const summary = summariseLikelihood(await likelihoodRun(engine, folder, trained, points, spec));
  const { kind, value, standardError, tolerance } = summary;
  const truth = points.truth?.reduce((sum, nats) => sum + nats / points.n, 0);
  return { kind, value, standardError, tolerance, n, ...(truth === undefined ? {} : { truth }) };
}

/** Seconds of training that earlier calls have noted. */
function secondsBefore(folder: RunFolder): number {
  if (!folder.has('summary')) return 0;
  const { seconds } = JSON.parse(new TextDecoder().decode(folder.read('summary')));
  return typeof seconds === 'number' ? seconds : 0;
}

/**
 * Trains, samples and judges one run, going on from what its folder holds; results do not depend on how often it
 * was interrupted.
 * @param alike a run that has been trained with the same settings and seed: its networks are taken over
 * @throws TributaryError('interrupted') after Ctrl-C, with nothing lost
 */
export async function studyRun(
  engine: Backend,
  planned: PlannedRun,
  options: StudyRunOptions,
  alike?: PlannedRun,
): Promise<StudyRun> {
  const { folder, config, dataset } = planned;
  if (alike && !folder.has('optimizer')) await adoptTraining(alike, planned);
  const resume = folder.has('config') && folder.has('optimizer');
  const before = resume ? secondsBefore(folder) : 0;
  const trained = await trainRun(engine, folder, config, dataset, {
    resume,
    checkpointEvery: Math.max(1, Math.min(500, Math.ceil(config.steps / 10))),
  });
  const training = before + trained.seconds;
  const { steps, parameters } = trained;
  const base = { family: config.family, data: config.data.name, seed: config.seed, steps, parameters };
  folder.write('summary', `${JSON.stringify({ ...base, seconds: training }, null, 2)}\n`);
  if (!trained.finished) throw new TributaryError('interrupted', 'interrupted in training');
  // Every seed has its own samples and its own true ones; families of one seed share the latter.
  const seed = config.seed + 1;
  const samples = await sampleRun(engine, folder, config, { n: options.samples, seed, choice: {} });
  const lost = samples.points.findIndex((value) => !Number.isFinite(value));
  if (lost >= 0)
    throw new TributaryError(
      'diverged',
      `sampling ${config.family} with ${samples.solver} gave ${samples.points[lost]}: train it longer, or with a lower learning rate`,
    );
  const evaluation = evaluateRun(config, dataset, samples, seed, { baselines: false });
  const command = evaluateCommand(folder.path, {
    ...{ n: options.samples, seed, backend: options.backend },
    ...{ family: config.family, baselines: false },
  });
  writeEvaluation(
    folder,
    recorded(evaluation, { dataset, config, points: samples.points }, samples.record, command),
  );
  const likelihood =
    options.likelihood > 0 ? await held(engine, planned, options.likelihood, seed) : undefined;
  const run: StudyRun = {
    ...{ family: config.family, seed: config.seed, steps, parameters },
    ...{ solver: samples.solver, solverSteps: samples.steps, evaluations: samples.evaluations },
    seconds: { training, sampling: samples.seconds },
    metrics: evaluation.metrics,
    against: evaluation.against,
    ...{ sampling: samples.record, command },
    ...(likelihood ? { likelihood } : {}),
  };
  folder.write('samples', encodeNpy(Float32Array.from(samples.points), [options.samples, samples.dim]));
  folder.write('study', `${JSON.stringify({ options, run }, null, 2)}\n`);
  return run;
}
