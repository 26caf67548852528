import type { Backend } from '../backend/backend.js';
import { badInput } from '../errors.js';
import type { Model } from '../model/model.js';
import type { ParameterSource } from '../nn/parameters.js';
import { type Field, fieldOf } from '../samplers/field.js';
import { NetworkOutputs } from '../samplers/network_outputs.js';
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
    private readonly dim: number,
    private readonly conditional: boolean,
    private readonly field: Field,
    private readonly networks: NetworkOutputs,
  ) {}

  /** @param parameters the model's own store, or a view of the average */
  static async create(
    engine: Backend,
    model: Model,
    parameters: ParameterSource,
    { field = fieldOf(), tile = 8192 }: NetworkVelocityOptions = {},
  ): Promise<NetworkVelocity> {
    const { dim, classes } = model.network;
    const networks = await NetworkOutputs.create(engine, model, parameters, field.heads, tile);
    return new NetworkVelocity(dim, classes > 0, field, networks);
  }

  /**
   * @param t [rows]
   * @param x [rows·dim]
   * @param labels [rows] for a conditional model
   * @returns [rows·dim]
   */
  async at(t: Float64Array, x: Float64Array, labels?: Uint32Array): Promise<Float64Array> {
    const { dim, networks } = this;
    const { tile } = networks;
    if (this.conditional && labels?.length !== t.length)
      badInput(`a conditional model needs ${t.length} labels`);
    const result = new Float64Array(x.length);
    for (let first = 0; first < t.length; first += tile) {
      const now = Array.from(t.subarray(first, first + tile), (time) => velocityAt(this.field, time));
      const points = x.subarray(first * dim, (first + now.length) * dim);
      const values = await networks.at(
        Float64Array.from(now, ({ time }) => time),
        points.map((value, i) => now[Math.floor(i / dim)].input * value),
        labels?.subarray(first, first + tile),
      );
      points.forEach((value, i) => {
        const { x: own, heads } = now[Math.floor(i / dim)];
        result[first * dim + i] = heads.reduce((sum, factor, h) => sum + factor * values[h][i], own * value);
      });
    }
    return result;
  }

  destroy(): void {
    this.networks.destroy();
  }
}
