import type { Backend } from '../backend/backend.js';
import {
  batchDraw,
  DRAW,
  DRAW_COLUMNS,
  randomNormal,
  randomUniform,
  TIME_COLUMNS,
} from '../backend/contracts/draw.js';
import { gatherRows } from '../backend/contracts/rows.js';
import type { Holdings } from '../backend/holdings.js';
import type { DeviceArray } from '../backend/kernel.js';
import type { Trace } from '../backend/trace.js';
import type { Model } from '../model/model.js';
import type { Batch, Net, NetOf, Phase, Source, Started, Step } from '../model/phase.js';
import { type ParameterSource, roleOf } from '../nn/parameters.js';
import { Tape, type Tensor } from '../nn/tape.js';
import { STREAM, seedKey } from '../random/random.js';

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
  private batch: Batch | null = null;
  private draws = 0;

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

  net(role: string, of: NetOf = 'parameters'): Net {
    const network = this.setting.model.net(role);
    const parameters = this.parametersOf(role, of);
    return (x, t = null, label = null) => network.forward(this.tape, parameters, x, t, label);
  }

  private parametersOf(role: string, of: NetOf): ParameterSource {
    const { store } = this.setting.model;
    if (of === 'average') return store.view(this.setting.average);
    return of === 'parameters' && this.phase.trains.includes(role) ? store : store.view(store.values);
  }

  parameter(name: string): Tensor {
    return this.tape.parameter(this.parametersOf(roleOf(name), 'parameters').get(name));
  }

  data(): Batch {
    this.batch ??= this.drawBatch();
    return this.batch;
  }

  private drawBatch(): Batch {
    const { tape, rows, source, classes, clock } = this;
    const { trace } = tape;
    const [seedLow, seedHigh] = seedKey(this.seed);
    const points = this.upload(source.points, 'training points');
    const label = this.upload(source.labels, 'training labels', 'u32');
    // Of times, which other families do not have, one cell.
    const table = this.upload(new Float64Array(TIME_COLUMNS), 'no times');
    const draw = trace.temporary(rows * DRAW_COLUMNS, 'draw', 'u32');
    const drawnLabel = trace.temporary(rows, 'labels', 'u32');
    trace.call(
      batchDraw,
      {
        ...{ clock, label, table, draw, drawnLabel },
        t: trace.temporary(rows, 'no times'),
        weight: trace.temporary(rows, 'no weights'),
      },
      {
        ...{ seedLow, seedHigh, batch: rows, rows: source.rows, sourceRows: 0, cells: 1, timeSampling: 0 },
        ...{ antithetic: 0, epochs: 0, pairing: 0, classes, labelDropout: this.labelDropout },
        ...{ heads: 1, weightStride: rows },
      },
    );
    const { dim } = source;
    const x = tape.result(rows, dim, 'batch', false);
    trace.call(
      gatherRows,
      { x: points, index: draw, y: x.data },
      { sourceRows: source.rows, rows, cols: dim, stride: DRAW_COLUMNS, column: DRAW.row },
    );
    return { x, label: classes > 0 ? drawnLabel : null };
  }

  normal(rows: number, cols: number): Tensor {
    const out = this.tape.result(rows, cols, 'normals', false);
    const { clock } = this;
    this.tape.trace.call(randomNormal, { clock, out: out.data }, { ...this.nextDraw(rows * cols), scale: 1 });
    return out;
  }

  uniform(rows: number, cols: number): Tensor {
    const out = this.tape.result(rows, cols, 'uniforms', false);
    const { clock } = this;
    this.tape.trace.call(randomUniform, { clock, out: out.data }, this.nextDraw(rows * cols));
    return out;
  }

  private nextDraw(n: number) {
    const [seedLow, seedHigh] = seedKey(this.seed);
    return { seedLow, seedHigh, stream: STREAM.phase + this.draws++, n, dim: 1 };
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
      (parameter) => this.phase.trains.includes(roleOf(parameter.name)) && !this.tape.reached(parameter),
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
