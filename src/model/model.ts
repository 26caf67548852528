import type { Backend } from '../backend/backend.js';
import { Mlp, type MlpConfig, mlpConstants } from '../nn/mlp.js';
import { mlpParameters } from '../nn/mlp_parameters.js';
import { type ParameterSpec, ParameterStore } from '../nn/parameters.js';
import type { Conditions } from './conditions.js';
import { type Fitted, NOTHING_FITTED } from './fitted.js';

/** What a model is made of. */
export interface ModelShape {
  /** A network a role, in the order of their parameters: `velocity`; `encoder` and `decoder`. */
  readonly networks: Readonly<Record<string, MlpConfig>>;
  /** What is trained besides networks, each named ROLE.NAME: means of a prior. After the networks, in this order. */
  readonly parameters?: readonly ParameterSpec[];
  /** A stage fits numbers besides, as many as the data ask for: see {@link Fitted}. */
  readonly fits?: true;
}

/** Networks of one shape, one a role. */
export const alike = (roles: readonly string[], network: MlpConfig): ModelShape => ({
  networks: Object.fromEntries(roles.map((role) => [role, network])),
});

/** The tensors of a model by full name, as they go into files: what is trained, and what is fixed. */
export interface ModelTensors {
  readonly parameters: readonly Pick<ParameterSpec, 'name' | 'shape'>[];
  readonly constants: ReadonlyMap<
    string,
    { readonly shape: readonly number[]; readonly values: Float64Array }
  >;
  /** Whether numbers are fitted besides. */
  readonly fits: boolean;
}

/** What a model is made of before it is trained, on no device. */
export function modelTensors(
  { networks, parameters: own = [], fits }: ModelShape,
  seed: number,
): ModelTensors & { readonly parameters: readonly ParameterSpec[] } {
  const roles = Object.entries(networks);
  const parameters = roles.flatMap(([role, network], index) =>
    mlpParameters(network, seed, index).map((spec) => ({ ...spec, name: `${role}.${spec.name}` })),
  );
  const constants = roles.flatMap(([role, network], index) =>
    [...mlpConstants(network, seed, index)].map(
      ([name, { shape, initial }]) => [`${role}.${name}`, { shape, values: initial }] as const,
    ),
  );
  return { parameters: [...parameters, ...own], constants: new Map(constants), fits: fits ?? false };
}

/** Networks of one run on the device, all parameters in one store. */
export class Model {
  readonly store: ParameterStore;
  /** By role. */
  readonly networks: ReadonlyMap<string, Mlp>;
  /** Untrained arrays by full name, as they go into a checkpoint. */
  readonly constants: ModelTensors['constants'];
  /**
   * What it has been trained with, so that samplers refuse labels and guidance that it knows nothing of: the trainer and
   * `loadModel` say so; null where nobody has.
   */
  conditions: Conditions | null = null;
  /** What a stage has fitted. */
  fitted: Fitted = NOTHING_FITTED;

  /** @param training also allocates gradients */
  constructor(
    readonly engine: Backend,
    readonly shape: ModelShape,
    seed: number,
    training: boolean,
  ) {
    const { parameters, constants } = modelTensors(shape, seed);
    const networks = new Map<string, Mlp>();
    this.store = new ParameterStore(engine, parameters, training);
    for (const [role, network] of Object.entries(shape.networks)) {
      const own = [...constants].filter(([name]) => name.startsWith(`${role}.`));
      const values = new Map(own.map(([name, { values }]) => [name.slice(role.length + 1), values]));
      networks.set(role, new Mlp(engine, network, `${role}.`, values));
    }
    this.networks = networks;
    this.constants = constants;
  }

  get roles(): readonly string[] {
    return [...this.networks.keys()];
  }

  /** The shape of its first network: of an interpolant's, whose heads are all alike, that of each. */
  get network(): MlpConfig {
    return Object.values(this.shape.networks)[0];
  }

  /** What goes into files. */
  get parameters(): ModelTensors['parameters'] {
    return this.store.parameters;
  }

  /** Whether a stage fits numbers besides what is trained. */
  get fits(): boolean {
    return this.shape.fits ?? false;
  }

  /** Replaces parameters and constants by name. @throws Error naming a tensor that is missing or misshapen */
  load(values: ReadonlyMap<string, ArrayLike<number>>): void {
    this.engine.write(this.store.values, this.store.join(values));
    for (const [role, network] of this.networks) {
      for (const name of network.constantNames) {
        const loaded = values.get(`${role}.${name}`);
        if (loaded === undefined) throw new Error(`tensor ${role}.${name} is missing`);
        network.setConstant(name, loaded);
      }
    }
  }

  net(role: string): Mlp {
    const network = this.networks.get(role);
    if (network === undefined) throw new Error(`this model has no ${role}`);
    return network;
  }

  destroy(): void {
    for (const network of this.networks.values()) network.destroy();
    this.store.destroy();
  }
}
