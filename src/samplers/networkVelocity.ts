import type { Backend, Plan } from '../backend/backend.js';
import type { DeviceArray } from '../backend/kernel.js';
import { Trace } from '../backend/trace.js';
import { badInput } from '../errors.js';
import type { Head } from '../families/family.js';
import type { Model } from '../families/model.js';
import type { ParameterSource } from '../nn/parameters.js';
import { Tape } from '../nn/tape.js';
import { type VelocityAt, velocityHead } from './flow.js';

/** A network's velocity at points that each have their own time, on any backend. */
export class NetworkVelocity {
  private constructor(
    private readonly engine: Backend,
    private readonly dim: number,
    private readonly tile: number,
    private readonly velocity: VelocityAt,
    private readonly plan: Plan,
    private readonly arrays: {
      readonly x: DeviceArray;
      readonly t: DeviceArray;
      readonly output: DeviceArray;
      readonly label: DeviceArray | null;
    },
  ) {}

  /**
   * @param parameters the model's own store, or a view of the average
   * @param tile rows evaluated together
   */
  static async create(
    engine: Backend,
    model: Model,
    parameters: ParameterSource,
    { velocity = velocityHead, head = 'velocity', tile = 8192 }: NetworkVelocityOptions = {},
  ): Promise<NetworkVelocity> {
    const { dim, classes } = model.network;
    const x = engine.allocate(tile * dim, 'points');
    const t = engine.allocate(tile, 'times');
    const output = engine.allocate(tile * dim, 'velocity');
    const label = classes > 0 ? engine.allocate(tile, 'labels', 'u32') : null;
    const trace = new Trace();
    const tape = new Tape(trace);
    const times = tape.constant(t, tile, 1);
    model.net(head).forward(tape, parameters, tape.constant(x, tile, dim), times, label, output);
    const plan = await engine.compile(trace, 'velocity at rows');
    return new NetworkVelocity(engine, dim, tile, velocity, plan, { x, t, output, label });
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
      const affine = Array.from(t.subarray(first, first + tile), this.velocity);
      const points = x.subarray(first * dim, (first + affine.length) * dim);
      engine.write(
        arrays.x,
        points.map((value, i) => affine[Math.floor(i / dim)].input * value),
      );
      engine.write(
        arrays.t,
        affine.map(({ time }) => time),
      );
      if (arrays.label !== null && labels) engine.write(arrays.label, labels.subarray(first, first + tile));
      await this.plan.run(1);
      const output = await engine.read(arrays.output);
      points.forEach((value, i) => {
        const { x: own, head } = affine[Math.floor(i / dim)];
        result[first * dim + i] = own * value + head * output[i];
      });
    }
    return result;
  }

  destroy(): void {
    this.plan.destroy();
    for (const array of Object.values(this.arrays)) if (array !== null) this.engine.free(array);
  }
}

export interface NetworkVelocityOptions {
  /** The velocity in terms of the network's output; that of a velocity head if not given. */
  readonly velocity?: VelocityAt;
  readonly head?: Head;
  readonly tile?: number;
}
