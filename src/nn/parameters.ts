import type { Backend } from '../backend/backend.js';
import { type DeviceArray, SLICE_ALIGNMENT } from '../backend/kernel.js';

/** A trained tensor: its name in checkpoints, its shape, and its first values. */
export interface ParameterSpec {
  /** Stable, as in PyTorch: `velocity.blocks.0.gate.weight`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: Float64Array;
}

/** A parameter on the device with its gradient (null when the store is not for training). */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly value: DeviceArray;
  readonly gradient: DeviceArray | null;
}

/** Where a network finds its parameters. */
export interface ParameterSource {
  /** @throws Error when there is none of that name */
  get(name: string): Parameter;
}

/** The role that a tensor of a model belongs to: the first part of its name. */
export const roleOf = (name: string): string => name.slice(0, name.indexOf('.'));

export const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/**
 * All parameters of a model in one array, each at an aligned offset, so that the optimiser, the moving average
 * and the gradient norm are one launch each. The gaps between parameters are zero and stay zero.
 */
export class ParameterStore implements ParameterSource {
  readonly length: number;
  readonly values: DeviceArray;
  readonly gradients: DeviceArray | null;
  private readonly byName = new Map<string, Parameter>();
  private readonly offsets = new Map<string, number>();

  /** @param training also allocates gradients */
  constructor(
    readonly engine: Backend,
    specs: readonly ParameterSpec[],
    training: boolean,
  ) {
    let offset = 0;
    for (const { name, shape } of specs) {
      if (this.offsets.has(name)) throw new Error(`two parameters are called ${name}`);
      this.offsets.set(name, offset);
      offset += Math.ceil(elements(shape) / SLICE_ALIGNMENT) * SLICE_ALIGNMENT;
    }
    this.length = offset;
    // No engine has an array of nothing, which a model without networks would ask for.
    const allocated = Math.max(offset, SLICE_ALIGNMENT);
    this.values = engine.allocate(allocated, 'parameters');
    this.gradients = training ? engine.allocate(allocated, 'gradients') : null;
    const flat = new Float64Array(offset);
    for (const { name, shape, initial } of specs) {
      const start = this.offsets.get(name) as number;
      flat.set(initial, start);
      this.byName.set(name, {
        name,
        shape,
        value: this.values.slice(start, elements(shape)),
        gradient: this.gradients?.slice(start, elements(shape)) ?? null,
      });
    }
    if (offset > 0) engine.write(this.values, flat);
  }

  get parameters(): readonly Parameter[] {
    return [...this.byName.values()];
  }

  /** How many numbers are trained, without the gaps. */
  get count(): number {
    return this.parameters.reduce((sum, { shape }) => sum + elements(shape), 0);
  }

  get(name: string): Parameter {
    const parameter = this.byName.get(name);
    if (parameter === undefined) throw new Error(`there is no parameter ${name}`);
    return parameter;
  }

  /**
   * Where the parameters of some roles lie, the first parts of their names.
   * @throws Error where others lie between them, or there are none
   */
  span(roles: readonly string[]): { readonly offset: number; readonly length: number } {
    const names = [...this.offsets.keys()];
    const own = names.map((name) => roles.includes(roleOf(name)));
    const first = own.indexOf(true);
    const end = own.lastIndexOf(true) + 1;
    if (first < 0) throw new Error(`this model has no parameters of ${roles.join(', ')}`);
    if (own.slice(first, end).includes(false))
      throw new Error(`the parameters of ${roles.join(', ')} are no neighbours: ${names.join(', ')}`);
    const offset = this.offsets.get(names[first]) as number;
    return { offset, length: (this.offsets.get(names[end]) ?? this.length) - offset };
  }

  /** The same parameters with other values, laid out like this store, for inference: the moving average. */
  view(values: DeviceArray): ParameterSource {
    return {
      get: (name) => {
        const { shape } = this.get(name);
        const start = this.offsets.get(name) as number;
        return { name, shape, value: values.slice(start, elements(shape)), gradient: null };
      },
    };
  }

  /** Cuts an array laid out like this store (values, gradients, moments …) into named tensors. */
  split(flat: Float32Array | Float64Array): Map<string, Float32Array | Float64Array> {
    return new Map(
      this.parameters.map(({ name, shape }) => {
        const start = this.offsets.get(name) as number;
        return [name, flat.slice(start, start + elements(shape))];
      }),
    );
  }

  /** The inverse of {@link split}. @throws Error naming a tensor that is missing or of the wrong size */
  join(tensors: ReadonlyMap<string, ArrayLike<number>>): Float64Array {
    const flat = new Float64Array(this.length);
    for (const { name, shape } of this.parameters) {
      const tensor = tensors.get(name);
      if (tensor === undefined) throw new Error(`tensor ${name} is missing`);
      if (tensor.length !== elements(shape)) {
        throw new Error(
          `tensor ${name} has ${tensor.length} elements, the network needs [${shape.join(', ')}]`,
        );
      }
      flat.set(tensor, this.offsets.get(name) as number);
    }
    return flat;
  }

  destroy(): void {
    this.engine.free(this.values);
    if (this.gradients) this.engine.free(this.gradients);
  }
}
