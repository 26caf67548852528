import type { Backend, Plan } from '../backend/backend.js';
import { Holdings } from '../backend/holdings.js';
import type { DeviceArray } from '../backend/kernel.js';
import { Trace } from '../backend/trace.js';
import type { Head } from '../interpolant/heads.js';
import type { Model } from '../model/model.js';
import type { ParameterSource } from '../nn/parameters.js';
import { Tape } from '../nn/tape.js';

/** Rows that are evaluated where `rows` are asked for: a few sizes an octave, so that few plans serve all. */
function sizeFor(rows: number, tile: number): number {
  const grain = 2 ** Math.max(0, Math.floor(Math.log2(rows)) - 2);
  return Math.min(tile, Math.ceil(rows / grain) * grain);
}

/** The raw outputs of a model's networks for rows that each have their own input and time, on any backend. */
export class NetworkOutputs {
  /** By the rows that they evaluate. */
  private readonly plans = new Map<number, Plan>();

  private constructor(
    private readonly engine: Backend,
    private readonly held: Holdings,
    /** Rows evaluated together at the most. */
    readonly tile: number,
    private readonly record: (rows: number) => Trace,
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
      const outputs = heads.map((head) => held.allocate(tile * dim, head));
      const record = (rows: number): Trace => {
        const trace = new Trace();
        const tape = new Tape(trace);
        const [points, times] = [tape.constant(x, rows, dim), tape.constant(t, rows, 1)];
        heads.forEach((head, h) => {
          model.net(head).forward(tape, parameters, points, times, label, outputs[h]);
        });
        return trace;
      };
      const networks = new NetworkOutputs(engine, held, tile, record, outputs, { x, t, label });
      // Whatever cannot run fails here.
      await networks.planFor(tile);
      return networks;
    });
  }

  private async planFor(rows: number): Promise<Plan> {
    const size = sizeFor(rows, this.tile);
    let plan = this.plans.get(size);
    if (plan === undefined) {
      plan = await this.held.compile(this.record(size), 'networks at rows');
      this.plans.set(size, plan);
    }
    return plan;
  }

  /**
   * @param times [rows], at most a tile, as the networks are given them
   * @param inputs [rows·dim] likewise
   * @param labels [rows] of a conditional model; its number of classes for "no label"
   * @returns by head, [tile·dim] each, of which the first rows·dim are the rows'
   */
  async at(times: Float64Array, inputs: Float64Array, labels?: Uint32Array): Promise<ArrayLike<number>[]> {
    const { engine, arrays } = this;
    const plan = await this.planFor(times.length);
    engine.write(arrays.x, inputs);
    engine.write(arrays.t, times);
    if (arrays.label !== null && labels) engine.write(arrays.label, labels);
    await plan.run(1);
    return Promise.all(this.outputs.map((output) => engine.read(output)));
  }

  destroy(): void {
    this.held.release();
  }
}
