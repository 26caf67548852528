import type { Backend } from '../backend/backend.js';
import type { Dataset } from '../data/dataset.js';
import { TributaryError } from '../errors.js';
import type { Model } from '../model/model.js';
import { type Monitor, type Source, type Stage, sourceOf } from '../model/phase.js';
import type { RunConfig } from '../model/run_config.js';
import { encodeModel, restoreModel } from '../train/checkpoint.js';
import type { Learner, StepRecord, TrainingState } from '../train/learner.js';
import { Trainer } from '../train/trainer.js';
import { checkDataset, checkRunConfig } from './config.js';
import { monitorOf, stageLearner } from './create_trainer.js';
import { placeOf, sampledConfig, stagesOf, stepsBefore, stepsOf, tensorsOf, totalSteps } from './stages.js';
import { openModel } from './trained.js';

/** Where a training goes on from; steps are counted over all stages. */
export interface Saved {
  /**
   * All that is needed to go on to the bit; or the averaged model alone, whose optimiser begins anew: bytes of its file,
   * and the steps that count as done.
   */
  readonly from: TrainingState | { readonly model: Uint8Array; readonly step: number };
  /** The model that the stage before has ended with; null inside the first stage, and at the end of any. */
  readonly before: Uint8Array | null;
}

type OnProgress = (done: number) => void | Promise<void>;

/** One stage under way. */
interface Leg {
  readonly index: number;
  readonly stage: Stage;
  /** Steps of the stages before. */
  readonly start: number;
  readonly learner: Learner;
  readonly monitor: Monitor | null;
  /** The model that it was begun from; null for the first stage. */
  readonly before: Uint8Array | null;
}

/**
 * A run's training from its first step to its last, stage by stage: the one way in which a command, a page and a study
 * train. Steps are counted over all stages. It takes steps and gives checkpoints; where they go is its caller's affair.
 */
export class Course {
  private constructor(
    private readonly training: Training,
    private leg: Leg,
  ) {}

  /**
   * @param dataset as given; the config's transform is applied here
   * @param saved where to go on from; null for the first step
   * @param onProgress of what a stage prepares before its first step
   * @throws TributaryError('bad-input') where config and data make no sense; 'bad-checkpoint' where `saved` is not of
   *   this run
   */
  static async create(
    engine: Backend,
    config: RunConfig,
    dataset: Dataset,
    saved: Saved | null = null,
    onProgress?: OnProgress,
  ): Promise<Course> {
    checkRunConfig(config);
    checkDataset(config, dataset);
    const training = { engine, config, dataset };
    return new Course(training, await legFrom({ ...training, onProgress }, saved));
  }

  get engine(): Backend {
    return this.training.engine;
  }

  get config(): RunConfig {
    return this.training.config;
  }

  /** What takes the steps of the present stage. */
  get learner(): Learner {
    return this.leg.learner;
  }

  /** The same where networks are trained. @throws Error in a stage that fits its numbers at once */
  get trainer(): Trainer {
    const { learner } = this;
    if (learner instanceof Trainer) return learner;
    throw new Error(`the stage ${this.stage.name} fits its numbers at once and has no trainer`);
  }

  get model(): Model {
    return this.learner.model;
  }

  /** What watches the training beside its losses, where its family has anything to watch: in the first stage. */
  get monitor(): Monitor | null {
    return this.leg.monitor;
  }

  get stage(): Stage {
    return this.leg.stage;
  }

  /** Counted from 0. */
  get stageIndex(): number {
    return this.leg.index;
  }

  /** The file of the model that the present stage was begun from; null in the first. */
  get before(): Uint8Array | null {
    return this.leg.before;
  }

  /** Steps done, over all stages. */
  get step(): number {
    return this.leg.start + this.learner.step;
  }

  /** Steps done when the present stage will have ended. */
  get stageEnd(): number {
    return this.leg.start + this.learner.steps;
  }

  get finished(): boolean {
    return this.step >= totalSteps(this.config);
  }

  /** Takes up to `count` steps of the present stage. @throws TributaryError('diverged') */
  async train(count: number): Promise<StepRecord[]> {
    return this.counted(await this.learner.train(count));
  }

  /** The records that {@link train} has not returned yet. @throws TributaryError('diverged') */
  async flush(): Promise<StepRecord[]> {
    return this.counted(await this.learner.flush());
  }

  private counted(records: StepRecord[]): StepRecord[] {
    return records.map((record) => ({ ...record, step: this.leg.start + record.step }));
  }

  /** @throws TributaryError('diverged') when the last update has left something that is not finite */
  async state(): Promise<TrainingState> {
    return { ...(await this.learner.state()), step: this.step };
  }

  /** Begins the stage after the present one, which has come to its end, from its averaged parameters. */
  async nextStage(onProgress?: OnProgress): Promise<void> {
    if (this.step < this.stageEnd) throw new Error(`the stage ${this.stage.name} has not come to its end`);
    const state = await this.state();
    const before = encodeModel(this.model, state, this.config);
    const leg = await legAfter({ ...this.training, onProgress }, this.leg.index + 1, before);
    this.destroy();
    this.leg = leg;
  }

  destroy(): void {
    this.leg.monitor?.destroy();
    this.leg.learner.destroy();
  }
}

/** What every stage of a run has in common. */
interface Training {
  readonly engine: Backend;
  readonly config: RunConfig;
  readonly dataset: Dataset;
  readonly onProgress?: OnProgress | undefined;
}

async function legFrom(training: Training, saved: Saved | null): Promise<Leg> {
  if (saved === null) return legAt(training, 0, null, () => {});
  const { config } = training;
  const { from, before } = saved;
  const { index, stage, before: start } = placeOf(config, from.step);
  const ended = from.step === start + stepsOf(config, stage);
  if (ended && index + 1 < stagesOf(config).length) {
    const model = 'model' in from ? from.model : encodeModel(tensorsOf(config), from, config);
    return legAfter(training, index + 1, model);
  }
  if (index > 0 && before === null)
    throw new TributaryError('bad-checkpoint', 'the saved run lacks the model of the stage before');
  const step = from.step - start;
  return legAt(training, index, before, (learner) =>
    'model' in from
      ? restoreModel(learner, from.model, 'the model to go on from', step)
      : learner.restore({ ...from, step }),
  );
}

/** A stage at its first step, from the averaged parameters of the one before. */
const legAfter = (training: Training, index: number, before: Uint8Array): Promise<Leg> =>
  legAt(training, index, before, (learner) =>
    restoreModel(learner, before, 'the model of the stage before', 0),
  );

/** What a stage trains on. */
async function sourceOfStage(
  { engine, config, dataset, onProgress }: Training,
  index: number,
  before: Uint8Array | null,
): Promise<Source> {
  const own = sourceOf(dataset, config);
  const stage = stagesOf(config)[index];
  if (stage.prepare === undefined || before === null) return own;
  const model = await openModel(engine, before, {
    config: sampledConfig(config, stepsBefore(config, index)),
    file: 'the model of the stage before',
  });
  try {
    return await stage.prepare(model, own, onProgress);
  } finally {
    model.destroy();
  }
}

async function legAt(
  training: Training,
  index: number,
  before: Uint8Array | null,
  restore: (learner: Learner) => void | Promise<void>,
): Promise<Leg> {
  const { engine, config, dataset } = training;
  const source = await sourceOfStage(training, index, before);
  const learner = await stageLearner(engine, config, index, source);
  try {
    await restore(learner);
    const monitor = index === 0 && learner instanceof Trainer ? await monitorOf(learner, dataset) : null;
    const [stage, start] = [stagesOf(config)[index], stepsBefore(config, index)];
    return { index, stage, start, learner, monitor, before };
  } catch (error) {
    learner.destroy();
    throw error;
  }
}
