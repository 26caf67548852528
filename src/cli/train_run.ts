import type { Backend } from '../backend/backend.js';
import type { Dataset } from '../data/dataset.js';
import { TributaryError } from '../errors.js';
import { decodeTrainingState, encodeModel, encodeTrainingState } from '../train/checkpoint.js';
import type { RunConfig } from '../train/config.js';
import { ExcessMonitor } from '../train/excess.js';
import { type StepRecord, Trainer } from '../train/trainer.js';
import { Interrupt } from './interrupt.js';
import { progressBar } from './progress.js';
import type { RunFolder } from './run_folder.js';

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
}

/**
 * Trains a run to its last step, with a progress bar, a log and checkpoints.
 * @param options.resume goes on from the folder's checkpoint; otherwise what the folder held is replaced, once
 *   the new run is ready to take its first step
 * @throws TributaryError('diverged') after naming the step; the last good checkpoint is kept
 */
export async function trainRun(
  engine: Backend,
  folder: RunFolder,
  config: RunConfig,
  dataset: Dataset,
  options: { resume: boolean; checkpointEvery: number; quiet?: boolean },
): Promise<TrainOutcome> {
  const release = folder.lock();
  const trainer = await Trainer.create(engine, config, dataset).catch((error) => {
    release();
    throw error;
  });
  const interrupt = new Interrupt();
  const bar = progressBar('training', config.steps, options.quiet);
  let seconds = 0;
  try {
    const monitor = await ExcessMonitor.create(trainer, dataset);
    if (options.resume && folder.has('optimizer')) {
      trainer.restore(decodeTrainingState(folder.read('optimizer'), folder.file('optimizer')));
      folder.truncateLog(trainer.step);
    } else {
      folder.begin(config);
    }
    const save = async () => {
      const state = await trainer.state();
      // The state is complete in one file, so that a kill between the two leaves nothing torn.
      folder.write('optimizer', encodeTrainingState(trainer.model, state));
      folder.write('model', encodeModel(trainer.model, state));
    };
    const log = (records: readonly StepRecord[]) => {
      folder.appendLog(
        records.map(({ step, losses, gradientNorm }) => ({ step, losses, gradient_norm: gradientNorm })),
      );
    };
    const excessEvery = Math.max(1, Math.floor(config.steps / EXCESS_MEASUREMENTS));
    const next = (every: number) => (Math.floor(trainer.step / every) + 1) * every;
    let chunk = 1;
    let note = '';
    bar.update(trainer.step);
    while (trainer.step < config.steps && !interrupt.requested) {
      const end = Math.min(next(excessEvery), next(options.checkpointEvery), config.steps);
      const count = Math.min(chunk, end - trainer.step);
      const begin = performance.now();
      const records = await trainer.train(count);
      await engine.finish();
      const took = (performance.now() - begin) / 1000;
      seconds += took;
      if (count === chunk && took < CHUNK_SECONDS) chunk = Math.min(128, chunk * 2);
      else if (took > 2 * CHUNK_SECONDS) chunk = Math.max(1, Math.floor(chunk / 2));

      log(records);
      const last = records.at(-1)?.losses.velocity;
      if (last !== undefined) note = `loss ${last.toFixed(4)}`;
      const atExcess = trainer.step % excessEvery === 0 || trainer.step === config.steps;
      const atCheckpoint = trainer.step % options.checkpointEvery === 0 || trainer.step === config.steps;
      if (atExcess || atCheckpoint) {
        // A checkpoint must not be written behind a step that diverged.
        log(await trainer.flush());
        if (atExcess && monitor) {
          const excess = await monitor.measure(trainer.step);
          folder.appendLog([
            {
              step: trainer.step,
              excess: {
                over_oracle: excess.overOracle,
                over_oracle_error: excess.overOracleError,
                over_memorising: excess.overMemorising,
                over_memorising_error: excess.overMemorisingError,
                memorising_over_oracle: monitor.memorisingExcess,
              },
            },
          ]);
        }
        if (atCheckpoint) await save();
      }
      bar.update(trainer.step, note);
      // Timers and signals get their turn: on the CPU a plan runs without giving way.
      await new Promise((done) => setImmediate(done));
    }
    log(await trainer.flush());
    if (trainer.step % options.checkpointEvery !== 0 && trainer.step < config.steps) await save();
    monitor?.destroy();
    return {
      steps: trainer.step,
      finished: trainer.step === config.steps,
      seconds,
      parameters: trainer.model.store.count,
    };
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
    trainer.destroy();
    release();
  }
}
