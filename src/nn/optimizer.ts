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

/** Neighbouring parameters of a store, in elements of its arrays. */
export interface Span {
  readonly offset: number;
  readonly length: number;
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
  ) {
    this.m = engine.allocate(store.length, 'first moment');
    this.v = engine.allocate(store.length, 'second moment');
    this.average = engine.allocate(store.length, 'moving average');
  }

  /**
   * Records one update from the gradients in the store.
   * @param schedule rows of {@link scheduleRows} with the same config
   * @param span what it moves; the gradient is clipped by its own norm
   * @returns [1] the squared global norm of the gradient
   */
  record(
    trace: Trace,
    clock: DeviceArray,
    schedule: DeviceArray,
    config: OptimizerConfig,
    { offset, length }: Span = { offset: 0, length: this.store.length },
  ): DeviceArray {
    const { store } = this;
    if (store.gradients === null) throw new Error('this model was loaded without gradients');
    const part = (array: DeviceArray) => array.slice(offset, length);
    const gradient = part(store.gradients);
    const parameter = part(store.values);
    const normSquared = trace.temporary(1, 'squared gradient norm');
    sum(trace, clock, gradient, length, normSquared, { power: 2 });
    const { beta1, beta2, eps, weightDecay, clip } = config;
    trace.call(
      adamw,
      { clock, schedule, normSquared, gradient, parameter, m: part(this.m), v: part(this.v) },
      { n: length, beta1, beta2, eps, weightDecay, clip },
    );
    trace.call(ema, { clock, schedule, parameter, average: part(this.average) }, { n: length });
    return normSquared;
  }

  destroy(): void {
    for (const array of [this.m, this.v, this.average]) this.engine.free(array);
  }
}
