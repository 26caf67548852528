import { CpuRunner } from './cpu_runner.js';
import type { GpuRunner } from './gpu_runner.js';
import type { ModelChoice, SampleChoice } from './recipe.js';
import type { Runner, Sight, Trouble } from './runner.js';

/**
 * Particles on a software adapter, which takes seconds to compile the network's kernel: until it has moved them to
 * their end, the processor's are shown. They are the same ones, of the same seed.
 */
export class Understudy implements Runner {
  private cpu: CpuRunner | null;
  private finishing = false;

  constructor(
    private readonly gpu: GpuRunner,
    trouble: Trouble,
  ) {
    this.cpu = new CpuRunner(trouble);
  }

  private get lead(): Runner {
    return this.cpu ?? this.gpu;
  }

  get kind() {
    return this.lead.kind;
  }

  get device(): string {
    return this.lead.device;
  }

  get reach(): number {
    return this.lead.reach;
  }

  /** Below 0 for the processor's, so that the change of runners is a change as well. */
  get version(): number {
    return this.cpu !== null ? -1 - this.cpu.version : this.gpu.version;
  }

  show(choice: ModelChoice, bytes: Uint8Array, sampling: SampleChoice): void {
    this.cpu?.show(choice, bytes, sampling);
    this.gpu.show(choice, bytes, sampling);
  }

  pump(t: number): void {
    this.cpu?.pump(t);
    this.gpu.pump(t);
    if (this.cpu !== null && this.gpu.reach === 1 && !this.finishing) void this.finish();
  }

  /** Hands over once the device has done what was submitted: until then its states hold something else. */
  private async finish(): Promise<void> {
    this.finishing = true;
    try {
      await this.gpu.finish();
      if (this.gpu.reach === 1) this.handOver();
    } catch {
      // A lost device is noticed by itself.
    } finally {
      this.finishing = false;
    }
  }

  private handOver(): void {
    this.cpu?.destroy();
    this.cpu = null;
  }

  sight(t: number): Sight | null {
    return this.lead.sight(t);
  }

  ends(): Promise<Float64Array> | null {
    return this.lead.ends();
  }

  /** The graphics device's own. */
  async samples(): Promise<Float64Array> {
    const points = await this.gpu.samples();
    this.handOver();
    return points;
  }

  velocity(t: number, points: Float64Array, label: number): Promise<Float64Array> | null {
    return this.lead.velocity(t, points, label);
  }

  destroy(): void {
    this.handOver();
    this.gpu.destroy();
  }
}
