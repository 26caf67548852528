import type { Backend, KernelProfile, Plan } from '../../backend/backend.js';
import { DeviceArray, type DType, type KernelCall, type Storage } from '../../backend/kernel.js';
import type { KernelName } from '../../backend/kernels.js';
import { unheard } from '../../backend/life.js';
import { planMemory } from '../../backend/memory.js';
import type { Trace } from '../../backend/trace.js';
import { badInput, TributaryError } from '../../errors.js';
import { REFERENCES } from '../references.js';
import { Heap } from './heap.js';
import { loadKernels } from './load.js';
import { availableThreads, Pool } from './pool.js';
import { ProgramBuilder } from './program.js';
import { schedule } from './schedule.js';
import { Stopwatch, stopwatchBytes, threadsProfile } from './stopwatch.js';
import { CONTROL_WORDS, kernelNames, SCRATCH_BYTES } from './walk.js';

type Memory = Float32Array | Uint32Array;

/** More threads than this do not pay for networks of the sizes in use here. */
const MOST_THREADS = 16;

export interface SimdOptions {
  /** Threads to compute with, the calling one included; as many as there are cores if not given. */
  readonly threads?: number | undefined;
  /** Whether to use fused multiply-adds where there are any; tests also go without. */
  readonly relaxed?: boolean;
  /** Whether to time every kernel, packing and waiting, for `profile()`. */
  readonly profile?: boolean;
}

class HeapStorage implements Storage {
  readonly temporary = false;

  constructor(
    readonly owner: SimdBackend,
    readonly dtype: DType,
    readonly length: number,
    readonly label: string,
    /** −1 once freed. */
    public address: number,
  ) {}
}

class SimdPlan implements Plan {
  constructor(
    readonly label: string,
    readonly temporaryBytes: number,
    private readonly backend: SimdBackend,
    private program: number,
    private readonly blocks: number[],
    private readonly hosts: readonly (() => void)[],
  ) {}

  run(times: number): Promise<void> {
    return this.backend.runProgram(this.label, this.program, times, (index) => this.hosts[index]());
  }

  destroy(): void {
    const blocks = this.blocks.splice(0);
    this.program = -1;
    this.backend.later(() => {
      for (const block of blocks) this.backend.heap.release(block);
    });
  }
}

/**
 * The fast CPU backend: WebAssembly SIMD kernels on threads that share one memory. The reference backend
 * judges it; `float` is float32.
 */
export class SimdBackend implements Backend {
  readonly name = 'cpu';
  readonly precision = 'f32';
  /** Enough rows for every thread to have several tiles, few enough that a few particles stay cheap. */
  readonly particleTile = 960;
  readonly device: string;
  private readonly storages = new Set<HeapStorage>();
  private readonly names: readonly string[];
  private readonly kernelIndex: ReadonlyMap<string, number>;
  /** Runs that have not finished; everything issued behind one waits for it. */
  private running: Promise<void> | null = null;

  private constructor(
    readonly heap: Heap,
    private readonly pool: Pool,
    private readonly stopwatches: readonly number[],
    fused: boolean,
  ) {
    this.names = kernelNames(pool.module);
    this.kernelIndex = new Map(this.names.map((name, index) => [name, index]));
    const threads = pool.parts === 1 ? 'one thread' : `${pool.parts} threads`;
    this.device = `CPU, ${threads}, WebAssembly ${fused ? 'relaxed SIMD' : 'SIMD'}`;
  }

  /** @throws TributaryError('bad-input') for a number of threads that makes no sense */
  static async create(options: SimdOptions = {}): Promise<SimdBackend> {
    const available = Math.min(MOST_THREADS, availableThreads());
    const wanted = options.threads ?? available;
    if (!Number.isInteger(wanted) || wanted < 1 || wanted > 256) {
      badInput(`threads is ${wanted}; it must be a whole number from 1 to 256`);
    }
    // Where memory cannot be shared there is one thread, whatever was asked for.
    const threads = availableThreads() === 1 && typeof document !== 'undefined' ? 1 : wanted;
    const { module, fused } = await loadKernels(options.relaxed);
    const heap = new Heap();
    const control = heap.allocate(4 * CONTROL_WORDS, 'thread control');
    const scratch = Array.from({ length: threads }, () => heap.allocate(SCRATCH_BYTES, 'thread scratch'));
    const bytes = stopwatchBytes(kernelNames(module).length);
    const stopwatches = options.profile ? scratch.map(() => heap.allocate(bytes, 'stopwatch')) : [];
    const pool = await Pool.create(module, heap.memory, control, scratch, stopwatches);
    return new SimdBackend(heap, pool, stopwatches, fused);
  }

  get threads(): number {
    return this.pool.parts;
  }

  allocate(length: number, label: string, dtype: DType = 'float'): DeviceArray {
    this.checkAlive();
    const storage = new HeapStorage(this, dtype, length, label, this.heap.allocate(4 * length, label));
    this.storages.add(storage);
    return new DeviceArray(storage);
  }

  free(array: DeviceArray): void {
    const storage = array.storage as HeapStorage;
    if (!this.storages.delete(storage)) return;
    const { address } = storage;
    storage.address = -1;
    this.later(() => this.heap.release(address));
  }

  write(array: DeviceArray, data: ArrayLike<number>): void {
    const view = this.viewOf(array);
    if (this.running === null) view.set(data);
    else {
      const copy = Array.from(data);
      this.later(() => view.set(copy));
    }
  }

  copy(source: DeviceArray, target: DeviceArray): void {
    const [from, to] = [this.viewOf(source), this.viewOf(target)];
    if (this.running === null) to.set(from);
    else this.later(() => to.set(from));
  }

  read(array: DeviceArray): Promise<Memory> {
    return unheard(this.readNow(array));
  }

  private async readNow(array: DeviceArray): Promise<Memory> {
    const view = this.viewOf(array);
    if (this.running === null) return view.slice();
    // In its turn: what is written or run after this call must not show.
    let content: Memory | undefined;
    const copied = this.running.then(() => {
      // What a run that has not come to its end has left is nobody's result.
      this.checkAlive();
      content = view.slice();
    });
    this.enqueue(copied);
    await copied;
    return content as Memory;
  }

  async compile(trace: Trace, label: string): Promise<Plan> {
    this.checkAlive();
    const phases = schedule(trace.calls);
    const calls = phases.flatMap((phase) => phase.calls);
    const phaseOf = phases.flatMap((phase, index) => phase.calls.map(() => index));
    const { slots, slotOf } = planMemory(calls, (index) => phaseOf[index]);
    const blocks: number[] = [];
    const allocate = (bytes: number, what: string) => {
      const address = this.heap.allocate(bytes, `${label}: ${what}`);
      blocks.push(address);
      return address;
    };
    const temporaries = slots.map(({ length }) => allocate(4 * length, 'temporary'));
    const address = (array: DeviceArray) => {
      const slot = slotOf.get(array.storage);
      return slot === undefined ? this.addressOf(array) : temporaries[slot] + 4 * array.offset;
    };
    const hosts: (() => void)[] = [];
    const host = (call: KernelCall) => hosts.push(this.reference(call, address)) - 1;
    const view = () => {
      const { buffer } = this.heap.memory;
      return { words: new Int32Array(buffer), numbers: new Float64Array(buffer) };
    };
    const context = { threads: this.threads, kernelIndex: this.kernelIndex, address, allocate, view, host };
    const program = new ProgramBuilder(context, phases).build();
    const bytes = slots.reduce((sum, { length }) => sum + 4 * length, 0);
    return new SimdPlan(label, bytes, this, program, blocks, hosts);
  }

  /** A reference kernel on this memory. */
  private reference(call: KernelCall, address: (array: DeviceArray) => number): () => void {
    const run = REFERENCES[call.kernel as KernelName] as (
      arrays: Record<string, Memory>,
      params: Readonly<Record<string, number>>,
    ) => void;
    const bound = Object.fromEntries(
      Object.entries(call.arrays).map(([name, array]) => [
        name,
        this.view(array.dtype, address(array), array.length),
      ]),
    );
    return () => run(bound, call.params);
  }

  /** Runs a plan's program behind everything issued before. */
  runProgram(label: string, program: number, times: number, host: (index: number) => void): Promise<void> {
    const start = () => {
      this.checkAlive();
      if (program < 0) throw new TributaryError('destroyed', `plan ${label} has been destroyed`);
      return this.pool.run(program, times, host);
    };
    const run = this.running === null ? (async () => start())() : this.running.then(start);
    this.enqueue(run);
    return run;
  }

  /** Makes what is issued from now on wait for `work`, whether it succeeds or fails. */
  private enqueue(work: Promise<void>): void {
    const done = () => {
      if (this.running === settled) this.running = null;
    };
    const settled: Promise<void> = work.then(done, done);
    this.running = settled;
  }

  /** Does something once the runs issued so far have finished: now, if there are none. */
  later(action: () => void): void {
    if (this.running === null) action();
    else this.enqueue(this.running.then(action));
  }

  async finish(): Promise<void> {
    this.checkAlive();
    await this.running;
    this.checkAlive();
  }

  /** Time by kernel, packing and waiting since the start; empty without `profile: true`. */
  profile(): KernelProfile[] {
    const { buffer } = this.heap.memory;
    return threadsProfile(this.stopwatches.map((address) => new Stopwatch(buffer, address, this.names)));
  }

  destroy(): void {
    this.pool.destroy();
    this.storages.clear();
  }

  private view(dtype: DType, address: number, length: number): Memory {
    const { buffer } = this.heap.memory;
    return dtype === 'u32'
      ? new Uint32Array(buffer, address, length)
      : new Float32Array(buffer, address, length);
  }

  private viewOf(array: DeviceArray): Memory {
    return this.view(array.dtype, this.addressOf(array), array.length);
  }

  private addressOf(array: DeviceArray): number {
    this.checkAlive();
    const storage = array.storage;
    if (!(storage instanceof HeapStorage) || storage.owner !== this) {
      throw new TributaryError('validation', `${array.label} belongs to another engine`);
    }
    if (storage.address < 0) throw new TributaryError('destroyed', `${array.label} has been freed`);
    return storage.address + 4 * array.offset;
  }

  private checkAlive(): void {
    this.pool.life.check();
  }
}
