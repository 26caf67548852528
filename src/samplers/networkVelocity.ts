import type { Backend, Plan } from '../backend/backend.js';
import { Holdings } from '../backend/holdings.js';
import type { DeviceArray } from '../backend/kernel.js';
import { Trace } from '../backend/trace.js';
import { badInput } from '../errors.js';
import type { Model } from '../families/model.js';
import type { ParameterSource } from '../nn/parameters.js';
import { Tape } from '../nn/tape.js';
import { type Field, fieldOf } from './field.js';
import { velocityAt } from './flow.js';

export interface NetworkVelocityOptions {
  /** The model's, see `fieldOf`; of a velocity on the linear path if not given. */
  readonly field?: Field;
  /** Rows evaluated together. */
  readonly tile?: number;
}

/** A model's velocity at points that each have their own time, on any backend. */
export class NetworkVelocity {
  private constructor(
    private readonly engine: Backend,
    private readonly held: Holdings,
    private readonly dim: number,
    private readonly tile: number,
    private readonly field: Field,
    private readonly plan: Plan,
    private readonly outputs: readonly DeviceArray[],
    private readonly arrays: {
      readonly x: DeviceArray;
      readonly t: DeviceArray;
      readonly label: DeviceArray | null;
    },
  ) {}

  /** @param parameters the model's own store, or a view of the average */
  static async create(
    engine: Backend,
    model: Model,
    parameters: ParameterSource,
    { field = fieldOf(), tile = 8192 }: NetworkVelocityOptions = {},
  ): Promise<NetworkVelocity> {
    return Holdings.make(engine, async (held) => {
      const { dim, classes } = model.network;
      const x = held.allocate(tile * dim, 'points');
      const t = held.allocate(tile, 'times');
      const label = classes > 0 ? held.allocate(tile, 'labels', 'u32') : null;
      const trace = new Trace();
      const tape = new Tape(trace);
      const [points, times] = [tape.constant(x, tile, dim), tape.constant(t, tile, 1)];
      const outputs = field.heads.map((head) => {
        const output = held.allocate(tile * dim, head);
        model.net(head).forward(tape, parameters, points, times, label, output);
        return output;
      });
      const plan = await held.compile(trace, 'velocity at rows');
      return new NetworkVelocity(engine, held, dim, tile, field, plan, outputs, { x, t, label });
    });
  }

  /**
   * @param t [rows]
   * @param x [rows·dim]
   * @param labels [rows] for a conditional model
   * @returns [rows·dim]
   */
  async at(t: Float64Array, x: Float64Array, labels?: Uint32Array): Promise<Float64Array> {
    const { engine, dim, tile, arrays } = this;
    if (arrays.label !== null && labels?.length !== t.length)
      badInput(`a conditional model needs ${t.length} labels`);
    const result = new Float64Array(x.length);
    for (let first = 0; first < t.length; first += tile) {
      const now = Array.from(t.subarray(first, first + tile), (time) => velocityAt(this.field, time));
      const points = x.subarray(first * dim, (first + now.length) * dim);
      engine.write(
        arrays.x,
        points.map((value, i) => now[Math.floor(i / dim)].input * value),
      );
      engine.write(
        arrays.t,
        now.map(({ time }) => time),
      );
      if (arrays.label !== null && labels) engine.write(arrays.label, labels.subarray(first, first + tile));
      await this.plan.run(1);
      const values = await Promise.all(this.outputs.map((output) => engine.read(output)));
      points.forEach((value, i) => {
        const { x: own, heads } = now[Math.floor(i / dim)];
        result[first * dim + i] = heads.reduce((sum, factor, h) => sum + factor * values[h][i], own * value);
      });
    }
    return result;
  }

  destroy(): void {
    this.held.release();
  }
}
