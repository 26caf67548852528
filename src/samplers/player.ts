import type { Backend } from '../backend/backend.js';
import type { DeviceArray } from '../backend/kernel.js';
import { badInput } from '../errors.js';
import type { Sampler } from './sampler.js';
import type { SampleOptions } from './samples.js';

/** Two neighbouring kept states around a time, and how far between them it lies. */
export interface PlayerView {
  readonly from: DeviceArray;
  readonly to: DeviceArray;
  /** 0 at `from`, 1 at `to`. */
  readonly fraction: number;
  /** Steps that the sampler had taken at each. */
  readonly fromStep: number;
  readonly toStep: number;
}

/** A view that may be written over: a loop that gives the same one on every frame makes no garbage. */
export type PlayerViewTarget = { -readonly [Part in keyof PlayerView]: PlayerView[Part] };

/** Memory for kept states unless told otherwise: 64 of a million points. */
const MEMORY_BYTES = 512 * 2 ** 20;

/**
 * A sampler's particles as something to play: one step at a call, every state kept in the engine's own memory,
 * so that going back and forth between the states known computes nothing and reads nothing back. A renderer on
 * the same device draws `from` and `to` where they lie.
 */
export class ParticlePlayer {
  private readonly kept: DeviceArray[] = [];
  private known = -1;

  /**
   * @param sampler of its own: nobody else may move it
   * @param memoryBytes for kept states; what does not fit is thinned out evenly, never the first or the last
   * @throws TributaryError('bad-input') when not even two states fit
   */
  constructor(
    private readonly engine: Backend,
    private readonly sampler: Sampler,
    memoryBytes = MEMORY_BYTES,
  ) {
    const bytes = sampler.particles.length * (engine.precision === 'f64' ? 8 : 4);
    const fitting = Math.floor(memoryBytes / bytes);
    if (fitting < 2)
      badInput(`two states of these particles take ${2 * bytes} bytes, more than ${memoryBytes}`);
    this.stride = Math.ceil(sampler.stepCount / (fitting - 1));
    this.last = Math.ceil(sampler.stepCount / this.stride);
    for (let i = 0; i <= this.last; i++) {
      this.kept.push(engine.allocate(sampler.particles.length, `particles after step ${this.stepOf(i)}`));
    }
  }

  /** Steps between kept states. */
  readonly stride: number;
  private readonly last: number;

  private stepOf(index: number): number {
    return Math.min(index * this.stride, this.sampler.stepCount);
  }

  /** Share of the way from start to end that is known, from 0 to 1; below 0 before `begin`. */
  get reach(): number {
    return this.known < 0 ? -1 : this.stepOf(this.known) / this.sampler.stepCount;
  }

  /** Forgets everything and puts the particles at their start. Errors: those of `Sampler.begin`. */
  async begin(options: Pick<SampleOptions, 'labels' | 'start'> = {}): Promise<void> {
    this.known = -1;
    await this.sampler.begin(options);
    this.engine.copy(this.sampler.particles, this.kept[0]);
    this.known = 0;
  }

  /** Takes the steps to the next kept state. @returns whether there are more */
  async advance(): Promise<boolean> {
    if (this.known >= this.last) return false;
    const next = this.known + 1;
    await this.sampler.advance(this.stepOf(next) - this.stepOf(this.known));
    this.engine.copy(this.sampler.particles, this.kept[next]);
    this.known = next;
    return next < this.last;
  }

  /**
   * The particles at a share of the way, or at the furthest that is known. States are exact; between two of them
   * a renderer goes in a straight line.
   * @param share from 0, the start, to 1, the end
   * @param into what to write the view into and return, instead of a new object
   */
  view(share: number, into?: PlayerViewTarget): PlayerView | null {
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
    for (const array of this.kept) this.engine.free(array);
    this.kept.length = 0;
    this.known = -1;
  }
}
