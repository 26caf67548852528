/** A compiled trace: everything that its steps need on the device exists once, and a step only replays it. */
import type { Plan } from '../backend/backend.js';
import { TributaryError } from '../errors.js';
import { Profiler } from './profiler.js';
import type { Submitter } from './submitter.js';

/** One dispatch of a step. */
export interface Dispatch {
  readonly kernel: string;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly size: readonly [number, number];
  /** Multiply-adds, or numbers touched, roughly. */
  readonly work: number;
}

/** How long a submission should take: long enough to hide its cost, short enough to stay responsive. */
const TARGET_MS = 40;
/** Dispatches a submission holds at most: encoding them must not stall the page. */
const MAX_DISPATCHES = 2048;
/** Dispatches of the first submission, before it is known how long they take. */
const FIRST_DISPATCHES = 2;
/**
 * Work that always goes together, a millisecond of a software adapter's: a submission of less would wait longer for
 * others, such as a page's frames, than it takes.
 */
const LEAST_WORK = 2 ** 20;

export class WebGpuPlan implements Plan {
  private readonly leastPerSubmit: number;
  private perSubmit: number;
  /** Dispatches that have passed validation: every step is the same commands, and what passes once passes always. */
  private verified = 0;
  private released = false;

  /**
   * @param checkRun runs before anything is submitted: throws when the backend cannot work any more
   * @param release gives the plan's memory back
   */
  constructor(
    readonly label: string,
    readonly temporaryBytes: number,
    private readonly dispatches: readonly Dispatch[],
    private readonly submitter: Submitter,
    private readonly release: () => void,
  ) {
    const work = dispatches.reduce((sum, dispatch) => sum + dispatch.work, 0);
    const together = Math.floor((LEAST_WORK * dispatches.length) / Math.max(1, work));
    this.leastPerSubmit = Math.max(1, Math.min(MAX_DISPATCHES, together));
    this.perSubmit = Math.max(FIRST_DISPATCHES, this.leastPerSubmit);
  }

  run(times: number): Promise<void> {
    return this.submitter.queue.add(() => this.runSteps(times));
  }

  destroy(): void {
    if (this.released) return;
    this.submitter.queue.addNow(
      () => {
        this.released = true;
        this.release();
      },
      () => undefined,
    );
  }

  private async runSteps(times: number): Promise<void> {
    const { submitter } = this;
    submitter.life.check();
    if (this.released) throw new TributaryError('destroyed', `plan ${this.label} has been destroyed`);
    if (this.dispatches.length === 0) return;
    const { length } = this.dispatches;
    const limit = submitter.profiler ? Profiler.capacity : MAX_DISPATCHES;
    const total = times * length;
    // A submission ends where its time is up, in the middle of a step too: what others submit, such as a page's
    // frames, gets its turn between two.
    for (let done = 0; done < total; ) {
      const asked = Math.min(this.perSubmit, limit);
      const count = Math.min(total - done, asked);
      const first = done;
      await submitter.submit(
        (encoder) => this.encode(encoder, first, count),
        (ms) => this.adapt(ms, count, count === asked),
        this.verified < length ? `plan ${this.label}` : null,
      );
      done += count;
      this.verified = Math.max(this.verified, Math.min(done, length));
    }
  }

  /** Steers towards the target, by at most a factor of two either way. */
  private adapt(ms: number, count: number, full: boolean): void {
    // The rest of a run says little, unless it took too long.
    if (!full && ms < TARGET_MS) return;
    const ideal = (count * TARGET_MS) / Math.max(ms, 0.1);
    const next = Math.min(2 * this.perSubmit, Math.max(this.perSubmit / 2, ideal));
    this.perSubmit = Math.max(this.leastPerSubmit, Math.min(MAX_DISPATCHES, Math.round(next)));
  }

  private encode(encoder: GPUCommandEncoder, first: number, count: number): void {
    const { submitter, dispatches } = this;
    const { profiler } = submitter;
    const { length } = dispatches;
    if (profiler) {
      for (let i = first; i < first + count; i++) {
        const pass = encoder.beginComputePass(profiler.pass(dispatches[i % length].kernel));
        this.dispatch(pass, dispatches[i % length]);
        pass.end();
      }
      profiler.resolve(encoder);
      return;
    }
    const pass = encoder.beginComputePass({ label: this.label });
    for (let i = first; i < first + count; i++) this.dispatch(pass, dispatches[i % length]);
    pass.end();
  }

  private dispatch(pass: GPUComputePassEncoder, { pipeline, bindGroup, size }: Dispatch): void {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(size[0], size[1]);
  }
}
