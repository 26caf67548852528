/** Hands work to the device's queue, and never runs far ahead of it. */
import type { Life } from './life.js';
import type { Profiler } from './profiler.js';
import { scoped } from './scope.js';
import type { WorkQueue } from './workQueue.js';

/** Submissions that may be under way: the device is never idle with two, and stays close behind with three. */
const IN_FLIGHT = 3;

type Encode = (encoder: GPUCommandEncoder) => void;

export class Submitter {
  private readonly inFlight: Promise<void>[] = [];
  private lastDone = 0;
  private lastMs: number | null = null;

  constructor(
    private readonly device: GPUDevice,
    readonly life: Life,
    readonly queue: WorkQueue,
    readonly profiler: Profiler | null,
  ) {}

  private send(encode: Encode): void {
    const encoder = this.device.createCommandEncoder();
    encode(encoder);
    this.device.queue.submit([encoder.finish()]);
  }

  /**
   * Submits, and waits while too much is under way.
   * @returns how long a recent submission took, or null when it is not known
   */
  async submit(encode: Encode): Promise<number | null> {
    this.life.check();
    const submitted = performance.now();
    this.send(encode);
    if (this.profiler) {
      await this.profiler.collect((promise) => this.life.guard(promise));
      return performance.now() - submitted;
    }
    const done = this.device.queue.onSubmittedWorkDone().then(() => {
      const now = performance.now();
      // It started when it was submitted or when the one before it ended.
      this.lastMs = now - Math.max(submitted, this.lastDone);
      this.lastDone = now;
    });
    done.catch(() => undefined);
    this.inFlight.push(done);
    this.lastMs = null;
    if (this.inFlight.length >= IN_FLIGHT) await this.life.guard(this.inFlight.shift() as Promise<void>);
    return this.lastMs;
  }

  /** Submits inside an error scope and waits for the verdict. */
  async submitChecked(what: string, encode: Encode): Promise<void> {
    this.life.check();
    const { error } = scoped(this.device, what, () => this.send(encode));
    const found = await this.life.guard(error);
    if (found) throw found;
    if (this.profiler) await this.profiler.collect((promise) => this.life.guard(promise));
  }
}
