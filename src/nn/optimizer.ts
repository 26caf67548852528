import type { Backend } from '../backend/backend.js';
import { reduceSum } from '../backend/contracts/loss.js';
import { adamw, ema } from '../backend/contracts/optimizer.js';
import type { DeviceArray } from '../backend/kernel.js';
import type { Trace } from '../backend/trace.js';
import type { ParameterStore } from './parameters.js';
import type { OptimizerConfig } from './schedule.js';

/**
 * Records Σ x^power into `out[0]`, or into `out[clock.row]` with `history`: chunks of about √n first, so that
 * a GPU has many short sums, then their sum.
 */
export function sum(
  trace: Trace,
  clock: DeviceArray,
  x: DeviceArray,
  n: number,
  out: DeviceArray,
  options: { power?: 1 | 2; history?: boolean } = {},
): void {
  const { power = 1, history = false } = options;
  const chunk = Math.max(64, Math.ceil(Math.sqrt(n)));
  const chunks = Math.ceil(n / chunk);
  const partial = trace.temporary(chunks, 'partial sums');
  trace.call(reduceSum, { clock, x, out: partial }, { n, chunk, power, history: 0 });
  trace.call(
    reduceSum,
    { clock, x: partial, out },
    { n: chunks, chunk: chunks, power: 1, history: history ? 1 : 0 },
  );
}

/** The optimiser's state on the device, and its part of a training step. */
export class AdamW {
  readonly m: DeviceArray;
  readonly v: DeviceArray;
  /** The moving average of the parameters: what a trained model samples with. */
  readonly average: DeviceArray;

  constructor(
    private readonly engine: Backend,
    private readonly store: ParameterStore,
    readonly config: OptimizerConfig,
  ) {
    this.m = engine.allocate(store.length, 'first moment');
    this.v = engine.allocate(store.length, 'second moment');
    this.average = engine.allocate(store.length, 'moving average');
  }

  /**
   * Records one update from the gradients in the store.
   * @param normHistory receives the squared global norm of the gradient at clock.row
   */
  record(trace: Trace, clock: DeviceArray, schedule: DeviceArray, normHistory: DeviceArray): void {
    const { store, config } = this;
    if (store.gradients === null) throw new Error('this model was loaded without gradients');
    const n = store.length;
    const normSquared = trace.temporary(1, 'squared gradient norm');
    sum(trace, clock, store.gradients, n, normSquared, { power: 2 });
    trace.call(
      reduceSum,
      { clock, x: normSquared, out: normHistory },
      { n: 1, chunk: 1, power: 1, history: 1 },
    );
    trace.call(
      adamw,
      {
        clock,
        schedule,
        normSquared,
        gradient: store.gradients,
        parameter: store.values,
        m: this.m,
        v: this.v,
      },
      {
        n,
        beta1: config.beta1,
        beta2: config.beta2,
        eps: config.eps,
        weightDecay: config.weightDecay,
        clip: config.clip,
      },
    );
    trace.call(ema, { clock, schedule, parameter: store.values, average: this.average }, { n });
  }

  destroy(): void {
    for (const array of [this.m, this.v, this.average]) this.engine.free(array);
  }
}
