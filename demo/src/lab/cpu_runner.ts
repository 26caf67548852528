import { openWorker, wordsOf } from './fetched.js';
import type { FromSampler, ToSampler } from './messages.js';
import type { ModelChoice, SampleChoice } from './recipe.js';
import { type OwnSight, type Runner, type Sight, sameSampling, type Trouble } from './runner.js';
import samplerWorker from './sampler_worker.ts?worker-url';
import { between, shareAt, timeAt } from './times.js';
import { jumped } from './way.js';

interface Trajectory {
  readonly job: number;
  readonly choice: SampleChoice;
  readonly model: ModelChoice | null;
  /** The time after each step, once known. */
  times: Float64Array;
  noise: Float64Array;
  jumps: boolean;
  readonly frames: Float32Array[];
}

const shareKnown = ({ frames, times }: Trajectory) => (frames.length - 1) / (times.length - 1);

/** Particles on the CPU: a worker sends each step, and the trajectory shown stays until the next has caught up. */
export class CpuRunner implements Runner {
  readonly kind = 'cpu';
  readonly late = false;
  device = 'CPU';
  version = 0;
  /** Null where there can be none, undefined where another one may do better. */
  private worker: Worker | null | undefined;
  private front: Trajectory | null = null;
  private back: Trajectory | null = null;
  private choice: SampleChoice | null = null;
  /** The newest model's. */
  private bytes: Uint8Array | null = null;
  private model: ModelChoice | null = null;
  private job = 0;
  private stale = false;
  /** Whether the worker may not have what it was sent. */
  private lost = false;
  private ended = false;
  /** Whether somebody has asked since the worker was started, who is not to be told of an older failure alone. */
  private again = false;
  /** Why the choice at hand cannot be sampled, or nothing. */
  private failure = '';
  private own: OwnSight | null = null;
  private answer: ((velocity: Float64Array) => void) | null = null;

  constructor(private readonly trouble: Trouble) {
    this.start();
  }

  private start(): void {
    this.again = false;
    this.worker = openWorker(samplerWorker, (words) => {
      this.worker?.terminate();
      this.worker = undefined;
      this.fail(words);
      this.trouble('error', words);
      const { again, model, bytes, choice } = this;
      if (again && model !== null && bytes !== null && choice !== null) this.show(model, bytes, choice);
    });
    if (this.worker) this.worker.onmessage = ({ data }: MessageEvent<FromSampler>) => this.receive(data);
  }

  /** What was asked for does not come: the next who asks is to have all of it done anew. */
  private fail(words: string): void {
    this.answer = null;
    this.back = null;
    const { front } = this;
    if (front !== null && (front.model !== this.model || shareKnown(front) < 1)) {
      this.front = null;
      this.version++;
    }
    this.stale = false;
    this.failure = words;
    this.lost = true;
  }

  private send(message: ToSampler): void {
    this.worker?.postMessage(message);
  }

  get reach(): number {
    return this.front === null ? 0 : timeAt(this.front.times, shareKnown(this.front));
  }

  get pending(): boolean {
    const { front } = this;
    if (this.failed) return false;
    return front === null || front.model !== this.model || front.choice !== this.choice;
  }

  get failed(): boolean {
    return this.failure !== '' || this.worker === null;
  }

  get shown(): ModelChoice | null {
    return this.front?.model ?? null;
  }

  get jumps(): number {
    return this.front?.jumps ? this.front.times.length - 1 : 0;
  }

  private get idle(): boolean {
    return this.back === null && (this.front === null || shareKnown(this.front) >= 1);
  }

  show(choice: ModelChoice, bytes: Uint8Array, sampling: SampleChoice): void {
    const { lost } = this;
    this.lost = false;
    if (this.worker === undefined) this.start();
    else this.again = true;
    if (bytes !== this.bytes || lost) {
      this.bytes = bytes;
      this.model = choice;
      this.send({ type: 'model', choice, bytes });
      // A trajectory under way ends with the model that it began with in front; then the next one begins.
      this.stale = true;
    }
    const moved = lost || this.choice === null || !sameSampling(this.choice, sampling);
    if (moved) this.choice = sampling;
    if (moved || (this.stale && this.idle)) this.begin();
  }

  private begin(): void {
    if (this.choice === null || this.worker === null) return;
    this.stale = false;
    this.failure = '';
    const { choice, model } = this;
    const unknown = { times: Float64Array.of(0, 1), noise: new Float64Array(1), jumps: false, frames: [] };
    this.back = { job: ++this.job, choice, model, ...unknown };
    this.send({ type: 'sample', job: this.job, choice });
  }

  pump(t: number): void {
    const { front, back } = this;
    if (back !== null && back.frames.length > 0) {
      if (front === null || shareKnown(back) >= shareAt(back.times, t)) {
        this.front = back;
        this.back = null;
        this.version++;
      }
    }
    if (this.stale && this.idle) this.begin();
  }

  /** Whether what is shown is the newest, and known to its end. */
  private get settled(): boolean {
    return this.front !== null && this.idle && !this.stale;
  }

  private endsNow(): Float64Array {
    return Float64Array.from(this.front?.frames.at(-1) ?? []);
  }

  sight(t: number): Sight | null {
    const { front } = this;
    if (front === null) return null;
    const { frames, times } = front;
    this.own ??= { count: 0, from: frames[0], to: frames[0], fraction: 0, dt: 1, noise: 0 };
    const { own } = this;
    const steps = times.length - 1;
    const place = Math.min(shareAt(times, t) * steps, frames.length - 1);
    // At the end as well: what lies between two states tells their speed.
    const index = Math.max(0, Math.min(Math.floor(place), frames.length - 2));
    const next = Math.min(index + 1, frames.length - 1);
    own.count = frames[index].length / 2;
    own.from = frames[index];
    own.to = frames[next];
    own.fraction = front.jumps ? jumped(place - index) : place - index;
    between(front, index, next, own);
    return own;
  }

  ends(): Promise<Float64Array> | null {
    const { front } = this;
    return front !== null && shareKnown(front) >= 1 ? Promise.resolve(this.endsNow()) : null;
  }

  async samples(): Promise<Float64Array> {
    while (!this.ended && this.failure === '' && !this.settled) {
      this.pump(1);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    if (this.failure !== '') throw new Error(this.failure);
    return this.endsNow();
  }

  velocity(t: number, points: Float64Array, label: number): Promise<Float64Array> | null {
    if (this.answer !== null || this.bytes === null || !this.worker || this.jumps > 0) return null;
    return new Promise((resolve) => {
      this.answer = resolve;
      this.send({ type: 'field', job: 0, t, points, label });
    });
  }

  private receive(message: FromSampler): void {
    if (message.type === 'device') {
      this.device = message.device;
    } else if (message.type === 'field') {
      this.answer?.(message.velocity);
      this.answer = null;
    } else if (message.type === 'error') {
      this.answer = null;
      // Without a job: it has no model.
      if (message.job === this.job || message.job === 0) this.fail(wordsOf(message.message));
      this.trouble(message.code, message.message);
    } else {
      const trajectory = [this.back, this.front].find((one) => one?.job === message.job);
      if (trajectory === null || trajectory === undefined) return;
      trajectory.times = message.times;
      trajectory.noise = message.noise;
      trajectory.jumps = message.jumps;
      trajectory.frames.push(message.points);
    }
  }

  destroy(): void {
    this.ended = true;
    this.worker?.terminate();
  }
}
