/** A model's training from its first step on, round by round: one that reflows learns from pairs of its own. */
import {
  type Dataset,
  decodeTrainingState,
  type Engine,
  ExcessMonitor,
  encodeModel,
  encodeTrainingState,
  type RunConfig,
  reflowPairs,
  restoreModel,
  roundConfig,
  roundsOf,
  type StepRecord,
  Trainer,
  type TrainingState,
  TributaryError,
} from 'tributary-engine';
import type { Saved } from './messages.js';
import { roundOf, roundStart } from './recipe.js';

/** What a round needs. */
interface Round {
  readonly at: number;
  readonly trainer: Trainer;
  readonly monitor: ExcessMonitor | null;
}

async function beginRound(
  engine: Engine,
  config: RunConfig,
  at: number,
  dataset: Dataset,
  restore: (trainer: Trainer) => void | Promise<void>,
): Promise<Round> {
  const trainer = await Trainer.create(engine, roundConfig(config, at), dataset, {
    networkSeed: config.seed,
  });
  try {
    await restore(trainer);
    return { at, trainer, monitor: await ExcessMonitor.create(trainer, dataset) };
  } catch (error) {
    trainer.destroy();
    throw error;
  }
}

const pairsFile = (bytes: Uint8Array) => ({ bytes, file: 'the model of the round before' });

export class Course {
  private constructor(
    readonly engine: Engine,
    readonly config: RunConfig,
    private round: Round,
    /** The model that the round before has ended with; null in the first. */
    private before: Uint8Array | null,
  ) {}

  /**
   * @param saved where to go on from; null for the first step
   * @throws TributaryError('bad-checkpoint') where `saved` is not of this model
   */
  static async create(
    engine: Engine,
    config: RunConfig,
    dataset: Dataset,
    saved: Saved | null,
  ): Promise<Course> {
    const at = roundOf(config, saved?.step ?? 0);
    const before = saved?.before ?? null;
    if (at > 0 && before === null)
      throw new TributaryError('bad-checkpoint', 'the saved run lacks the model of the round before');
    const data =
      before === null ? dataset : await reflowPairs(engine, config, at, pairsFile(before), undefined);
    const round = await beginRound(engine, config, at, data, (trainer) => {
      if (saved === null) return;
      if (!saved.whole) return restoreModel(trainer, saved.bytes, 'the shipped model', saved.step);
      const state = decodeTrainingState(saved.bytes, 'the saved run');
      trainer.restore({ ...state, step: state.step - roundStart(at) });
    });
    return new Course(engine, config, round, before);
  }

  /** The network that learns, and how: of the present round. */
  get trainer(): Trainer {
    return this.round.trainer;
  }

  /** What measures the excess loss, where its truth is known: in a first round. */
  get monitor(): ExcessMonitor | null {
    return this.round.monitor;
  }

  /** Steps done, over all rounds. */
  get step(): number {
    return roundStart(this.round.at) + this.trainer.step;
  }

  /** Takes up to `count` steps, in one round. @throws TributaryError('diverged') */
  async train(count: number): Promise<StepRecord[]> {
    const { at } = this.round;
    if (at + 1 >= roundsOf(this.config)) return this.counted(await this.trainer.train(count));
    const left = roundStart(at + 1) - this.step;
    if (left > 0) return this.counted(await this.trainer.train(Math.min(count, left)));
    const last = await this.flush();
    await this.nextRound();
    return last;
  }

  /** The records that {@link train} has not returned yet. @throws TributaryError('diverged') */
  async flush(): Promise<StepRecord[]> {
    return this.counted(await this.trainer.flush());
  }

  private counted(records: StepRecord[]): StepRecord[] {
    const start = roundStart(this.round.at);
    return records.map((record) => ({ ...record, step: start + record.step }));
  }

  private async state(): Promise<TrainingState> {
    return { ...(await this.trainer.state()), step: this.step };
  }

  /** The averaged model's file. @throws TributaryError('diverged') */
  async model(config: RunConfig): Promise<Uint8Array> {
    return encodeModel(this.trainer.model, await this.state(), config);
  }

  /** What has to be kept to go on to the bit. @throws TributaryError('diverged') */
  async whole(): Promise<{ bytes: Uint8Array; before: Uint8Array | null }> {
    return { bytes: encodeTrainingState(this.trainer.model, await this.state()), before: this.before };
  }

  /** A round begins from the averaged parameters of the one before, on the pairs that they make. */
  private async nextRound(): Promise<void> {
    const { engine, config } = this;
    const before = await this.model(config);
    const at = this.round.at + 1;
    const pairs = await reflowPairs(engine, config, at, pairsFile(before), undefined);
    const round = await beginRound(engine, config, at, pairs, (trainer) =>
      restoreModel(trainer, before, 'the round before', 0),
    );
    this.destroy();
    this.round = round;
    this.before = before;
  }

  destroy(): void {
    this.monitor?.destroy();
    this.trainer.destroy();
  }
}
