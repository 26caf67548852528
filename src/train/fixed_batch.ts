import type { Backend, Plan } from '../backend/backend.js';
import { CLOCK_LENGTH } from '../backend/clock.js';
import { clockAdvance, SCHEDULE_COLUMNS } from '../backend/contracts/optimizer.js';
import { Holdings } from '../backend/holdings.js';
import type { DeviceArray } from '../backend/kernel.js';
import { Trace } from '../backend/trace.js';
import { badInput } from '../errors.js';
import type { Model } from '../model/model.js';
import { squaredError } from '../nn/ops/loss.js';
import { AdamW, sum } from '../nn/optimizer.js';
import { checkOptimizerConfig, type OptimizerConfig, scheduleRows } from '../nn/schedule.js';
import { Tape } from '../nn/tape.js';

/** Rows of the tables on the device; they are written anew when they are used up. */
const CHUNK = 128;

/** The points, times and targets of a {@link FixedBatch}. */
export interface FixedPairs {
  /** [rows, dim] */
  readonly x: ArrayLike<number>;
  /** [rows] */
  readonly t: ArrayLike<number>;
  /** [rows, outputs] */
  readonly target: ArrayLike<number>;
}

/**
 * Least squares on one batch that never changes: a training step without its draws, so that other libraries can take
 * the same one, number for number. The loss is Σ|f(x, t) − target|² / (2·rows).
 */
export class FixedBatch {
  /** Steps taken so far. */
  step = 0;

  private constructor(
    private readonly engine: Backend,
    private readonly held: Holdings,
    private readonly config: OptimizerConfig,
    private readonly plan: Plan,
    private readonly arrays: Readonly<Record<'clock' | 'schedule' | 'losses', DeviceArray>>,
  ) {}

  /**
   * @param model made for training, unconditional, with one network
   * @param config its decay must be `constant`: a fixed batch has no last step
   * @throws TributaryError('bad-input') for anything else, and for pairs that do not fit each other
   */
  static async create(model: Model, config: OptimizerConfig, pairs: FixedPairs): Promise<FixedBatch> {
    checkOptimizerConfig(config);
    if (config.decay !== 'constant') badInput(`the decay is ${config.decay}; a fixed batch takes constant`);
    if (model.roles.length !== 1)
      badInput(`the model has ${model.roles.length} networks; a fixed batch takes 1`);
    if (model.network.classes > 0) badInput('the model wants labels, which a fixed batch has not');
    const { dim, outputs } = model.network;
    const rows = pairs.t.length;
    if (rows < 1 || pairs.x.length !== rows * dim || pairs.target.length !== rows * outputs)
      badInput(
        `${pairs.x.length} coordinates, ${rows} times and ${pairs.target.length} targets are no batch of ${dim} coordinates and ${outputs} targets a row`,
      );
    return Holdings.make(model.engine, (held) => FixedBatch.build(held, model, config, pairs));
  }

  private static async build(
    held: Holdings,
    model: Model,
    config: OptimizerConfig,
    { x, t, target }: FixedPairs,
  ): Promise<FixedBatch> {
    const { engine } = model;
    const rows = t.length;
    const given = (data: ArrayLike<number>, label: string) => {
      const array = held.allocate(data.length, label);
      engine.write(array, data);
      return array;
    };
    const clock = held.allocate(CLOCK_LENGTH, 'clock', 'u32');
    const schedule = held.allocate(CHUNK * SCHEDULE_COLUMNS, 'schedule');
    const losses = held.allocate(CHUNK, 'losses');

    const trace = new Trace();
    const tape = new Tape(trace);
    const point = tape.constant(given(x, 'points'), rows, model.network.dim);
    const time = tape.constant(given(t, 'times'), rows, 1);
    const prediction = model.net(model.roles[0]).forward(tape, model.store, point, time, null);
    const rowLoss = squaredError(tape, prediction, given(target, 'targets'), 1 / (2 * rows));
    sum(trace, clock, rowLoss, rows, losses, { history: true });
    tape.backward();
    const optimizer = held.keep(new AdamW(engine, model.store));
    optimizer.record(trace, clock, schedule, config);
    trace.call(clockAdvance, { clock }, { by: 1 });
    const plan = await held.compile(trace, 'step on a fixed batch');
    return new FixedBatch(engine, held, config, plan, { clock, schedule, losses });
  }

  /** Takes steps; like a plan's, the promise settles when the device can take more work. */
  async run(steps: number): Promise<void> {
    for (let left = steps; left > 0; ) {
      const row = this.step % CHUNK;
      if (row === 0) {
        const { engine, arrays, config } = this;
        engine.write(arrays.schedule, scheduleRows(config, this.step, CHUNK, this.step + CHUNK));
        engine.write(arrays.clock, [this.step, 0, 0, 0]);
      }
      const count = Math.min(left, CHUNK - row);
      await this.plan.run(count);
      this.step += count;
      left -= count;
    }
  }

  /** The loss that the last step started from; known only once that step is done. */
  async loss(): Promise<number> {
    if (this.step === 0) badInput('no step has been taken: run() first');
    return (await this.engine.read(this.arrays.losses))[(this.step - 1) % CHUNK];
  }

  destroy(): void {
    this.held.release();
  }
}
