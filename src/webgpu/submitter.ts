/** Hands work to the device's queue, and never runs far ahead of it. */
import type { Life } from '../backend/life.js';
import type { Profiler } from './profiler.js';
import { scoped } from './scope.js';
import type { WorkQueue } from './work_queue.js';

/** Submissions that may be under way: the device is never idle with two, and stays close behind with three. */
const IN_FLIGHT = 3;

type Encode = (encoder: GPUCommandEncoder) => void;

export class Submitter {
  private readonly inFlight: Promise<void>[] = [];
  private lastDone = 0;

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
   * @param onDone is told how long the device took, in milliseconds; later, for the call does not wait for it
   * @param checked what the commands are, where their validation is to be waited for; else null
   * @throws TributaryError for commands that are checked and not valid
   */
  async submit(encode: Encode, onDone: (ms: number) => void, checked: string | null): Promise<void> {
    this.life.check();
    const submitted = performance.now();
    if (checked === null) this.send(encode);
    else {
      const { error } = scoped(this.device, checked, () => this.send(encode));
      const found = await this.life.guard(error);
      if (found) throw found;
    }
    if (this.profiler) {
      await this.profiler.collect((promise) => this.life.guard(promise));
      onDone(performance.now() - submitted);
      return;
    }
    const done = this.device.queue.onSubmittedWorkDone().then(() => {
      const now = performance.now();
      // It started when it was submitted or when the one before it ended.
      onDone(now - Math.max(submitted, this.lastDone));
      this.lastDone = now;
    });
    done.catch(() => undefined);
    this.inFlight.push(done);
    if (this.inFlight.length >= IN_FLIGHT) await this.life.guard(this.inFlight.shift() as Promise<void>);
  }
}
