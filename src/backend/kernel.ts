/**
 * What a kernel is: one contract here, one reference in `src/cpu/` and one WGSL file in `shaders/`, all under
 * the same name. The contract says what goes in and out, the formula, its source, which shapes the
 * cross-check tries, and how its derivative is checked.
 */
import type { CounterRandom } from '../random/random.js';
import type { Drawer } from './drawer.js';

/** `float` is float32 on a GPU; on the CPU it is float32, or float64 for checks by finite differences. */
export type DType = 'float' | 'u32';

/**
 * `write`: the elements that the kernel touches are overwritten without being read. `update`: they are read
 * too, or, in a kernel with the parameter `accumulate` (or the one that the binding names), only where that is
 * not 0.
 */
export type Access = 'read' | 'write' | 'update';

export type Params<P extends Record<string, 'u32' | 'f32'>> = Record<keyof P, number>;

export interface BindingSpec<P extends Record<string, 'u32' | 'f32'> = Record<string, 'u32' | 'f32'>> {
  readonly dtype: DType;
  readonly access: Access;
  /** The parameter that says whether an `update` adds to what is there; `accumulate` if not given. */
  readonly accumulate?: string;
  /** The shape in words, for documentation and error messages. */
  readonly shape: string;
  /** How many elements the kernel touches. */
  length(params: Params<P>): number;
}

/** Values for the bindings that a kernel reads, drawn for one cross-check case. */
export type Inputs = Record<string, ArrayLike<number>>;

/**
 * The calls of a kernel's backward pass. A kernel that is its own backward declares this as a function, with this
 * type, because a constant's type cannot rest on itself.
 * @param arrays the forward's bindings, plus `d_<output>` (given) and `d_<input>` (to be written)
 */
export type Vjp = (arrays: Record<string, DeviceArray>, params: Record<string, number>) => KernelCall[];

/**
 * How the cross-check and the tests judge a kernel's derivative.
 * - `backward`: `vjp` names the calls that turn cotangents of `outputs` into gradients of `inputs`; finite
 *   differences of the reference in float64 must agree.
 * - `part-of`: this kernel is itself such a backward, checked through `forward`.
 * - `own-gradient`: the kernel writes Σ `value` and its gradient by `input` into `gradient`.
 * - `none`: not differentiable or never differentiated; `why` says so, and the tests hold an independent
 *   check under the kernel's name.
 */
export type GradientCheck =
  | {
      readonly kind: 'backward';
      readonly outputs: readonly string[];
      readonly inputs: readonly string[];
      readonly vjp: Vjp;
    }
  | { readonly kind: 'part-of'; readonly forward: string }
  | {
      readonly kind: 'own-gradient';
      readonly value: string;
      readonly input: string;
      readonly gradient: string;
    }
  | { readonly kind: 'none'; readonly why: string };

export interface KernelContract<
  B extends Record<string, BindingSpec> = Record<string, BindingSpec>,
  P extends Record<string, 'u32' | 'f32'> = Record<string, 'u32' | 'f32'>,
> {
  /** snake_case; also the name of the reference's file and of the shader's file. */
  readonly name: string;
  readonly summary: string;
  readonly formula: string;
  readonly source: string;
  readonly bindings: B;
  readonly params: P;
  /** Shapes for the cross-check: odd, prime, one, larger than a workgroup. */
  readonly cases: readonly Params<P>[];
  /** A random shape for the cross-check, besides the cases. */
  shape(draw: Drawer): Params<P>;
  /**
   * How many items there are of which each can be made by itself: the WebGPU launch is one invocation an item. A
   * kernel that is launched otherwise says how in `src/webgpu/launches.ts`.
   */
  items?(params: Params<P>): number;
  /** Special inputs; a binding that is not named here is filled with standard normals. */
  inputs?(params: Params<P>, random: CounterRandom): Inputs;
  readonly gradient: GradientCheck;
}

/** Declares a contract; it only fixes the types. */
export function defineKernel<
  const B extends Record<string, BindingSpec<P>>,
  const P extends Record<string, 'u32' | 'f32'>,
>(
  contract: Omit<KernelContract<B, P>, 'bindings'> & { readonly bindings: B },
): KernelContract<B, P> & { readonly bindings: B } {
  return contract as KernelContract<B, P> & { readonly bindings: B };
}

/** A block of memory that a backend owns, or, when `temporary`, one that exists only inside a plan. */
export interface Storage {
  readonly dtype: DType;
  readonly length: number;
  readonly label: string;
  readonly temporary: boolean;
}

/** Slices start at multiples of this many elements, which is WebGPU's default offset alignment of 256 bytes. */
export const SLICE_ALIGNMENT = 64;

/** A contiguous run of elements in a storage: what kernels are bound to. */
export class DeviceArray {
  constructor(
    readonly storage: Storage,
    readonly offset = 0,
    readonly length = storage.length,
  ) {}

  get dtype(): DType {
    return this.storage.dtype;
  }

  get label(): string {
    return this.storage.label;
  }

  /**
   * A part of this array on the same memory.
   * @param offset in elements, a multiple of {@link SLICE_ALIGNMENT}
   */
  slice(offset: number, length: number): DeviceArray {
    const start = this.offset + offset;
    if (start % SLICE_ALIGNMENT !== 0) {
      throw new RangeError(`slice of ${this.label}: offset ${start} is not a multiple of ${SLICE_ALIGNMENT}`);
    }
    if (offset < 0 || length < 1 || offset + length > this.length) {
      throw new RangeError(
        `slice of ${this.label}: [${offset}, ${offset + length}) is outside 0..${this.length}`,
      );
    }
    return new DeviceArray(this.storage, start, length);
  }
}

/** One launch of a kernel with everything it needs. */
export interface KernelCall {
  readonly kernel: string;
  readonly arrays: Readonly<Record<string, DeviceArray>>;
  readonly params: Readonly<Record<string, number>>;
  /** One of the backend's variants of the kernel, for checks and benchmarks; its own choice if not given. */
  readonly variant?: string;
}

/**
 * A checked call.
 * @throws RangeError when an array is too short, of the wrong type, or written while also bound elsewhere in
 *   the same call, and when a parameter is missing or not representable
 */
export function kernelCall<B extends Record<string, BindingSpec>, P extends Record<string, 'u32' | 'f32'>>(
  contract: KernelContract<B, P>,
  arrays: { readonly [K in keyof B]: DeviceArray },
  params: Params<P>,
): KernelCall {
  const fail = (what: string): never => {
    throw new RangeError(`${contract.name}: ${what}`);
  };
  for (const [name, type] of Object.entries(contract.params)) {
    const value = (params as Record<string, number>)[name];
    if (
      type === 'u32' ? !(Number.isInteger(value) && value >= 0 && value < 2 ** 32) : !Number.isFinite(value)
    ) {
      fail(`parameter ${name} = ${value} is not ${type === 'u32' ? 'an unsigned 32-bit integer' : 'finite'}`);
    }
  }
  const names = Object.keys(contract.bindings);
  for (const name of names) {
    const spec = contract.bindings[name] as BindingSpec;
    const array = (arrays as Record<string, DeviceArray>)[name];
    if (array.dtype !== spec.dtype) fail(`${name} is ${array.dtype}, not ${spec.dtype}`);
    const needed = spec.length(params as Record<string, number>);
    if (array.length < needed) {
      fail(`${name} ${spec.shape} needs ${needed} elements, ${array.label} has ${array.length}`);
    }
    if (spec.access === 'read') continue;
    // WebGPU forbids writing a buffer that the same dispatch binds elsewhere, unless both are writable and
    // do not overlap; holding the CPU to the same rule keeps plans portable.
    for (const other of names) {
      const second = (arrays as Record<string, DeviceArray>)[other];
      if (other === name || second.storage !== array.storage) continue;
      const disjoint =
        array.offset + array.length <= second.offset || second.offset + second.length <= array.offset;
      if ((contract.bindings[other] as BindingSpec).access === 'read' || !disjoint) {
        fail(`${name} is written while ${other} is bound to the same memory (${array.label})`);
      }
    }
  }
  return { kernel: contract.name, arrays, params: params as Record<string, number> };
}

/** Whether the call depends on what the binding held before. */
export function readsBinding(spec: BindingSpec, params: Readonly<Record<string, number>>): boolean {
  if (spec.access !== 'update') return spec.access === 'read';
  return params[spec.accumulate ?? 'accumulate'] !== 0;
}
