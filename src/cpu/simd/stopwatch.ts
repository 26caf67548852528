/**
 * What each thread spends its time on: every kernel, packing (copies of parts of matrices, whichever kernel
 * makes them) and waiting for other threads. A thread writes into a block of its own in shared memory.
 */
import type { KernelProfile } from '../../backend/backend.js';
import type { Kernel } from './walk.js';

/** Rows in front of the kernels'. */
const WAITING = 0;
const PACKING = 1;
const FIRST = 2;

/** Numbers a row: calls and milliseconds. */
const COLUMNS = 2;

/** Bytes that a thread's stopwatch takes. */
export const stopwatchBytes = (kernels: number): number => 8 * COLUMNS * (FIRST + kernels);

export class Stopwatch {
  private readonly times: Float64Array;
  private packingSince = 0;

  /** @param address of a thread's zeroed block */
  constructor(
    buffer: ArrayBufferLike,
    address: number,
    private readonly names: readonly string[],
  ) {
    this.times = new Float64Array(buffer, address, COLUMNS * (FIRST + names.length));
  }

  private add(row: number, ms: number): void {
    this.times[COLUMNS * row]++;
    this.times[COLUMNS * row + 1] += ms;
  }

  /** What the kernels call when they begin to pack and when they are done. */
  readonly packing = (begins: number): void => {
    if (begins !== 0) this.packingSince = performance.now();
    else this.add(PACKING, performance.now() - this.packingSince);
  };

  /** The kernel, timed without the packing inside it. */
  private timed(kernel: Kernel, index: number): Kernel {
    return (descriptor, start, end, scratch) => {
      const packed = this.times[COLUMNS * PACKING + 1];
      const began = performance.now();
      kernel(descriptor, start, end, scratch);
      this.add(FIRST + index, performance.now() - began - (this.times[COLUMNS * PACKING + 1] - packed));
    };
  }

  /** The module's kernels, timed. */
  kernels(exports: WebAssembly.Exports): Kernel[] {
    (exports.timed as WebAssembly.Global).value = 1;
    return this.names.map((name, index) => this.timed(exports[name] as Kernel, index));
  }

  now(): number {
    return performance.now();
  }

  /** Notes a wait that began at `began`, by `now`. */
  waited(began = 0): void {
    this.add(WAITING, performance.now() - began);
  }

  /** Calls and milliseconds by row. */
  rows(): { kernel: string; calls: number; ms: number }[] {
    return ['waiting', 'packing', ...this.names].map((kernel, row) => ({
      kernel,
      calls: this.times[COLUMNS * row],
      ms: this.times[COLUMNS * row + 1],
    }));
  }
}

/** The mean over the threads, so that the rows add up to the time that passed. Slowest first. */
export function threadsProfile(threads: readonly Stopwatch[]): KernelProfile[] {
  const [first, ...others] = threads.map((one) => one.rows());
  return (first ?? [])
    .map(({ kernel, calls, ms }, row) => ({
      kernel,
      calls: others.reduce((sum, rows) => sum + rows[row].calls, calls),
      ms: others.reduce((sum, rows) => sum + rows[row].ms, ms) / threads.length,
    }))
    .filter(({ calls }) => calls > 0)
    .sort((a, b) => b.ms - a.ms);
}
