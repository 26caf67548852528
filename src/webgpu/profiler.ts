/** Time spent in every kernel, by the device's own clock. */
import type { KernelProfile } from '../backend/backend.js';
import type { Counters } from './pool.js';
import { MAP_READ, USAGE } from './scope.js';

/** Timestamps in a query set; a dispatch takes two. */
const TIMESTAMPS = 4096;

export class Profiler {
  /** Dispatches that one submission can time. */
  static readonly capacity = TIMESTAMPS / 2;

  private readonly times = new Map<string, { calls: number; ms: number }>();
  private readonly queries: GPUQuerySet;
  private readonly resolved: GPUBuffer;
  private readonly staging: GPUBuffer;
  private names: string[] = [];

  constructor(device: GPUDevice, counters: Counters) {
    this.queries = device.createQuerySet({ label: 'profile', type: 'timestamp', count: TIMESTAMPS });
    const size = TIMESTAMPS * 8;
    this.resolved = device.createBuffer({
      label: 'profile',
      size,
      usage: USAGE.queryResolve | USAGE.copySource,
    });
    this.staging = device.createBuffer({
      label: 'profile',
      size,
      usage: USAGE.mapRead | USAGE.copyDestination,
    });
    counters.buffers += 2;
  }

  /** The pass of one timed dispatch, of up to `capacity` a submission. */
  pass(kernel: string): GPUComputePassDescriptor {
    const first = 2 * this.names.length;
    this.names.push(kernel);
    return {
      label: kernel,
      timestampWrites: {
        querySet: this.queries,
        beginningOfPassWriteIndex: first,
        endOfPassWriteIndex: first + 1,
      },
    };
  }

  resolve(encoder: GPUCommandEncoder): void {
    const count = 2 * this.names.length;
    encoder.resolveQuerySet(this.queries, 0, count, this.resolved, 0);
    encoder.copyBufferToBuffer(this.resolved, 0, this.staging, 0, count * 8);
  }

  /** Adds up the times of the submission that was resolved last. */
  async collect(guard: <T>(promise: Promise<T>) => Promise<T>): Promise<void> {
    const names = this.names;
    this.names = [];
    await guard(this.staging.mapAsync(MAP_READ, 0, names.length * 16));
    const stamps = new BigUint64Array(this.staging.getMappedRange(0, names.length * 16).slice(0));
    this.staging.unmap();
    names.forEach((kernel, i) => {
      const entry = this.times.get(kernel) ?? { calls: 0, ms: 0 };
      entry.calls++;
      // A clock that runs backwards between two passes happens; it must not eat the others' time.
      entry.ms += Math.max(0, Number(stamps[2 * i + 1] - stamps[2 * i])) / 1e6;
      this.times.set(kernel, entry);
    });
  }

  /** Slowest first. */
  report(): KernelProfile[] {
    return [...this.times]
      .map(([kernel, { calls, ms }]) => ({ kernel, calls, ms }))
      .sort((a, b) => b.ms - a.ms);
  }

  destroy(): void {
    this.queries.destroy();
    this.resolved.destroy();
    this.staging.destroy();
  }
}
