/** What moves particles for a pane of the stage: on the graphics card, or in a worker on the CPU. */
import type { DeviceArray } from 'tributary-engine';
import type { ModelChoice, SampleChoice } from './recipe.js';

/** Particles somewhere on their way: two states, and how far between them. */
export interface Sight {
  readonly count: number;
  readonly from: DeviceArray | Float32Array;
  readonly to: DeviceArray | Float32Array;
  readonly fraction: number;
  /** Time between the two, to make a distance a speed. */
  readonly dt: number;
  /** Standard deviation of the noise between the two, of an SDE. */
  readonly noise: number;
}

/** A sight that is written over frame by frame. */
export type OwnSight = { -readonly [Part in keyof Sight]: Sight[Part] };

export interface Runner {
  readonly kind: 'webgpu' | 'cpu';
  /** What does the arithmetic. */
  readonly device: string;
  /** Shows a model, moved so, from the next trajectory on: both at once, for not every model can be moved every way. */
  show(choice: ModelChoice, bytes: Uint8Array, sampling: SampleChoice): void;
  /** Once a frame: lets work be done that is worth doing now. */
  pump(t: number): void;
  /** The particles at a time, or as far as is known; null before the first. It holds until the next is asked for. */
  sight(t: number): Sight | null;
  /** The time up to which the trajectory is known, and may be seen. */
  readonly reach: number;
  /** Whether what is shown is of another model or moves in another way than was asked for. */
  readonly pending: boolean;
  /** Whether what was asked for will not come: only what is shown is there, and of another model nothing. */
  readonly failed: boolean;
  /** The model whose particles are shown; null before the first. */
  readonly shown: ModelChoice | null;
  /** Whether a picture that is painted now would wait for long behind what is being computed. */
  readonly late: boolean;
  /** In how many steps the particles that are shown jump, with nothing between; 0 where they follow a path. */
  readonly jumps: number;
  /** A number that changes with the trajectory shown. */
  readonly version: number;
  /** The last state of what is shown, as numbers [n·2]; null until it is known. */
  ends(): Promise<Float64Array> | null;
  /** The same of the newest model and choice; waits until they are shown. @throws Error where it cannot be sampled so */
  samples(): Promise<Float64Array>;
  /** The model's velocity at points [n·2] at time t, or null while another is being computed, and where particles jump. */
  velocity(t: number, points: Float64Array, label: number): Promise<Float64Array> | null;
  destroy(): void;
}

export type Trouble = (code: string, message: string) => void;

export const sameSampling = (a: SampleChoice, b: SampleChoice): boolean =>
  a === b || JSON.stringify(a) === JSON.stringify(b);
