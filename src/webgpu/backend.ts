import type { Backend, KernelChoice, KernelProfile } from '../backend/backend.js';
import { DeviceArray, type DType } from '../backend/kernel.js';
import { contractOf } from '../backend/kernels.js';
import { Life, unheard } from '../backend/life.js';
import { planMemory } from '../backend/memory.js';
import type { Trace } from '../backend/trace.js';
import { TributaryError } from '../errors.js';
import { choiceStore } from './choice_store.js';
import { Chooser, type MadeChoice, type Tune } from './chooser.js';
import { type DeviceRequest, describeAdapter, hasQuads, type OpenedDevice, openDevice } from './device.js';
import { fuseCalls } from './fusion.js';
import { PipelineCache } from './pipelines.js';
import { type Dispatch, WebGpuPlan } from './plan.js';
import { BufferPool, type Counters } from './pool.js';
import { BYTES, checkLimits, type PreparedCall, prepareCall } from './prepare.js';
import { Profiler } from './profiler.js';
import { startRead } from './readback.js';
import { scoped, USAGE } from './scope.js';
import { SHADERS } from './shaders.js';
import { GpuStorage } from './storage.js';
import { Submitter } from './submitter.js';
import { timeCall } from './timing.js';
import { type AdapterTraits, possibleVariants } from './variants.js';
import { WorkQueue } from './work_queue.js';

export interface WebGpuOptions extends DeviceRequest {
  /** A device of the page's own, for example a renderer's. It is used and never destroyed. */
  readonly device?: GPUDevice;
  /** Values for the shaders' override constants, such as tile sizes, wherever a shader has them. */
  readonly tuning?: Readonly<Record<string, number>>;
  /** How kernels with several variants are chosen; by the fixed table if not given. */
  readonly tune?: Tune;
  /** Choices that win over all others. */
  readonly choices?: readonly MadeChoice[];
  /** Whether tiles of activations and weights are kept as float16. */
  readonly half?: boolean;
}

/** Memory comes in elements of four numbers, so that a shader may read it by these. */
const padded = (bytes: number): number => Math.ceil(bytes / 16) * 16;

/** What kernels and renderers may do with an array's memory. */
const STORAGE_USAGE = USAGE.storage | USAGE.copySource | USAGE.copyDestination | USAGE.vertex;

/** Dawn's instances in Node live as long as something refers to them. */
const instances = new Set<unknown>();

/** The WebGPU backend: every kernel as a hand-written shader, a step as a replayed plan. */
export class WebGpuBackend implements Backend {
  readonly name = 'webgpu';
  readonly precision = 'f32';
  readonly device: string;
  /** Whether the adapter is software: right, but slower than the CPU backend. */
  readonly software: boolean;
  /** The device, for a renderer that draws what kernels write. */
  readonly gpu: GPUDevice;
  /** What has been created so far. */
  readonly counters: Counters = { buffers: 0, bindGroups: 0, pipelines: 0 };
  /** Errors that no operation reported; a program that works has none. */
  readonly uncapturedErrors: string[] = [];

  private readonly life = new Life();
  private readonly queue = new WorkQueue();
  private readonly submitter: Submitter;
  private readonly pipelines: PipelineCache;
  private readonly blocks: BufferPool;
  private readonly uniforms: BufferPool;
  private readonly staging: BufferPool;
  private readonly profiler: Profiler | null;
  private readonly chooser: Chooser;
  private readonly adapter: AdapterTraits;
  private readonly storages = new Set<GpuStorage>();
  private checks: Promise<TributaryError | null>[] = [];

  private constructor(
    private readonly opened: OpenedDevice,
    private readonly owned: boolean,
    options: WebGpuOptions,
  ) {
    const { device } = opened;
    this.gpu = device;
    this.device = opened.description;
    this.software = opened.software;
    instances.add(opened.keepAlive);
    this.pipelines = new PipelineCache(device, this.counters, options.tuning);
    this.blocks = new BufferPool(device, STORAGE_USAGE, 'temporary', this.counters);
    this.uniforms = new BufferPool(
      device,
      USAGE.uniform | USAGE.copyDestination,
      'parameters',
      this.counters,
    );
    this.staging = new BufferPool(device, USAGE.mapRead | USAGE.copyDestination, 'readback', this.counters);
    const timed = options.profile === true && device.features.has('timestamp-query');
    this.profiler = timed ? new Profiler(device, this.counters) : null;
    const { tune = false, choices = [] } = options;
    this.adapter = { software: opened.software, quads: hasQuads(device), half: options.half === true };
    this.chooser = new Chooser(
      { ...this.adapter, name: this.device },
      tune,
      choices,
      choiceStore(),
      (call, variant) => timeCall(this, call, variant),
    );
    this.submitter = new Submitter(device, this.life, this.queue, this.profiler);
    device.addEventListener('uncapturederror', this.onUncaptured as EventListener);
    void device.lost.then(({ reason, message }) => {
      this.life.end(
        new TributaryError(
          'device-lost',
          `the graphics device was lost (${message || reason}): create a new engine and resume from the last checkpoint`,
        ),
      );
    });
  }

  /** @throws TributaryError `no-adapter` when there is no device to be had */
  static async create(options: WebGpuOptions = {}): Promise<WebGpuBackend> {
    const { device } = options;
    const opened = device
      ? { device, ...describeAdapter(device.adapterInfo), keepAlive: null }
      : await openDevice(options);
    return new WebGpuBackend(opened, device === undefined, options);
  }

  private readonly onUncaptured = (event: GPUUncapturedErrorEvent): void => {
    this.uncapturedErrors.push(event.error.message);
  };

  variants(kernel: string, params: Readonly<Record<string, number>>): readonly string[] {
    return possibleVariants(kernel, params, this.adapter);
  }

  allocate(length: number, label: string, dtype: DType = 'float'): DeviceArray {
    this.life.check();
    checkLimits(this.gpu.limits, length * BYTES, label);
    const { value, error } = scoped(this.gpu, `${label} (${length * BYTES} bytes)`, () =>
      this.gpu.createBuffer({ label, size: padded(length * BYTES), usage: STORAGE_USAGE }),
    );
    this.counters.buffers++;
    this.checks.push(error);
    const storage = new GpuStorage(this, dtype, length, label, value);
    this.storages.add(storage);
    return new DeviceArray(storage);
  }

  free(array: DeviceArray): void {
    const storage = array.storage as GpuStorage;
    this.storages.delete(storage);
    const { buffer } = storage;
    storage.buffer = null;
    this.enqueue(() => buffer?.destroy());
  }

  /** Where an array lies, for a renderer: the buffer and the first byte and size in it. */
  bufferOf(array: DeviceArray): { buffer: GPUBuffer; offset: number; size: number } {
    this.life.check();
    const { storage } = array;
    if (!(storage instanceof GpuStorage) || storage.owner !== this) {
      throw new TributaryError('validation', `${array.label} belongs to another engine`);
    }
    if (storage.buffer === null) throw new TributaryError('destroyed', `${array.label} has been freed`);
    return { buffer: storage.buffer, offset: array.offset * BYTES, size: array.length * BYTES };
  }

  write(array: DeviceArray, data: ArrayLike<number>): void {
    const { buffer, offset } = this.bufferOf(array);
    if (data.length > array.length) {
      throw new RangeError(`${array.label} holds ${array.length} elements, not ${data.length}`);
    }
    const Type = array.dtype === 'u32' ? Uint32Array : Float32Array;
    // A copy when the write has to wait, since the caller may change its data meanwhile.
    const bytes = data instanceof Type && this.queue.idle ? data : Type.from(data);
    this.enqueue(() => this.gpu.queue.writeBuffer(buffer, offset, bytes as Float32Array<ArrayBuffer>));
  }

  copy(source: DeviceArray, target: DeviceArray): void {
    const [from, to] = [this.bufferOf(source), this.bufferOf(target)];
    if (source.length > target.length) {
      throw new RangeError(`${target.label} holds ${target.length} elements, not ${source.length}`);
    }
    this.enqueue(() => {
      const encoder = this.gpu.createCommandEncoder();
      encoder.copyBufferToBuffer(from.buffer, from.offset, to.buffer, to.offset, from.size);
      this.gpu.queue.submit([encoder.finish()]);
    });
  }

  read(array: DeviceArray): Promise<Float32Array | Uint32Array> {
    return unheard(this.readNow(array));
  }

  private async readNow(array: DeviceArray): Promise<Float32Array | Uint32Array> {
    const { buffer, offset, size } = this.bufferOf(array);
    // Only the copy waits its turn: what is issued later need not wait until the result has arrived.
    const copied = await this.queue.add(async () => {
      this.life.check();
      return startRead(this.gpu, this.staging, buffer, offset, size, (error) => this.checks.push(error));
    });
    const copy = await copied.take(this.life);
    await this.checkCreations();
    return array.dtype === 'u32' ? new Uint32Array(copy) : new Float32Array(copy);
  }

  async compile(trace: Trace, label: string): Promise<WebGpuPlan> {
    this.life.check();
    const traced = fuseCalls(trace.calls, this.adapter);
    const { slots, slotOf } = planMemory(traced);
    slots.forEach(({ length }, i) => {
      const largest = [...slotOf].find(([, slot]) => slot === i)?.[0].label;
      checkLimits(this.gpu.limits, length * BYTES, `${label}: ${largest}`);
    });
    await this.chooser.prepare(traced);
    this.life.check();
    const { pipelines, gpu, chooser, adapter } = this;
    const calls = traced.map((call) =>
      prepareCall(call, SHADERS, pipelines, gpu.limits, chooser.variantOf(call), adapter),
    );
    const kernels = await this.life.guard(
      Promise.all(calls.map(({ shader, constants }) => this.pipelines.kernel(shader, constants))),
    );
    const check = (error: Promise<TributaryError | null>) => this.checks.push(error);
    const blocks = slots.map(({ length }) => this.blocks.acquire(length * BYTES, check));
    const scratchBytes = Math.max(0, ...calls.map((call) => call.scratchBytes));
    const scratch = scratchBytes > 0 ? this.blocks.acquire(scratchBytes, check) : null;
    const { uniform, offsets } = this.uploadUniforms(calls);

    const resolve = (array: DeviceArray): GPUBufferBinding => {
      const slot = slotOf.get(array.storage);
      const { buffer, offset, size } =
        slot === undefined
          ? this.bufferOf(array)
          : { buffer: blocks[slot], offset: array.offset * BYTES, size: array.length * BYTES };
      // What lies between an array's end and the next multiple of 16 bytes belongs to no other.
      return { buffer, offset, size: padded(size) };
    };
    const { value: dispatches, error } = scoped(this.gpu, `plan ${label}`, () =>
      calls.flatMap(
        ({ call, shader, dispatches, uniform: content, scratchBytes: bytes, work }, i): Dispatch[] => {
          const resources = [
            { buffer: uniform, offset: offsets[i], size: content.byteLength },
            // The build has checked that the shader's bindings follow the contract's order.
            ...Object.keys(contractOf(call.kernel).bindings).map((name) => resolve(call.arrays[name])),
            ...(scratch && bytes > 0 ? [{ buffer: scratch, offset: 0, size: bytes }] : []),
          ];
          const bindGroup = this.gpu.createBindGroup({
            label: `${label}: ${shader.name}`,
            layout: kernels[i].layout,
            entries: resources.map((resource, binding) => ({ binding, resource })),
          });
          this.counters.bindGroups++;
          return dispatches.map(({ entry, size }) => ({
            kernel: shader.name,
            pipeline: kernels[i].pipelines.get(entry) as GPUComputePipeline,
            bindGroup,
            size,
            work: work / dispatches.length,
          }));
        },
      ),
    );
    check(error);
    const release = () => {
      for (const block of blocks) this.blocks.release(block);
      if (scratch) this.blocks.release(scratch);
      this.uniforms.release(uniform);
    };
    try {
      await this.checkCreations();
    } catch (cause) {
      release();
      throw cause;
    }
    const bytes = slots.reduce((sum, { length }) => sum + length * BYTES, 0);
    return new WebGpuPlan(label, bytes, dispatches, this.submitter, release);
  }

  /** All parameters of a plan in one buffer. */
  private uploadUniforms(calls: readonly PreparedCall[]): { uniform: GPUBuffer; offsets: number[] } {
    const alignment = this.gpu.limits.minUniformBufferOffsetAlignment;
    let bytes = 0;
    const offsets = calls.map(({ uniform }) => {
      const offset = bytes;
      bytes += Math.ceil(uniform.byteLength / alignment) * alignment;
      return offset;
    });
    const content = new Uint8Array(Math.max(bytes, alignment));
    calls.forEach(({ uniform }, i) => {
      content.set(new Uint8Array(uniform), offsets[i]);
    });
    const uniform = this.uniforms.acquire(content.length, (error) => this.checks.push(error));
    this.enqueue(() => this.gpu.queue.writeBuffer(uniform, 0, content));
    return { uniform, offsets };
  }

  async finish(): Promise<void> {
    this.life.check();
    const { done } = await this.queue.add(async () => {
      this.life.check();
      // In an object, because a promise would be awaited right here, before what was issued later.
      return { done: this.gpu.queue.onSubmittedWorkDone() };
    });
    await this.life.guard(done.then(() => undefined));
    await this.checkCreations();
  }

  /** Time by kernel since the start; empty without `profile: true` and the feature `timestamp-query`. */
  profile(): KernelProfile[] {
    return this.profiler?.report() ?? [];
  }

  /** The variants that have been chosen so far. */
  choices(): KernelChoice[] {
    return this.chooser.list();
  }

  /** Whether `profile()` can tell anything. */
  get profiling(): boolean {
    return this.profiler !== null;
  }

  destroy(): void {
    this.life.end(new TributaryError('destroyed', 'the engine has been destroyed'));
    for (const storage of this.storages) {
      storage.buffer?.destroy();
      storage.buffer = null;
    }
    this.storages.clear();
    for (const pool of [this.blocks, this.uniforms, this.staging]) pool.destroy();
    this.profiler?.destroy();
    this.gpu.removeEventListener('uncapturederror', this.onUncaptured as EventListener);
    if (this.owned) this.gpu.destroy();
    instances.delete(this.opened.keepAlive);
  }

  /** Runs the operation once all that was issued before has been submitted; never after the end. */
  private enqueue(operation: () => void): void {
    const unlessEnded = () => {
      if (this.life.failure === null) operation();
    };
    this.queue.addNow(unlessEnded, () => undefined);
  }

  /** Throws the first error of whatever has been created since the last check. */
  private async checkCreations(): Promise<void> {
    const { checks } = this;
    this.checks = [];
    const errors = await this.life.guard(Promise.all(checks));
    const error = errors.find((found) => found !== null);
    if (error) throw error;
  }
}
