import type { Backend, Plan } from '../backend/backend.js';
import { DeviceArray, type DType, type Storage } from '../backend/kernel.js';
import type { KernelName } from '../backend/kernels.js';
import { unheard } from '../backend/life.js';
import { planMemory } from '../backend/memory.js';
import type { Trace } from '../backend/trace.js';
import { TributaryError } from '../errors.js';
import type { FloatArray } from './reference.js';
import { REFERENCES } from './references.js';

type Memory = FloatArray | Uint32Array;

class CpuStorage implements Storage {
  readonly temporary = false;
  memory: Memory | null;

  constructor(
    readonly owner: CpuBackend,
    readonly dtype: DType,
    readonly length: number,
    readonly label: string,
    memory: Memory,
  ) {
    this.memory = memory;
  }
}

type BoundKernel = () => void;

class CpuPlan implements Plan {
  constructor(
    readonly label: string,
    readonly temporaryBytes: number,
    private readonly isDestroyed: () => boolean,
    private calls: readonly BoundKernel[],
  ) {}

  async run(times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      if (this.isDestroyed())
        throw new TributaryError('destroyed', `plan ${this.label} ran on a destroyed engine`);
      for (const call of this.calls) call();
    }
  }

  destroy(): void {
    this.calls = [];
  }
}

/** The reference backend: every kernel in plain TypeScript on the calling thread. */
export class CpuBackend implements Backend {
  readonly name = 'cpu';
  readonly device = 'CPU, one thread, without SIMD';
  private readonly storages = new Set<CpuStorage>();
  private destroyed = false;

  /** @param precision float64 is for checks by finite differences */
  constructor(readonly precision: 'f32' | 'f64' = 'f32') {}

  private memoryFor(dtype: DType, length: number): Memory {
    if (dtype === 'u32') return new Uint32Array(length);
    return this.precision === 'f64' ? new Float64Array(length) : new Float32Array(length);
  }

  allocate(length: number, label: string, dtype: DType = 'float'): DeviceArray {
    this.checkAlive();
    const storage = new CpuStorage(this, dtype, length, label, this.memoryFor(dtype, length));
    this.storages.add(storage);
    return new DeviceArray(storage);
  }

  free(array: DeviceArray): void {
    const storage = array.storage as CpuStorage;
    storage.memory = null;
    this.storages.delete(storage);
  }

  write(array: DeviceArray, data: ArrayLike<number>): void {
    this.memoryOf(array).set(data);
  }

  copy(source: DeviceArray, target: DeviceArray): void {
    this.memoryOf(target).set(this.memoryOf(source));
  }

  read(array: DeviceArray): Promise<Memory> {
    return unheard((async () => this.memoryOf(array).slice())());
  }

  async compile(trace: Trace, label: string): Promise<Plan> {
    this.checkAlive();
    const { slots, slotOf } = planMemory(trace.calls);
    const blocks = slots.map(({ dtype, length }) => this.memoryFor(dtype, length));
    const resolve = (array: DeviceArray): Memory => {
      const slot = slotOf.get(array.storage);
      if (slot === undefined) return this.memoryOf(array);
      return blocks[slot].subarray(array.offset, array.offset + array.length);
    };
    const calls = trace.calls.map(({ kernel, arrays, params }): BoundKernel => {
      const run = REFERENCES[kernel as KernelName] as (
        arrays: Record<string, Memory>,
        params: Record<string, number>,
      ) => void;
      const bound = Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, resolve(array)]));
      return () => run(bound, params);
    });
    const bytes = blocks.reduce((sum, block) => sum + block.byteLength, 0);
    return new CpuPlan(label, bytes, () => this.destroyed, calls);
  }

  async finish(): Promise<void> {
    this.checkAlive();
  }

  destroy(): void {
    for (const storage of this.storages) storage.memory = null;
    this.storages.clear();
    this.destroyed = true;
  }

  private memoryOf(array: DeviceArray): Memory {
    this.checkAlive();
    const storage = array.storage;
    if (!(storage instanceof CpuStorage) || storage.owner !== this) {
      throw new TributaryError('validation', `${array.label} belongs to another engine`);
    }
    if (storage.memory === null) throw new TributaryError('destroyed', `${array.label} has been freed`);
    return storage.memory.subarray(array.offset, array.offset + array.length);
  }

  private checkAlive(): void {
    if (this.destroyed) throw new TributaryError('destroyed', 'the engine has been destroyed');
  }
}
