import type { Backend, Plan } from '../backend/backend.js';
import { CLOCK_LENGTH } from '../backend/clock.js';
import { SCHEDULE_COLUMNS } from '../backend/contracts/optimizer.js';
import { Holdings } from '../backend/holdings.js';
import type { DeviceArray } from '../backend/kernel.js';
import { pauses } from '../backend/pause.js';
import { Trace } from '../backend/trace.js';
import { badInput, TributaryError } from '../errors.js';
import type { Model } from '../model/model.js';
import type { RunConfig } from '../model/run_config.js';
import { AdamW } from '../nn/optimizer.js';
import type { ParameterSource } from '../nn/parameters.js';
import { scheduleRows } from '../nn/schedule.js';
import type { Learner, StepRecord, TrainingState } from './learner.js';
import { CHUNK, type Histories, recordStep, type Training, type Turn } from './record_step.js';

/**
 * Trains a model of any family, phase by phase. The data, the batch, the losses and the optimiser live on the device; a
 * step is traced once and replayed.
 */
export class Trainer<S extends object = object> implements Learner<S> {
  /** Steps done so far. */
  step = 0;
  private busy = false;
  private readonly pause: () => Promise<void>;
  /** A CPU does the work on the caller's thread: between few steps others get their turn. */
  private readonly stepsARun: number;
  private pending: {
    first: number;
    count: number;
    losses: Map<string, Promise<ArrayLike<number>>>;
    observed: Map<string, Promise<ArrayLike<number>>>;
    norms: Promise<ArrayLike<number>>[];
  } | null = null;

  private constructor(
    private readonly held: Holdings,
    private readonly training: Training<S>,
    readonly optimizer: AdamW,
    private readonly plan: Plan,
    private readonly clock: DeviceArray,
    private readonly turns: readonly Turn[],
    private readonly histories: Histories,
  ) {
    this.stepsARun = this.engine.name === 'cpu' ? 4 : CHUNK;
    this.pause = pauses();
  }

  /** @throws Error where the losses of a phase do not depend on what it is to train */
  static async create<S extends object>(training: Training<S>): Promise<Trainer<S>> {
    const { model } = training;
    const { engine } = model;
    try {
      return await Holdings.make(engine, async (held) => {
        const optimizer = held.keep(new AdamW(engine, model.store));
        const clock = held.allocate(CLOCK_LENGTH, 'clock', 'u32');
        const trace = new Trace();
        const { turns, histories } = recordStep(held, training, optimizer, clock, trace);
        const plan = await held.compile(trace, 'training step');
        const trainer = new Trainer<S>(held, training, optimizer, plan, clock, turns, histories);
        for (const [name, values] of training.stage.initial?.(training.source) ?? [])
          engine.write(model.store.get(name).value, values);
        engine.write(optimizer.average, await engine.read(model.store.values));
        return trainer;
      });
    } catch (error) {
      model.destroy();
      throw error;
    }
  }

  get engine(): Backend {
    return this.training.model.engine;
  }

  get config(): RunConfig<S> {
    return this.training.config;
  }

  get model(): Model {
    return this.training.model;
  }

  /** The averaged parameters, as they are at each look: what the model samples with. */
  get average(): ParameterSource {
    return this.model.store.view(this.optimizer.average);
  }

  /** Those of its stage. */
  get steps(): number {
    return this.training.steps;
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
    let left = Math.min(count, this.steps - this.step);
    while (left > 0) {
      const chunk = Math.min(left, CHUNK);
      for (const turn of this.turns) this.writeSchedule(turn, chunk);
      this.engine.write(this.clock, [this.step, 0, 0, 0]);
      for (let done = 0; done < chunk; done += this.stepsARun) {
        await this.plan.run(Math.min(this.stepsARun, chunk - done));
        await this.pause();
      }
      records.push(...(await this.flush()));
      const { losses, observed, norms } = this.histories;
      const reads = (arrays: ReadonlyMap<string, DeviceArray>) =>
        new Map([...arrays].map(([name, array]) => [name, this.engine.read(array)]));
      this.pending = {
        first: this.step + 1,
        count: chunk,
        losses: reads(losses),
        observed: reads(observed),
        norms: norms.map((array) => this.engine.read(array)),
      };
      // A read that fails says so where it is awaited, which it no longer is where training has ended before.
      const { pending } = this;
      for (const read of [...pending.losses.values(), ...pending.observed.values(), ...pending.norms])
        read.catch(() => undefined);
      this.step += chunk;
      left -= chunk;
    }
    return records;
  }

  /** The rows of a turn for the steps to come: an update counts for the optimiser, however many a step has. */
  private writeSchedule({ config, schedule, times, at }: Turn, chunk: number): void {
    const all = scheduleRows(config, this.step * times, chunk * times, this.steps * times);
    const rows = new Float64Array(chunk * SCHEDULE_COLUMNS);
    for (let i = 0; i < chunk; i++) {
      const from = (i * times + at) * SCHEDULE_COLUMNS;
      rows.set(all.subarray(from, from + SCHEDULE_COLUMNS), i * SCHEDULE_COLUMNS);
    }
    this.engine.write(schedule, rows);
  }

  /** The records that {@link train} has not returned yet. @throws TributaryError('diverged') */
  async flush(): Promise<StepRecord[]> {
    if (this.pending === null) return [];
    const { first, count, ...reads } = this.pending;
    this.pending = null;
    const read = async (values: Map<string, Promise<ArrayLike<number>>>) =>
      Promise.all([...values].map(async ([name, promise]) => [name, await promise] as const));
    const losses = await read(reads.losses);
    const norms = await Promise.all(reads.norms);
    const observed = await read(reads.observed);
    const { scales } = this.histories;
    return Array.from({ length: count }, (_, i) => {
      const step = first + i;
      const own = Object.fromEntries(
        losses.map(([name, history]) => [name, history[i] * (scales.get(name) as number)]),
      );
      const bad = Object.entries(own).find(([, loss]) => !Number.isFinite(loss));
      if (bad !== undefined)
        throw new TributaryError(
          'diverged',
          `the ${bad[0]} loss of step ${step} is ${bad[1]}: ${this.advice}`,
        );
      return {
        step,
        losses: own,
        gradientNorm: Math.sqrt(norms.reduce((sum, squared) => sum + squared[i], 0)),
        ...(observed.length > 0
          ? { observed: Object.fromEntries(observed.map(([name, history]) => [name, history[i]])) }
          : {}),
      };
    });
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
      ...(this.model.fits ? { fitted: this.model.fitted } : {}),
    };
  }

  /** Goes on from a state. @throws TributaryError('bad-checkpoint') when it is not one of this network */
  restore(state: TrainingState): void {
    const { store } = this.model;
    if (!Number.isInteger(state.step) || state.step < 0 || state.step > this.steps) {
      throw new TributaryError(
        'bad-checkpoint',
        `the checkpoint is at step ${state.step}, the config ends at ${this.steps}`,
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
    if (state.fitted) this.model.fitted = state.fitted;
    this.step = state.step;
    this.pending = null;
  }

  destroy(): void {
    this.held.release();
    this.model.destroy();
  }
}
