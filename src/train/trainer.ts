import type { Backend, Plan } from '../backend/backend.js';
import { CLOCK_LENGTH } from '../backend/clock.js';
import { clockAdvance, SCHEDULE_COLUMNS } from '../backend/contracts/optimizer.js';
import type { DeviceArray } from '../backend/kernel.js';
import { pauses } from '../backend/pause.js';
import { Trace } from '../backend/trace.js';
import type { Dataset } from '../data/dataset.js';
import { badInput, TributaryError } from '../errors.js';
import { Model } from '../families/model.js';
import { scheduleOf } from '../interpolant/config.js';
import type { Head } from '../interpolant/heads.js';
import type { Schedule } from '../interpolant/schedule.js';
import { squaredError } from '../nn/ops.js';
import { AdamW, sum } from '../nn/optimizer.js';
import { scheduleRows } from '../nn/schedule.js';
import { Tape } from '../nn/tape.js';
import { recordBatch } from './batch.js';
import { checkDataset, checkRunConfig, conditionsOf, type RunConfig } from './config.js';

/** Steps between two looks at the losses; also the rows of the tables on the device. */
const CHUNK = 128;

/** Training losses of one step: E½w|prediction − target|² over the batch, and the gradient's global norm. */
export interface StepRecord {
  /** 1 for the first step. */
  readonly step: number;
  readonly losses: Readonly<Partial<Record<Head, number>>>;
  readonly gradientNorm: number;
  /**
   * At least the total variation between the base's marginal of the step's entropic plan and the uniform one, from 0 to
   * 1; only with the coupling `sinkhorn`. Above {@link MARGINAL_TOLERANCE} the plan has not converged.
   */
  readonly marginalError?: number;
}

/** What has to be kept to go on training to the bit. */
export interface TrainingState {
  readonly step: number;
  /** Tensors by parameter name. */
  readonly parameters: ReadonlyMap<string, ArrayLike<number>>;
  readonly average: ReadonlyMap<string, ArrayLike<number>>;
  readonly m: ReadonlyMap<string, ArrayLike<number>>;
  readonly v: ReadonlyMap<string, ArrayLike<number>>;
}

/**
 * Trains a family on a data set. The data, the batch, the losses and the optimiser live on the device; a step
 * is traced once and replayed.
 */
export class Trainer {
  /** Steps done so far. */
  step = 0;
  private busy = false;
  private readonly pause: () => Promise<void>;
  /** A CPU does the work on the caller's thread: between few steps others get their turn. */
  private readonly stepsARun: number;
  private pending: {
    first: number;
    count: number;
    losses: Map<Head, Promise<ArrayLike<number>>>;
    norms: Promise<ArrayLike<number>>;
    marginalErrors: Promise<ArrayLike<number>> | null;
  } | null = null;

  private constructor(
    readonly engine: Backend,
    readonly config: RunConfig,
    readonly model: Model,
    /** The path and γ that it learns on. */
    readonly schedule: Schedule,
    readonly optimizer: AdamW,
    private readonly plan: Plan,
    private readonly arrays: {
      readonly clock: DeviceArray;
      readonly schedule: DeviceArray;
      readonly losses: ReadonlyMap<Head, DeviceArray>;
      readonly norms: DeviceArray;
      readonly marginalErrors: DeviceArray | null;
      readonly others: readonly DeviceArray[];
    },
  ) {
    this.stepsARun = engine.name === 'cpu' ? 4 : CHUNK;
    this.pause = pauses();
  }

  /**
   * @param dataset as given; the config's transform is applied here
   * @param own.interpolant a path and γ of the caller's own, in place of those that the config names
   * @param own.networkSeed what the network begins from and its fixed frequencies are drawn with, where that is not
   *   the config's seed: the rounds of a run share one network, and none of their batches
   * @throws TributaryError('bad-input') when the config makes no sense
   */
  static async create(
    engine: Backend,
    config: RunConfig,
    dataset: Dataset,
    own: { readonly interpolant?: Schedule; readonly networkSeed?: number } = {},
  ): Promise<Trainer> {
    checkRunConfig(config);
    checkDataset(config, dataset);
    const { batch, seed } = config;
    const { dim } = config.data;
    const { heads } = config.interpolant;
    const model = new Model(engine, heads, config.network, own.networkSeed ?? seed, true);
    model.conditions = conditionsOf(config);
    const optimizer = new AdamW(engine, model.store, config.optimizer);

    const clock = engine.allocate(CLOCK_LENGTH, 'clock', 'u32');
    const schedule = engine.allocate(CHUNK * SCHEDULE_COLUMNS, 'schedule');
    const losses = new Map(heads.map((head) => [head, engine.allocate(CHUNK, `${head} losses`)]));
    const norms = engine.allocate(CHUNK, 'gradient norms');
    const trace = new Trace();
    const tape = new Tape(trace);
    const drawn = recordBatch(trace, engine, config, dataset, clock, own.interpolant);
    const point = tape.constant(drawn.x, batch, dim);
    const time = tape.constant(drawn.t, batch, 1);
    for (const [head, history] of losses) {
      const prediction = model.net(head).forward(tape, model.store, point, time, drawn.label);
      const target = drawn.targets.get(head) as DeviceArray;
      const weight = drawn.weights?.get(head);
      const rowLoss = squaredError(tape, prediction, target, 1 / (2 * batch), weight);
      sum(trace, clock, rowLoss, batch, history, { history: true });
    }
    const marginalErrors = drawn.marginalError && engine.allocate(CHUNK, 'marginal errors');
    if (drawn.marginalError && marginalErrors)
      sum(trace, clock, drawn.marginalError, 1, marginalErrors, { history: true });
    tape.backward();
    optimizer.record(trace, clock, schedule, norms);
    trace.call(clockAdvance, { clock }, { by: 1 });

    const plan = await engine.compile(trace, 'training step');
    const others = drawn.owned;
    const interpolant = own.interpolant ?? scheduleOf(config.interpolant);
    const trainer = new Trainer(engine, config, model, interpolant, optimizer, plan, {
      clock,
      schedule,
      losses,
      norms,
      marginalErrors,
      others,
    });
    engine.write(optimizer.average, await engine.read(model.store.values));
    return trainer;
  }

  private get advice(): string {
    return `lower the learning rate (now ${this.config.optimizer.learningRate}) or clip the gradient`;
  }

  /** Bytes of memory that the parameters, the optimiser and the activations of a step take. */
  get memoryBytes(): number {
    const size = this.engine.precision === 'f64' ? 8 : 4;
    return this.model.store.length * size * 5 + this.plan.temporaryBytes;
  }

  /**
   * Takes `count` steps. Losses come back a while later, without holding up the next steps: records of this
   * call and of the one before may be returned; {@link flush} gives the rest.
   * @param count at most 128 steps are taken a call to the device
   * @throws TributaryError('diverged') naming the first step whose loss is not finite
   */
  async train(count: number): Promise<StepRecord[]> {
    if (!Number.isInteger(count) || count < 0)
      badInput(`steps to take is ${count}; it must be a whole number`);
    if (this.busy) badInput('this trainer is in the middle of other steps: wait for them');
    this.busy = true;
    try {
      return await this.takeSteps(count);
    } finally {
      this.busy = false;
    }
  }

  private async takeSteps(count: number): Promise<StepRecord[]> {
    const records: StepRecord[] = [];
    let left = Math.min(count, this.config.steps - this.step);
    while (left > 0) {
      const chunk = Math.min(left, CHUNK);
      const { clock, schedule } = this.arrays;
      this.engine.write(schedule, scheduleRows(this.config.optimizer, this.step, chunk, this.config.steps));
      this.engine.write(clock, [this.step, 0, 0, 0]);
      for (let done = 0; done < chunk; done += this.stepsARun) {
        await this.plan.run(Math.min(this.stepsARun, chunk - done));
        await this.pause();
      }
      records.push(...(await this.flush()));
      this.pending = {
        first: this.step + 1,
        count: chunk,
        losses: new Map([...this.arrays.losses].map(([head, array]) => [head, this.engine.read(array)])),
        norms: this.engine.read(this.arrays.norms),
        marginalErrors: this.arrays.marginalErrors && this.engine.read(this.arrays.marginalErrors),
      };
      // A read that fails says so where it is awaited, which it no longer is where training has ended before.
      const { losses, norms, marginalErrors } = this.pending;
      for (const read of [...losses.values(), norms, marginalErrors]) read?.catch(() => undefined);
      this.step += chunk;
      left -= chunk;
    }
    return records;
  }

  /** The records that {@link train} has not returned yet. @throws TributaryError('diverged') */
  async flush(): Promise<StepRecord[]> {
    if (this.pending === null) return [];
    const { first, count, losses, norms, marginalErrors } = this.pending;
    this.pending = null;
    const values = new Map<Head, ArrayLike<number>>();
    for (const [head, promise] of losses) values.set(head, await promise);
    const squaredNorms = await norms;
    const ofMarginals = await marginalErrors;
    const records: StepRecord[] = [];
    for (let i = 0; i < count; i++) {
      const step = first + i;
      const own: Partial<Record<Head, number>> = {};
      for (const [head, history] of values) {
        own[head] = history[i];
        if (!Number.isFinite(history[i])) {
          throw new TributaryError(
            'diverged',
            `the ${head} loss of step ${step} is ${history[i]}: ${this.advice}`,
          );
        }
      }
      records.push({
        step,
        losses: own,
        gradientNorm: Math.sqrt(squaredNorms[i]),
        ...(ofMarginals ? { marginalError: ofMarginals[i] } : {}),
      });
    }
    return records;
  }

  /** @throws TributaryError('diverged') when the last update has left something that is not finite */
  async state(): Promise<TrainingState> {
    const { store } = this.model;
    const split = async (array: DeviceArray) => {
      const flat = (await this.engine.read(array)) as Float32Array | Float64Array;
      if (!flat.every(Number.isFinite)) {
        throw new TributaryError(
          'diverged',
          `the ${array.label} after step ${this.step} are not finite: ${this.advice}`,
        );
      }
      return store.split(flat);
    };
    return {
      step: this.step,
      parameters: await split(store.values),
      average: await split(this.optimizer.average),
      m: await split(this.optimizer.m),
      v: await split(this.optimizer.v),
    };
  }

  /** Goes on from a state. @throws TributaryError('bad-checkpoint') when it is not one of this network */
  restore(state: TrainingState): void {
    const { store } = this.model;
    if (!Number.isInteger(state.step) || state.step < 0 || state.step > this.config.steps) {
      throw new TributaryError(
        'bad-checkpoint',
        `the checkpoint is at step ${state.step}, the config ends at ${this.config.steps}`,
      );
    }
    const parts = [
      [store.values, state.parameters],
      [this.optimizer.average, state.average],
      [this.optimizer.m, state.m],
      [this.optimizer.v, state.v],
    ] as const;
    let joined: (readonly [DeviceArray, Float64Array])[];
    try {
      joined = parts.map(([array, tensors]) => [array, store.join(tensors)]);
    } catch (error) {
      throw new TributaryError(
        'bad-checkpoint',
        `not a checkpoint of this run: ${(error as Error).message}`,
        {
          cause: error,
        },
      );
    }
    // An engine that has ended says so itself.
    for (const [array, flat] of joined) this.engine.write(array, flat);
    this.step = state.step;
    this.pending = null;
  }

  destroy(): void {
    this.plan.destroy();
    this.optimizer.destroy();
    this.model.destroy();
    const { clock, schedule, losses, norms, marginalErrors, others } = this.arrays;
    for (const array of [clock, schedule, norms, marginalErrors, ...losses.values(), ...others])
      if (array) this.engine.free(array);
  }
}
