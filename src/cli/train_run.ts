import type { Backend } from '../backend/backend.js';
import type { Dataset } from '../data/dataset.js';
import { TributaryError } from '../errors.js';
import { MARGINAL_TOLERANCE } from '../nn/coupling.js';
import { elements } from '../nn/parameters.js';
import { restoreModel } from '../train/checkpoint.js';
import type { RunConfig } from '../train/config.js';
import { ExcessMonitor, type ExcessRecord, type UnlabelledExcess } from '../train/excess.js';
import { type RoundBefore, reflowPairs } from '../train/reflow.js';
import { roundConfig, roundsOf, totalSteps } from '../train/rounds.js';
import { type StepRecord, Trainer, type TrainingState } from '../train/trainer.js';
import { Interrupt } from './interrupt.js';
import { progressBar } from './progress.js';
import type { LogRecord, RunFolder } from './run_folder.js';
import { encodeCheckpoint, modelOf, stepOf, tensorsOf } from './run_state.js';

/** A chunk of steps should take about this long: short enough to answer Ctrl-C, long enough to be cheap. */
const CHUNK_SECONDS = 0.25;

/** How often in a run the excess loss is measured. */
const EXCESS_MEASUREMENTS = 40;

export interface TrainOutcome {
  readonly steps: number;
  /** False after Ctrl-C. */
  readonly finished: boolean;
  /** Wall time of this call's training, without set-up. */
  readonly seconds: number;
  readonly parameters: number;
  /** The largest of this call's steps, with the coupling `sinkhorn`: see {@link StepRecord.marginalError}. */
  readonly marginalError: number | null;
}

interface TrainRunOptions {
  /** Goes on from the folder's checkpoint. */
  readonly resume: boolean;
  readonly checkpointEvery: number;
  readonly quiet?: boolean;
}

/** What a round needs of the whole run. */
interface RunContext {
  readonly engine: Backend;
  readonly folder: RunFolder;
  readonly config: RunConfig;
  readonly interrupt: Interrupt;
  readonly bar: ReturnType<typeof progressBar>;
  readonly checkpointEvery: number;
}

/**
 * Trains a run to its last step, with a progress bar, a log and checkpoints; a run that reflows, round by round.
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
    const bar = progressBar('training', totalSteps(config), options.quiet);
    try {
      const { checkpointEvery } = options;
      const context = { engine, folder, config, interrupt, bar, checkpointEvery };
      const state = options.resume ? folder.state(config) : null;
      if (state !== null) folder.restore(state, config);
      const outcome = await trainRounds(context, dataset, state);
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
async function trainRounds(
  context: RunContext,
  dataset: Dataset,
  state: TrainingState | null,
): Promise<TrainOutcome> {
  const { folder, config, interrupt } = context;
  const total = totalSteps(config);
  const begun = state?.step ?? 0;
  if (begun === total) return alreadyTrained(config);
  let outcome: TrainOutcome = {
    ...{ steps: begun, finished: false, seconds: 0, parameters: 0 },
    marginalError: null,
  };
  const first = Math.floor(begun / config.steps);
  const inside = begun > first * config.steps ? state : null;
  let before: RoundBefore | null = null;
  // A round that has ended leaves its model behind, and the next begins from it: after a kill, from its state.
  if (first > 0)
    before =
      inside === null
        ? folder.writeRound(first - 1, modelOf(state as TrainingState, config))
        : folder.readRound(first - 1);
  for (let round = first; round < roundsOf(config) && !interrupt.requested; round++) {
    const data = before === null ? dataset : await pairsOf(context, round, before, dataset.base);
    const trained = await trainRound(context, round, data, round === first ? inside : null, before);
    outcome = {
      ...trained,
      seconds: outcome.seconds + trained.seconds,
      finished: trained.steps === total,
      marginalError: larger(outcome.marginalError, trained.marginalError),
    };
    if (trained.steps < (round + 1) * config.steps) break;
    if (round < roundsOf(config) - 1) before = folder.writeRound(round, folder.read('model'));
  }
  return outcome;
}

function alreadyTrained(config: RunConfig): TrainOutcome {
  const parameters = tensorsOf(config).parameters.reduce((sum, { shape }) => sum + elements(shape), 0);
  return { steps: totalSteps(config), finished: true, seconds: 0, parameters, marginalError: null };
}

const larger = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.max(a, b);

/** One line where plans have not converged: base points were then not drawn equally often. */
function warnOfMarginals(error: number | null, { interpolant }: RunConfig): void {
  // The comparison is so that what is not a number is warned of.
  if (error === null || error <= MARGINAL_TOLERANCE) return;
  const { couplingRegularisation, couplingIterations } = interpolant;
  process.stderr.write(
    `warning: the coupling of a step left the base's marginal off by ${error.toPrecision(2)} in total variation, more than ` +
      `${MARGINAL_TOLERANCE}: raise couplingIterations (now ${couplingIterations}) or couplingRegularisation (now ${couplingRegularisation})\n`,
  );
}

/** The pairs of a round, made by the model of the round before. */
async function pairsOf(
  { engine, folder, config, interrupt }: RunContext,
  round: number,
  before: RoundBefore,
  base: Float64Array | undefined,
): Promise<Dataset> {
  return reflowPairs(engine, config, round, before, base, async () => {
    await new Promise((done) => setImmediate(done));
    if (interrupt.requested)
      throw new TributaryError(
        'interrupted',
        `interrupted between two rounds; go on with: npx tributary train --resume --out ${folder.path}`,
      );
  });
}

/**
 * One round. Steps are counted over all rounds.
 * @param state a checkpoint inside the round; null at its beginning
 * @param roundBefore the model that it begins from; null in the first round
 */
async function trainRound(
  { engine, folder, config, interrupt, bar, checkpointEvery }: RunContext,
  round: number,
  dataset: Dataset,
  state: TrainingState | null,
  roundBefore: RoundBefore | null,
): Promise<TrainOutcome> {
  const before = round * config.steps;
  const trainer = await Trainer.create(engine, roundConfig(config, round), dataset, {
    networkSeed: config.seed,
  });
  let seconds = 0;
  let monitor: ExcessMonitor | null = null;
  try {
    monitor = await ExcessMonitor.create(trainer, dataset);
    if (state) trainer.restore({ ...state, step: state.step - before });
    // From the averaged parameters, with an optimiser that knows nothing.
    else if (roundBefore) await restoreModel(trainer, roundBefore.bytes, roundBefore.file, 0);
    else folder.begin(config);
    const save = async () => {
      const now = await trainer.state();
      const whole = { ...now, step: before + now.step };
      folder.commit(encodeCheckpoint(config, trainer.model, whole, roundBefore?.bytes));
    };
    let worst: number | null = null;
    const log = (records: readonly StepRecord[]) => {
      for (const { marginalError } of records) worst = larger(worst, marginalError ?? null);
      folder.appendLog(
        records.map(({ step, losses, gradientNorm, marginalError }) => ({
          step: before + step,
          losses,
          gradient_norm: gradientNorm,
          ...(marginalError === undefined ? {} : { marginal_error: marginalError }),
        })),
      );
    };
    const excessEvery = Math.max(1, Math.floor(config.steps / EXCESS_MEASUREMENTS));
    const next = (every: number) => (Math.floor(trainer.step / every) + 1) * every;
    let chunk = 1;
    let note = '';
    bar.update(before + trainer.step);
    while (trainer.step < config.steps && !interrupt.requested) {
      const end = Math.min(next(excessEvery), next(checkpointEvery), config.steps);
      const count = Math.min(chunk, end - trainer.step);
      const begin = performance.now();
      const records = await trainer.train(count);
      await engine.finish();
      const took = (performance.now() - begin) / 1000;
      seconds += took;
      if (count === chunk && took < CHUNK_SECONDS) chunk = Math.min(128, chunk * 2);
      else if (took > 2 * CHUNK_SECONDS) chunk = Math.max(1, Math.floor(chunk / 2));

      log(records);
      const last = records.at(-1)?.losses[config.interpolant.heads[0]];
      if (last !== undefined) note = `loss ${last.toFixed(4)}`;
      const atExcess = trainer.step % excessEvery === 0 || trainer.step === config.steps;
      const atCheckpoint = trainer.step % checkpointEvery === 0 || trainer.step === config.steps;
      if (atExcess || atCheckpoint) {
        // A checkpoint must not be written behind a step that diverged.
        log(await trainer.flush());
        if (atExcess && monitor)
          folder.appendLog([excessRecord(await monitor.measure(trainer.step), monitor, before)]);
        if (atCheckpoint) await save();
      }
      bar.update(before + trainer.step, note);
      // Timers and signals get their turn: on the CPU a plan runs without giving way.
      await new Promise((done) => setImmediate(done));
    }
    log(await trainer.flush());
    if (trainer.step % checkpointEvery !== 0 && trainer.step < config.steps) await save();
    const steps = before + trainer.step;
    const parameters = trainer.model.store.count;
    return { steps, finished: false, seconds, parameters, marginalError: worst };
  } finally {
    monitor?.destroy();
    trainer.destroy();
  }
}

/** A line of the log. @param before steps of the rounds before */
function excessRecord(excess: ExcessRecord, monitor: ExcessMonitor, before: number): LogRecord {
  return {
    step: before + excess.step,
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
