import type { Backend } from '../backend/backend.js';
import type { Holdings } from '../backend/holdings.js';
import type { DeviceArray } from '../backend/kernel.js';
import type { Trace } from '../backend/trace.js';
import type { Model } from '../model/model.js';
import type { Net, Phase, Source, Started, Step } from '../model/phase.js';
import type { ParameterSource } from '../nn/parameters.js';
import { Tape, type Tensor } from '../nn/tape.js';

/** What every turn of a training step has in common. */
export interface Setting {
  readonly engine: Backend;
  readonly trace: Trace;
  readonly model: Model;
  readonly average: DeviceArray;
  readonly clock: DeviceArray;
  readonly source: Source;
  readonly rows: number;
  readonly classes: number;
  readonly labelDropout: number;
  readonly held: Holdings;
}

/** A loss on the device: its mean over the batch is `scale` times the sum of its rows. */
export interface RecordedLoss {
  /** [rows] */
  readonly rows: DeviceArray;
  readonly scale: number;
}

/** One turn of a phase while it is recorded. */
export class Recording implements Step {
  readonly tape: Tape;
  readonly observed = new Map<string, DeviceArray>();

  constructor(
    private readonly setting: Setting,
    private readonly phase: Phase,
    readonly seed: number,
  ) {
    this.tape = new Tape(setting.trace);
  }

  get engine() {
    return this.setting.engine;
  }

  get rows() {
    return this.setting.rows;
  }

  get clock() {
    return this.setting.clock;
  }

  get source() {
    return this.setting.source;
  }

  get classes() {
    return this.setting.classes;
  }

  get labelDropout() {
    return this.setting.labelDropout;
  }

  net(role: string, of: 'parameters' | 'average' = 'parameters'): Net {
    const network = this.setting.model.net(role);
    const parameters = this.parametersOf(role, of);
    return (x, t = null, label = null) => network.forward(this.tape, parameters, x, t, label);
  }

  private parametersOf(role: string, of: 'parameters' | 'average'): ParameterSource {
    const { store } = this.setting.model;
    if (of === 'average') return store.view(this.setting.average);
    return this.phase.trains.includes(role) ? store : store.view(store.values);
  }

  upload(values: ArrayLike<number>, label: string, dtype: 'float' | 'u32' = 'float'): DeviceArray {
    const array = this.setting.held.allocate(values.length, label, dtype);
    this.engine.write(array, values);
    return array;
  }

  observe(name: string, value: DeviceArray): void {
    this.observed.set(name, value);
  }

  /**
   * Records the phase's losses and the way back from them.
   * @returns the rows of each loss, and what their sum times `scale` is: its mean over the batch
   * @throws Error where the losses leave a parameter out that the phase is to train
   */
  record(): ReadonlyMap<string, RecordedLoss> {
    const losses = Object.entries(this.phase.record(this)).map(
      ([name, loss]) => [name, this.seeded(loss)] as const,
    );
    this.tape.backward();
    const { parameters } = this.setting.model.store;
    const left = parameters.find(
      (parameter) =>
        this.phase.trains.includes(parameter.name.slice(0, parameter.name.indexOf('.'))) &&
        !this.tape.reached(parameter),
    );
    if (left !== undefined)
      throw new Error(`the losses of ${this.phase.name} do not depend on ${left.name}, which it is to train`);
    return new Map(losses);
  }

  private seeded(loss: Tensor | Started): RecordedLoss {
    if ('started' in loss) return { rows: loss.rows, scale: 1 };
    const scale = 1 / loss.rows;
    this.tape.minimise(loss, scale);
    return { rows: loss.data, scale };
  }
}
