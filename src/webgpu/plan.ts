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
}

/** How long a submission should take: long enough to hide its cost, short enough to stay responsive. */
const TARGET_MS = 40;
/** Dispatches a submission holds at most: encoding them must not stall the page. */
const MAX_DISPATCHES = 2048;

export class WebGpuPlan implements Plan {
  private stepsPerSubmit = 1;
  private verified = false;
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
  ) {}

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
    const limit = submitter.profiler ? Profiler.capacity : MAX_DISPATCHES;
    const most = Math.max(1, Math.floor(limit / this.dispatches.length));
    for (let done = 0; done < times; ) {
      const steps = Math.min(times - done, this.stepsPerSubmit, most);
      const encode = (encoder: GPUCommandEncoder) => this.encode(encoder, steps);
      if (this.verified) {
        const ms = await submitter.submit(encode);
        if (ms !== null && steps === this.stepsPerSubmit) this.adapt(ms, most);
      } else {
        // Every step is the same commands: what passes validation once passes it always.
        await submitter.submitChecked(`plan ${this.label}`, encode);
        this.verified = true;
      }
      done += steps;
    }
  }

  /** Steers towards the target, by at most a factor of two either way. */
  private adapt(ms: number, most: number): void {
    const ideal = (this.stepsPerSubmit * TARGET_MS) / Math.max(ms, 0.1);
    const next = Math.min(2 * this.stepsPerSubmit, Math.max(this.stepsPerSubmit / 2, ideal));
    this.stepsPerSubmit = Math.max(1, Math.min(most, Math.round(next)));
  }

  private encode(encoder: GPUCommandEncoder, steps: number): void {
    const { profiler } = this.submitter;
    if (profiler) {
      for (let step = 0; step < steps; step++) {
        for (const dispatch of this.dispatches) {
          const pass = encoder.beginComputePass(profiler.pass(dispatch.kernel));
          this.dispatch(pass, dispatch);
          pass.end();
        }
      }
      profiler.resolve(encoder);
      return;
    }
    const pass = encoder.beginComputePass({ label: this.label });
    for (let step = 0; step < steps; step++) {
      for (const dispatch of this.dispatches) this.dispatch(pass, dispatch);
    }
    pass.end();
  }

  private dispatch(pass: GPUComputePassEncoder, { pipeline, bindGroup, size }: Dispatch): void {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(size[0], size[1]);
  }
}
