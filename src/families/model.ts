import type { Backend } from '../backend/backend.js';
import type { Head } from '../interpolant/heads.js';
import { Mlp, type MlpConfig, mlpConstants, mlpParameters } from '../nn/mlp.js';
import { ParameterStore } from '../nn/parameters.js';
import type { Conditions } from './conditions.js';

/** Networks of one run on the device, all parameters in one store. */
export class Model {
  readonly store: ParameterStore;
  readonly networks: ReadonlyMap<Head, Mlp>;
  /** Untrained arrays by full name, as they go into a checkpoint. */
  readonly constants: ReadonlyMap<string, { shape: readonly number[]; values: Float64Array }>;
  /**
   * What it has been trained with, so that samplers refuse labels and guidance that it knows nothing of: the trainer and
   * `loadModel` say so; null where nobody has.
   */
  conditions: Conditions | null = null;

  /**
   * @param network the shape of every head's network
   * @param training also allocates gradients
   */
  constructor(
    readonly engine: Backend,
    readonly heads: readonly Head[],
    readonly network: MlpConfig,
    seed: number,
    training: boolean,
  ) {
    const constants = new Map<string, { shape: readonly number[]; values: Float64Array }>();
    const networks = new Map<Head, Mlp>();
    const specs = heads.flatMap((head, index) =>
      mlpParameters(network, seed, index).map((spec) => ({ ...spec, name: `${head}.${spec.name}` })),
    );
    this.store = new ParameterStore(engine, specs, training);
    heads.forEach((head, index) => {
      const own = mlpConstants(network, seed, index);
      const values = new Map<string, Float64Array>();
      for (const [name, { shape, initial }] of own) {
        values.set(name, initial);
        constants.set(`${head}.${name}`, { shape, values: initial });
      }
      networks.set(head, new Mlp(engine, network, `${head}.`, values));
    });
    this.networks = networks;
    this.constants = constants;
  }

  /** Replaces parameters and constants by name. @throws Error naming a tensor that is missing or misshapen */
  load(values: ReadonlyMap<string, ArrayLike<number>>): void {
    this.engine.write(this.store.values, this.store.join(values));
    for (const [head, network] of this.networks) {
      for (const name of network.constantNames) {
        const loaded = values.get(`${head}.${name}`);
        if (loaded === undefined) throw new Error(`tensor ${head}.${name} is missing`);
        network.setConstant(name, loaded);
      }
    }
  }

  net(head: Head): Mlp {
    const network = this.networks.get(head);
    if (network === undefined) throw new Error(`this model has no ${head}`);
    return network;
  }

  destroy(): void {
    for (const network of this.networks.values()) network.destroy();
    this.store.destroy();
  }
}
