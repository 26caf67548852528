import {
  type BindingSpec,
  DeviceArray,
  type DType,
  type KernelCall,
  type KernelContract,
  kernelCall,
  type Params,
  type Storage,
} from './kernel.js';

/** Memory that exists only while a plan runs; which block it gets is decided when the plan is compiled. */
class TemporaryStorage implements Storage {
  readonly temporary = true;
  constructor(
    readonly dtype: DType,
    readonly length: number,
    readonly label: string,
  ) {}
}

/**
 * A recording of kernel calls. Nothing runs while it is made: a backend compiles it into a plan once and then
 * replays that plan.
 */
export class Trace {
  readonly calls: KernelCall[] = [];

  /** Memory for a value that no other run of the plan needs. Its content is undefined until it is written. */
  temporary(length: number, label: string, dtype: DType = 'float'): DeviceArray {
    return new DeviceArray(new TemporaryStorage(dtype, length, label));
  }

  /** Appends a call; throws as {@link kernelCall} does. */
  call<B extends Record<string, BindingSpec>, P extends Record<string, 'u32' | 'f32'>>(
    contract: KernelContract<B, P>,
    arrays: { readonly [K in keyof B]: DeviceArray },
    params: Params<P>,
  ): void {
    this.calls.push(kernelCall(contract, arrays, params));
  }
}
