import type { Backend, Plan } from '../backend/backend.js';
import { Holdings } from '../backend/holdings.js';
import type { DeviceArray } from '../backend/kernel.js';
import { Trace } from '../backend/trace.js';
import type { Model } from '../families/model.js';
import type { Head } from '../interpolant/heads.js';
import type { ParameterSource } from '../nn/parameters.js';
import { Tape } from '../nn/tape.js';

/** The raw outputs of a model's networks for rows that each have their own input and time, on any backend. */
export class NetworkOutputs {
  private constructor(
    private readonly engine: Backend,
    private readonly held: Holdings,
    /** Rows evaluated together. */
    readonly tile: number,
    private readonly plan: Plan,
    private readonly outputs: readonly DeviceArray[],
    private readonly arrays: {
      readonly x: DeviceArray;
      readonly t: DeviceArray;
      readonly label: DeviceArray | null;
    },
  ) {}

  /** @param parameters the model's own store, or a view of the average */
  static create(
    engine: Backend,
    model: Model,
    parameters: ParameterSource,
    heads: readonly Head[],
    tile: number,
  ): Promise<NetworkOutputs> {
    return Holdings.make(engine, async (held) => {
      const { dim, classes } = model.network;
      const x = held.allocate(tile * dim, 'points');
      const t = held.allocate(tile, 'times');
      const label = classes > 0 ? held.allocate(tile, 'labels', 'u32') : null;
      const trace = new Trace();
      const tape = new Tape(trace);
      const [points, times] = [tape.constant(x, tile, dim), tape.constant(t, tile, 1)];
      const outputs = heads.map((head) => {
        const output = held.allocate(tile * dim, head);
        model.net(head).forward(tape, parameters, points, times, label, output);
        return output;
      });
      const plan = await held.compile(trace, 'networks at rows');
      return new NetworkOutputs(engine, held, tile, plan, outputs, { x, t, label });
    });
  }

  /**
   * @param times [rows], at most a tile, as the networks are given them
   * @param inputs [rows·dim] likewise
   * @param labels [rows] of a conditional model; its number of classes for "no label"
   * @returns by head, [tile·dim] each, of which the first rows·dim are the rows'
   */
  async at(times: Float64Array, inputs: Float64Array, labels?: Uint32Array): Promise<ArrayLike<number>[]> {
    const { engine, arrays } = this;
    engine.write(arrays.x, inputs);
    engine.write(arrays.t, times);
    if (arrays.label !== null && labels) engine.write(arrays.label, labels);
    await this.plan.run(1);
    return Promise.all(this.outputs.map((output) => engine.read(output)));
  }

  destroy(): void {
    this.held.release();
  }
}
