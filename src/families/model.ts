import type { Backend } from '../backend/backend.js';
import type { Head } from '../interpolant/heads.js';
import { Mlp, type MlpConfig, mlpConstants, mlpParameters } from '../nn/mlp.js';
import { type ParameterSpec, ParameterStore } from '../nn/parameters.js';
import type { Conditions } from './conditions.js';

/** The tensors of a model by full name, as they go into files: what is trained, and what is fixed. */
export interface ModelTensors {
  readonly parameters: readonly Pick<ParameterSpec, 'name' | 'shape'>[];
  readonly constants: ReadonlyMap<
    string,
    { readonly shape: readonly number[]; readonly values: Float64Array }
  >;
}

/**
 * What a model is made of before it is trained, on no device.
 * @param network the shape of every head's network
 */
export function modelTensors(
  heads: readonly Head[],
  network: MlpConfig,
  seed: number,
): ModelTensors & { readonly parameters: readonly ParameterSpec[] } {
  const parameters = heads.flatMap((head, index) =>
    mlpParameters(network, seed, index).map((spec) => ({ ...spec, name: `${head}.${spec.name}` })),
  );
  const constants = heads.flatMap((head, index) =>
    [...mlpConstants(network, seed, index)].map(
      ([name, { shape, initial }]) => [`${head}.${name}`, { shape, values: initial }] as const,
    ),
  );
  return { parameters, constants: new Map(constants) };
}

/** Networks of one run on the device, all parameters in one store. */
export class Model {
  readonly store: ParameterStore;
  readonly networks: ReadonlyMap<Head, Mlp>;
  /** Untrained arrays by full name, as they go into a checkpoint. */
  readonly constants: ModelTensors['constants'];
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
    const { parameters, constants } = modelTensors(heads, network, seed);
    const networks = new Map<Head, Mlp>();
    this.store = new ParameterStore(engine, parameters, training);
    for (const head of heads) {
      const own = [...constants].filter(([name]) => name.startsWith(`${head}.`));
      const values = new Map(own.map(([name, { values }]) => [name.slice(head.length + 1), values]));
      networks.set(head, new Mlp(engine, network, `${head}.`, values));
    }
    this.networks = networks;
    this.constants = constants;
  }

  /** What goes into files. */
  get parameters(): ModelTensors['parameters'] {
    return this.store.parameters;
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
