import type { Backend } from '../backend/backend.js';
import type { Dataset } from '../data/dataset.js';
import { TributaryError } from '../errors.js';
import { MARGINAL_TOLERANCE } from '../nn/coupling.js';
import { decodeTrainingState, encodeModel, encodeTrainingState, restoreModel } from '../train/checkpoint.js';
import type { RunConfig } from '../train/config.js';
import { ExcessMonitor, type ExcessRecord, type UnlabelledExcess } from '../train/excess.js';
import { reflowPairs, roundConfig, roundsOf } from '../train/reflow.js';
import { type StepRecord, Trainer, type TrainingState } from '../train/trainer.js';
import { Interrupt } from './interrupt.js';
import { progressBar } from './progress.js';
import type { LogRecord, RunFolder } from './run_folder.js';

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
interface RoundContext {
  readonly engine: Backend;
  readonly folder: RunFolder;
  readonly config: RunConfig;
  readonly round: number;
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
  const release = folder.lock();
  const interrupt = new Interrupt();
  const rounds = roundsOf(config);
  const total = rounds * config.steps;
  const bar = progressBar('training', total, options.quiet);
  let outcome: TrainOutcome = { steps: 0, finished: false, seconds: 0, parameters: 0, marginalError: null };
  try {
    let state: TrainingState | null = null;
    if (options.resume && folder.has('optimizer'))
      state = decodeTrainingState(folder.read('optimizer'), folder.file('optimizer'));
    // A round that has ended leaves its model behind, and the next begins from it; the last is never begun anew.
    const first = Math.min(rounds - 1, Math.floor((state?.step ?? 0) / config.steps));
    for (let round = first; round < rounds && !interrupt.requested; round++) {
      const { checkpointEvery } = options;
      const context = { engine, folder, config, round, interrupt, bar, checkpointEvery };
      const data = round === 0 ? dataset : await pairsOf(context, dataset.base);
      const own = state !== null && state.step > round * config.steps ? state : null;
      const begun = await trainRound(context, data, own, state === null && round === 0);
      outcome = {
        ...begun,
        seconds: outcome.seconds + begun.seconds,
        finished: begun.steps === total,
        marginalError: larger(outcome.marginalError, begun.marginalError),
      };
      if (begun.steps < (round + 1) * config.steps) break;
      if (round < rounds - 1) folder.writeRound(round, folder.read('model'));
    }
    bar.stop();
    warnOfMarginals(outcome.marginalError, config);
    return outcome;
  } catch (error) {
    if (error instanceof TributaryError && error.code === 'diverged') {
      const kept = folder.has('optimizer')
        ? `the last good checkpoint, step ${decodeTrainingState(folder.read('optimizer'), 'it').step}, is kept in ${folder.path}`
        : 'no checkpoint had been written yet';
      throw new TributaryError('diverged', `${error.message}; ${kept}`, { cause: error });
    }
    throw error;
  } finally {
    bar.stop();
    interrupt.dispose();
    release();
  }
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
  { engine, folder, config, round, interrupt }: RoundContext,
  base: Float64Array | undefined,
): Promise<Dataset> {
  return reflowPairs(engine, config, round, folder.readRound(round - 1), base, async () => {
    await new Promise((done) => setImmediate(done));
    if (interrupt.requested)
      throw new TributaryError(
        'interrupted',
        `interrupted between two rounds; go on with: npx tributary train --resume --out ${folder.path}`,
      );
  });
}

/** One round, from its beginning or from a checkpoint inside it. Steps are counted over all rounds. */
async function trainRound(
  context: RoundContext,
  dataset: Dataset,
  state: TrainingState | null,
  fresh: boolean,
): Promise<TrainOutcome> {
  const { engine, folder, config, round, interrupt, bar, checkpointEvery } = context;
  const before = round * config.steps;
  const trainer = await Trainer.create(engine, roundConfig(config, round), dataset, {
    networkSeed: config.seed,
  });
  let seconds = 0;
  let monitor: ExcessMonitor | null = null;
  try {
    monitor = await ExcessMonitor.create(trainer, dataset);
    if (state) {
      trainer.restore({ ...state, step: state.step - before });
      folder.truncateLog(state.step);
    } else if (round > 0) {
      // From the averaged parameters, with an optimiser that knows nothing.
      const { bytes, file } = folder.readRound(round - 1);
      await restoreModel(trainer, bytes, file, 0);
      folder.truncateLog(before);
    } else if (fresh) folder.begin(config);
    const save = async () => {
      const now = await trainer.state();
      const whole = { ...now, step: before + now.step };
      // The state is complete in one file, so that a kill between the two leaves nothing torn.
      folder.write('optimizer', encodeTrainingState(trainer.model, whole));
      folder.write('model', encodeModel(trainer.model, whole, config));
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
          folder.appendLog([excessRecord(await monitor.measure(trainer.step), monitor)]);
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
