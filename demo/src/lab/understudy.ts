import { CpuRunner } from './cpu_runner.js';
import type { GpuRunner } from './gpu_runner.js';
import type { ModelChoice, SampleChoice } from './recipe.js';
import { type Runner, type Sight, sameSampling, type Trouble } from './runner.js';

/** Milliseconds for which model and choice have stayed the same before the adapter begins. */
const REST = 1000;

/**
 * Particles on a software adapter, which takes seconds to compile the network's kernel, and seconds a trajectory:
 * until it has moved them to their end, the processor's are shown. They are the same ones, of the same seed.
 */
export class Understudy implements Runner {
  private readonly cpu: CpuRunner;
  private lead: Runner;
  private asked: { bytes: Uint8Array; sampling: SampleChoice; at: number } | null = null;

  constructor(
    private readonly gpu: GpuRunner,
    trouble: Trouble,
  ) {
    this.cpu = new CpuRunner(trouble);
    this.lead = this.cpu;
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

  get pending(): boolean {
    return this.lead.pending;
  }

  get failed(): boolean {
    return this.lead.failed;
  }

  get shown(): ModelChoice | null {
    return this.lead.shown;
  }

  get jumps(): number {
    return this.lead.jumps;
  }

  /** Frames wait for the adapter, whoever moves their particles. */
  get late(): boolean {
    return this.gpu.late;
  }

  /** Below 0 for the processor's, so that the change of runners is a change as well. */
  get version(): number {
    return this.lead === this.cpu ? -1 - this.cpu.version : this.gpu.version;
  }

  show(choice: ModelChoice, bytes: Uint8Array, sampling: SampleChoice): void {
    const { asked } = this;
    if (asked?.bytes !== bytes || !sameSampling(asked.sampling, sampling))
      this.asked = { bytes, sampling, at: performance.now() };
    this.cpu.show(choice, bytes, sampling);
    this.gpu.show(choice, bytes, sampling);
  }

  pump(t: number): void {
    this.cpu.pump(t);
    // A model that learns is another one in a moment.
    if (this.asked !== null && performance.now() - this.asked.at > REST) this.gpu.pump(t);
    this.lead = this.gpu.settled ? this.gpu : this.cpu;
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
    this.lead = this.gpu;
    return points;
  }

  velocity(t: number, points: Float64Array, label: number): Promise<Float64Array> | null {
    return this.lead.velocity(t, points, label);
  }

  destroy(): void {
    this.cpu.destroy();
    this.gpu.destroy();
  }
}
