import type { Backend } from '../backend/backend.js';
import type { DeviceArray } from '../backend/kernel.js';
import { badInput } from '../errors.js';
import type { StepwiseGenerator } from '../model/generator.js';
import type { SampleOptions } from '../model/samples.js';

/** Two neighbouring kept states around a time, and how far between them it lies. */
export interface PlayerView<State = DeviceArray> {
  readonly from: State;
  readonly to: State;
  /** 0 at `from`, 1 at `to`. */
  readonly fraction: number;
  /** Steps that the sampler had taken at each. */
  readonly fromStep: number;
  readonly toStep: number;
}

/** A view that may be written over: a loop that gives the same one on every frame makes no garbage. */
export type PlayerViewTarget<State = DeviceArray> = {
  -readonly [Part in keyof PlayerView<State>]: PlayerView<State>[Part];
};

/** Memory for kept states unless told otherwise: 64 of a million points. */
const MEMORY_BYTES = 512 * 2 ** 20;

/** A generator's particles as something to play: one step at a call, every state kept, so that going back computes nothing. */
abstract class StatePlayer<State> {
  protected readonly kept: State[] = [];
  /** Steps between kept states. */
  readonly stride: number;
  /** Index of the last state. */
  protected readonly last: number;
  private known = -1;

  /** @param bytes of a state */
  protected constructor(
    protected readonly sampler: StepwiseGenerator,
    bytes: number,
    memoryBytes: number,
  ) {
    const fitting = Math.floor(memoryBytes / bytes);
    if (fitting < 2)
      badInput(`two states of these particles take ${2 * bytes} bytes, more than ${memoryBytes}`);
    this.stride = Math.ceil(sampler.stepCount / (fitting - 1));
    this.last = Math.ceil(sampler.stepCount / this.stride);
  }

  /** Keeps the particles as they are now as state `index`. */
  protected abstract keep(index: number): Promise<void>;

  protected stepOf(index: number): number {
    return Math.min(index * this.stride, this.sampler.stepCount);
  }

  /** Share of the way from start to end that is known, from 0 to 1; below 0 before `begin`. */
  get reach(): number {
    return this.known < 0 ? -1 : this.stepOf(this.known) / this.sampler.stepCount;
  }

  /** Forgets everything and puts the particles at their start. Errors: those of the generator's. */
  async begin(options: Pick<SampleOptions, 'labels' | 'start'> = {}): Promise<void> {
    this.known = -1;
    await this.sampler.begin(options);
    await this.keep(0);
    this.known = 0;
  }

  /** Takes the steps to the next kept state. @returns whether there are more */
  async advance(): Promise<boolean> {
    if (this.known >= this.last) return false;
    const next = this.known + 1;
    await this.sampler.advance(this.stepOf(next) - this.stepOf(this.known));
    await this.keep(next);
    this.known = next;
    return next < this.last;
  }

  /**
   * The particles at a share of the way, or at the furthest that is known. States are exact; between two of them
   * a renderer goes in a straight line.
   * @param share from 0, the start, to 1, the end
   * @param into what to write the view into and return, instead of a new object
   */
  view(share: number, into?: PlayerViewTarget<State>): PlayerView<State> | null {
    if (this.known < 0) return null;
    const step = Math.min(1, Math.max(0, share)) * this.sampler.stepCount;
    const index = Math.min(Math.floor(step / this.stride), this.last - 1, this.known);
    const next = Math.min(index + 1, this.known);
    const fromStep = this.stepOf(index);
    const toStep = this.stepOf(next);
    const fraction = next === index ? 0 : Math.min(1, (step - fromStep) / (toStep - fromStep));
    const from = this.kept[index];
    const to = this.kept[next];
    if (into === undefined) return { from, to, fraction, fromStep, toStep };
    into.from = from;
    into.to = to;
    into.fraction = fraction;
    into.fromStep = fromStep;
    into.toStep = toStep;
    return into;
  }

  /** Frees the kept states; the sampler stays. */
  destroy(): void {
    this.kept.length = 0;
    this.known = -1;
  }
}

/**
 * Keeps the states in the engine's own memory: nothing is read back, and a renderer on the same device draws `from` and
 * `to` where they lie.
 */
export class ParticlePlayer extends StatePlayer<DeviceArray> {
  /**
   * @param sampler of its own: nobody else may move it
   * @param memoryBytes for kept states; what does not fit is thinned out evenly, never the first or the last
   * @throws TributaryError('bad-input') when not even two states fit
   */
  constructor(
    private readonly engine: Backend,
    sampler: StepwiseGenerator,
    memoryBytes = MEMORY_BYTES,
  ) {
    const { length } = sampler.particles;
    super(sampler, length * (engine.precision === 'f64' ? 8 : 4), memoryBytes);
    for (let i = 0; i <= this.last; i++) {
      this.kept.push(engine.allocate(length, `particles after step ${this.stepOf(i)}`));
    }
  }

  protected async keep(index: number): Promise<void> {
    this.engine.copy(this.sampler.particles, this.kept[index]);
  }

  override destroy(): void {
    for (const array of this.kept) this.engine.free(array);
    super.destroy();
  }
}

/** Keeps the states as numbers, each read back once: for renderers that cannot reach the engine's memory. */
export class HostParticlePlayer extends StatePlayer<Float32Array> {
  /** Arguments and errors: those of {@link ParticlePlayer}. */
  constructor(
    private readonly engine: Backend,
    sampler: StepwiseGenerator,
    memoryBytes = MEMORY_BYTES,
  ) {
    super(sampler, sampler.particles.length * Float32Array.BYTES_PER_ELEMENT, memoryBytes);
  }

  protected async keep(index: number): Promise<void> {
    this.kept[index] = Float32Array.from(await this.engine.read(this.sampler.particles));
  }
}
