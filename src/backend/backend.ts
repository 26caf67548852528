import type { DeviceArray, DType } from './kernel.js';
import type { Trace } from './trace.js';

export type BackendName = 'cpu' | 'webgpu';

/** A compiled trace that can be run again and again without allocating anything. */
export interface Plan {
  readonly label: string;
  /** Bytes of memory shared by the plan's temporaries. */
  readonly temporaryBytes: number;
  /**
   * Runs the plan `times` times in a row. The promise settles when the backend can take more work, not when
   * the work is done: a GPU is still busy then. `Backend.read` waits for what it reads.
   */
  run(times: number): Promise<void>;
  destroy(): void;
}

/** What one kernel has cost so far. */
export interface KernelProfile {
  readonly kernel: string;
  readonly calls: number;
  /** Milliseconds in all calls together. Devices round single times to as much as 0.1 ms. */
  readonly ms: number;
}

/** Which of a kernel's variants calls of one size take on this engine. */
export interface KernelChoice {
  readonly kernel: string;
  /** The sizes, in words. */
  readonly shape: string;
  readonly variant: string;
  /** By the fixed table, by what was measured now, or by what was measured before and kept. */
  readonly by: 'fixed' | 'tuned' | 'kept';
  /** What was measured, in milliseconds by variant. */
  readonly ms?: Readonly<Record<string, number>>;
}

/**
 * Where kernels run. Work is ordered: a write, a run and a read take effect in the order in which they were
 * issued, and nothing returns a result without a promise, because on a GPU there is none yet.
 */
export interface Backend {
  readonly name: BackendName;
  /** What does the arithmetic, for reports: "CPU, 2 cores" or the adapter's description. */
  readonly device: string;
  /** What `float` means here. */
  readonly precision: 'f32' | 'f64';
  /** How many particles a sampler does well to move together. */
  readonly particleTile?: number;
  /** The variants of a kernel that can take a call; none where the backend has but one way. */
  variants?(kernel: string, params: Readonly<Record<string, number>>): readonly string[];
  /** Zeroed memory. */
  allocate(length: number, label: string, dtype?: DType): DeviceArray;
  free(array: DeviceArray): void;
  /** Copies `data` into the array from its first element on. */
  write(array: DeviceArray, data: ArrayLike<number>): void;
  /** Copies `source` into the beginning of `target`, both of one type, on the device. */
  copy(source: DeviceArray, target: DeviceArray): void;
  /** A copy of the array's content once all work issued before has finished. */
  read(array: DeviceArray): Promise<Float32Array | Float64Array | Uint32Array>;
  compile(trace: Trace, label: string): Promise<Plan>;
  /** Waits until all issued work has finished. */
  finish(): Promise<void>;
  /** Time by kernel since the start, where the engine was created to measure it and can; else empty. */
  profile?(): KernelProfile[];
  /** The variants that have been chosen so far, where kernels have several. */
  choices?(): KernelChoice[];
  /** Frees everything that this backend allocated; what it was given stays. */
  destroy(): void;
}
