import type { Backend } from '../backend/backend.js';
import type { Dataset } from '../data/dataset.js';
import { TributaryError } from '../errors.js';
import { ExcessMonitor, type ExcessRecord, type UnlabelledExcess } from '../families/interpolant/excess.js';
import { MARGINAL_ERROR } from '../families/interpolant/phase.js';
import { isInterpolant } from '../families/registry.js';
import { MARGINAL_TOLERANCE } from '../interpolant/minibatch_coupling.js';
import { type Fitted, NOTHING_FITTED } from '../model/fitted.js';
import type { RunConfig } from '../model/run_config.js';
import { parametersOf } from '../run/budget.js';
import { Course, type Saved } from '../run/course.js';
import { placeOf, stepsOf, takesSteps, totalSteps } from '../run/stages.js';
import type { StepRecord, TrainingState } from '../train/learner.js';
import { Interrupt } from './interrupt.js';
import { progressBar } from './progress.js';
import type { LogRecord, RunFolder } from './run_folder.js';
import { encodeCheckpoint, stepOf } from './run_state.js';

/** A chunk of steps should take about this long: short enough to answer Ctrl-C, long enough to be cheap. */
const CHUNK_SECONDS = 0.25;

/** How often in a stage the excess loss is measured. */
const EXCESS_MEASUREMENTS = 40;

export interface TrainOutcome {
  readonly steps: number;
  /** False after Ctrl-C. */
  readonly finished: boolean;
  /** Wall time of this call's training, without set-up. */
  readonly seconds: number;
  readonly parameters: number;
  /** The largest of this call's steps, with the coupling `sinkhorn`: see `recordCoupling`. */
  readonly marginalError: number | null;
}

interface TrainRunOptions {
  /** Goes on from the folder's checkpoint. */
  readonly resume: boolean;
  readonly checkpointEvery: number;
  readonly quiet?: boolean;
}

/** What training a run needs besides the run. */
interface RunContext {
  readonly engine: Backend;
  readonly folder: RunFolder;
  readonly config: RunConfig;
  readonly interrupt: Interrupt;
  readonly bar: ReturnType<typeof progressBar>;
  readonly checkpointEvery: number;
}

/**
 * Trains a run to its last step, with a progress bar, a log and checkpoints, stage by stage.
 * @param options.resume goes on from the folder's checkpoint; otherwise what the folder held is replaced, once
 *   the new run is ready to take its first step
 * @throws TributaryError('diverged') after naming the step; the last good checkpoint is kept
 */
export async function trainRun(
  engine: Backend,
  folder: RunFolder,
  config: RunConfig,
  dataset: Dataset,
  options: TrainRunOptions,
): Promise<TrainOutcome> {
  return folder.alone(async () => {
    const interrupt = new Interrupt();
    const bar = progressBar(takesSteps(config) ? 'training' : 'fitting', totalSteps(config), options.quiet);
    try {
      const { checkpointEvery } = options;
      const context = { engine, folder, config, interrupt, bar, checkpointEvery };
      const state = options.resume ? folder.state(config) : null;
      if (state !== null) folder.restore(state, config);
      const outcome = await trainStages(context, dataset, state);
      bar.stop();
      warnOfMarginals(outcome.marginalError, config);
      return outcome;
    } catch (error) {
      if (error instanceof TributaryError && error.code === 'diverged') {
        const kept = folder.has('optimizer')
          ? `the last good checkpoint, step ${stepOf(folder.read('optimizer'))}, is kept in ${folder.path}`
          : 'no checkpoint had been written yet';
        throw new TributaryError('diverged', `${error.message}; ${kept}`, { cause: error });
      }
      throw error;
    } finally {
      bar.stop();
      interrupt.dispose();
    }
  });
}

/** @param state where the run goes on from; null where it begins */
async function trainStages(
  context: RunContext,
  dataset: Dataset,
  state: TrainingState | null,
): Promise<TrainOutcome> {
  const { engine, folder, config, interrupt } = context;
  if (state?.step === totalSteps(config)) return alreadyTrained(config, state);
  const preparing = betweenStages(context);
  const course = await Course.create(engine, config, dataset, savedOf(context, state), preparing);
  try {
    if (state === null) folder.begin(config);
    keepBefore(folder, course);
    let seconds = 0;
    let marginalError: number | null = null;
    for (;;) {
      const stage = await trainStage(context, course);
      seconds += stage.seconds;
      marginalError = larger(marginalError, stage.marginalError);
      if (interrupt.requested || course.finished) break;
      await course.nextStage(preparing);
      keepBefore(folder, course);
    }
    const parameters = learntNumbers(config, course.model.fitted);
    return { steps: course.step, finished: course.finished, seconds, parameters, marginalError };
  } finally {
    course.destroy();
  }
}

/** What a run goes on from: after a kill between two stages from its state alone, for that is the model before. */
function savedOf({ folder, config }: RunContext, state: TrainingState | null): Saved | null {
  if (state === null) return null;
  const { index, stage, before } = placeOf(config, state.step);
  const inside = index > 0 && state.step < before + stepsOf(config, stage);
  return { from: state, before: inside ? folder.readStage(index - 1) : null };
}

/** A stage that has ended leaves its model behind, and the next begins from it. */
function keepBefore(folder: RunFolder, { before, stageIndex }: Course): void {
  if (before !== null) folder.writeStage(stageIndex - 1, before);
}

function alreadyTrained(config: RunConfig, state: TrainingState): TrainOutcome {
  const parameters = learntNumbers(config, state.fitted);
  return { steps: totalSteps(config), finished: true, seconds: 0, parameters, marginalError: null };
}

/** How many numbers a run has learnt: those that are trained, and those that are fitted. */
const learntNumbers = (config: RunConfig, fitted: Fitted = NOTHING_FITTED): number =>
  [...fitted.values()].reduce((sum, { values }) => sum + values.length, parametersOf(config));

const larger = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.max(a, b);

/** One line where plans have not converged: base points were then not drawn equally often. */
function warnOfMarginals(error: number | null, config: RunConfig): void {
  // The comparison is so that what is not a number is warned of.
  if (error === null || error <= MARGINAL_TOLERANCE || !isInterpolant(config)) return;
  const { couplingRegularisation, couplingIterations } = config.settings;
  process.stderr.write(
    `warning: the coupling of a step left the base's marginal off by ${error.toPrecision(2)} in total variation, more than ` +
      `${MARGINAL_TOLERANCE}: raise couplingIterations (now ${couplingIterations}) or couplingRegularisation (now ${couplingRegularisation})\n`,
  );
}

/** Answers Ctrl-C while a stage prepares what it trains on. */
const betweenStages =
  ({ interrupt, folder }: RunContext) =>
  async (): Promise<void> => {
    await new Promise((done) => setImmediate(done));
    if (interrupt.requested)
      throw new TributaryError(
        'interrupted',
        `interrupted between two rounds; go on with: npx tributary train --resume --out ${folder.path}`,
      );
  };

/** Takes the steps of the stage that a course is in, up to its end or to Ctrl-C. */
async function trainStage(
  { engine, folder, config, interrupt, bar, checkpointEvery }: RunContext,
  course: Course,
): Promise<Pick<TrainOutcome, 'seconds' | 'marginalError'>> {
  const { learner, monitor } = course;
  let seconds = 0;
  let worst: number | null = null;
  const save = async () =>
    folder.commit(encodeCheckpoint(config, learner.model, await course.state(), course.before ?? undefined));
  const log = (records: readonly StepRecord[]) => {
    for (const { observed } of records) worst = larger(worst, observed?.[MARGINAL_ERROR] ?? null);
    folder.appendLog(records.map(logged));
  };
  const excessEvery = Math.max(1, Math.floor(learner.steps / EXCESS_MEASUREMENTS));
  const next = (every: number) => (Math.floor(learner.step / every) + 1) * every;
  let chunk = 1;
  let note = '';
  bar.update(course.step);
  while (learner.step < learner.steps && !interrupt.requested) {
    const end = Math.min(next(excessEvery), next(checkpointEvery), learner.steps);
    const count = Math.min(chunk, end - learner.step);
    const begin = performance.now();
    const records = await course.train(count);
    await engine.finish();
    const took = (performance.now() - begin) / 1000;
    seconds += took;
    if (count === chunk && took < CHUNK_SECONDS) chunk = Math.min(128, chunk * 2);
    else if (took > 2 * CHUNK_SECONDS) chunk = Math.max(1, Math.floor(chunk / 2));

    log(records);
    const last = Object.values(records.at(-1)?.losses ?? {})[0];
    if (last !== undefined) note = `loss ${last.toFixed(4)}`;
    const atExcess = learner.step % excessEvery === 0 || learner.step === learner.steps;
    const atCheckpoint = learner.step % checkpointEvery === 0 || learner.step === learner.steps;
    if (atExcess || atCheckpoint) {
      // A checkpoint must not be written after a step that diverged.
      log(await course.flush());
      if (atExcess && monitor instanceof ExcessMonitor)
        folder.appendLog([excessRecord(await monitor.measure(course.step), monitor)]);
      if (atCheckpoint) await save();
    }
    bar.update(course.step, note);
    // Timers and signals get their turn: on the CPU a plan runs without giving way.
    await new Promise((done) => setImmediate(done));
  }
  log(await course.flush());
  if (learner.step % checkpointEvery !== 0 && learner.step < learner.steps) await save();
  return { seconds, marginalError: worst };
}

/** A step as the log has it. */
function logged({ step, losses, gradientNorm, observed = {} }: StepRecord): LogRecord {
  const { [MARGINAL_ERROR]: marginalError, ...others } = observed;
  return {
    step,
    losses,
    gradient_norm: gradientNorm,
    ...(marginalError === undefined ? {} : { marginal_error: marginalError }),
    ...(Object.keys(others).length === 0 ? {} : { observed: others }),
  };
}

/** A line of the log. */
function excessRecord(excess: ExcessRecord, monitor: ExcessMonitor): LogRecord {
  return {
    step: excess.step,
    excess: {
      ...ofVelocity(excess),
      memorising_over_oracle: monitor.memorisingExcess,
      score: excess.score,
      epsilon: excess.epsilon,
      ...(excess.unlabelled ? { unlabelled: ofVelocity(excess.unlabelled) } : {}),
    },
  };
}

const ofVelocity = (excess: UnlabelledExcess) => ({
  over_oracle: excess.overOracle,
  over_oracle_error: excess.overOracleError,
  over_memorising: excess.overMemorising,
  over_memorising_error: excess.overMemorisingError,
});
