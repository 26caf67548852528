import {
  buildModel,
  type Engine,
  loadModel,
  type Model,
  ParticlePlayer,
  type PlayerViewTarget,
  type RunConfig,
  type StepwiseGenerator,
  TributaryError,
} from 'tributary-engine';
import { wordsOf } from './fetched.js';
import { lostWords } from './lost.js';
import { configOf, datasetOf, labelsOf, type ModelChoice, type SampleChoice } from './recipe.js';
import { type OwnSight, type Runner, type Sight, sameSampling, type Trouble } from './runner.js';
import { between, shareAt, timeAt } from './times.js';
import { generatorOf, jumped, velocityAt } from './way.js';

const MIB = 2 ** 20;
/** Gigabytes that a browser says the device has, up to 8; nothing where it does not say. */
const { deviceMemory = 8 } = navigator as { deviceMemory?: number };
/** Memory for the states of one trajectory; there are two. A phone's is shared with everything else. */
const MEMORY_BYTES = (deviceMemory > 4 ? 384 : 128) * MIB;

interface Trajectory {
  readonly sampler: StepwiseGenerator;
  readonly player: ParticlePlayer;
  readonly choice: SampleChoice;
  readonly labels: Uint32Array | undefined;
  /** The time after each step. */
  readonly times: Float64Array;
  /** Standard deviation of each step's noise. */
  readonly noise: Float64Array;
  readonly model: ModelChoice;
  /** Share of the way that the device has done; below 0 before the start. What has been issued may lie far ahead. */
  done: number;
}

/** Particles on the graphics card: their states stay there, and the page draws them where they lie. */
export class GpuRunner implements Runner {
  readonly kind = 'webgpu';
  version = 0;
  private front: Trajectory | null = null;
  private back: Trajectory | null = null;
  private model: { key: string; config: RunConfig; model: Model } | null = null;
  private newest: { choice: ModelChoice; bytes: Uint8Array } | null = null;
  private sampling: SampleChoice | null = null;
  private loaded: Uint8Array | null = null;
  private working = false;
  private ended = false;
  private measuring = false;
  /** What was issued last, and of how much the device has not yet said that it is done. */
  private flight: Promise<void> = Promise.resolve();
  private flying = 0;
  /** Why the choice at hand cannot be sampled, or nothing. */
  private failure = '';
  /** The version whose last state has been looked at. */
  private checked = -1;
  private own: (OwnSight & PlayerViewTarget) | null = null;

  constructor(
    private readonly engine: Engine & { readonly software?: boolean },
    private readonly trouble: Trouble,
  ) {}

  get device(): string {
    return this.engine.device;
  }

  get reach(): number {
    return this.front === null ? 0 : timeAt(this.front.times, Math.max(0, this.front.done));
  }

  get pending(): boolean {
    const { front, newest } = this;
    if (this.failed) return false;
    return front === null || front.model !== newest?.choice || this.isOutdated(front);
  }

  get failed(): boolean {
    return this.failure !== '';
  }

  get shown(): ModelChoice | null {
    return this.front?.model ?? null;
  }

  get jumps(): number {
    const sampler = this.front?.sampler;
    return sampler?.jumps ? sampler.stepCount : 0;
  }

  /** A card draws between steps by itself; a software adapter takes a second for one. */
  get late(): boolean {
    return this.engine.software === true && this.flying > 0;
  }

  /** Whether the newest model's trajectory is shown, and known to its end. */
  get settled(): boolean {
    const { front, back } = this;
    return (
      back === null && front !== null && front.done === 1 && !this.hasNewModel && !this.isOutdated(front)
    );
  }

  private get hasNewModel(): boolean {
    return this.newest?.bytes !== this.loaded;
  }

  /** A trajectory that began before the newest model still ends, unless that takes a software adapter's while. */
  private isWorthwhile(one: Trajectory): boolean {
    return !this.isOutdated(one) && !(this.engine.software === true && this.hasNewModel);
  }

  show(choice: ModelChoice, bytes: Uint8Array, sampling: SampleChoice): void {
    if (this.newest?.bytes !== bytes) this.newest = { choice, bytes };
    if (this.sampling === null || !sameSampling(this.sampling, sampling)) {
      this.sampling = sampling;
      this.failure = '';
    }
  }

  /** Starts the next piece of work, unless one is under way. */
  pump(t: number): void {
    if (this.settled && this.checked !== this.version) this.check();
    if (this.working || this.ended || this.newest === null || this.sampling === null || this.settled) return;
    this.working = true;
    this.work(t)
      .catch((error: unknown) => {
        if (this.ended) return;
        const code = error instanceof TributaryError ? error.code : 'error';
        this.trouble(code, error instanceof Error ? error.message : String(error));
        // The same work would fail again.
        this.sampling = null;
        this.failure = wordsOf(error);
        this.abandon();
      })
      .finally(() => {
        this.working = false;
      });
  }

  /** Says so where particles at rest are no numbers: nothing is seen of them. */
  private check(): void {
    const { version } = this;
    this.checked = version;
    const said = (points: Float64Array) => {
      const lost = lostWords(points);
      if (lost === null || this.version !== version || this.ended) return;
      if (lost.all) this.failure = lost.words;
      this.trouble('not-finite', lost.words);
    };
    // A device that is lost says so itself.
    this.ends()?.then(said, () => undefined);
  }

  private async work(t: number): Promise<void> {
    const { front, back } = this;
    if (back !== null) {
      if (!this.isWorthwhile(back)) return this.discard();
      // The first trajectory is shown at once; a later one when it has caught up with what is shown.
      if (back.done < (front === null ? 0 : shareAt(back.times, t))) return this.step(back);
      this.front = back;
      this.back = front;
      this.discard();
      this.version++;
      return;
    }
    if (front !== null && front.done < 1 && this.isWorthwhile(front)) return this.step(front);
    if (front === null || this.hasNewModel || this.isOutdated(front)) await this.prepare();
  }

  /** A card is never idle with two steps to do; a software adapter has one, so that frames come between them. */
  private async step(one: Trajectory): Promise<void> {
    const { flight } = this;
    const more = one.player.reach < 1;
    if (more) {
      await this.issue(one, one.player.advance());
      if (this.engine.software !== true) return flight;
    }
    return this.flight;
  }

  /** @param work for the device: once it is issued the trajectory is watched until the device has done it */
  private async issue(one: Trajectory, work: Promise<unknown>): Promise<void> {
    this.flying++;
    this.flight = work
      .then(() => {
        const { reach } = one.player;
        return this.engine.finish().then(() => {
          one.done = reach;
        });
      })
      .finally(() => {
        this.flying--;
      });
    this.flight.catch(() => undefined);
    await work;
  }

  private isOutdated({ choice }: Trajectory): boolean {
    return this.sampling !== null && !sameSampling(choice, this.sampling);
  }

  private discard(): void {
    this.back?.player.destroy();
    this.back?.sampler.destroy();
    this.back = null;
  }

  /** After a failure: another model's particles, or some that are on their way, are not what was asked for. */
  private abandon(): void {
    const { front } = this;
    if (front === null || (front.done === 1 && front.model === this.newest?.choice)) return;
    this.discard();
    this.back = front;
    this.front = null;
    this.discard();
    this.version++;
  }

  private async prepare(): Promise<void> {
    const { engine, newest, sampling } = this;
    if (newest === null || sampling === null) return;
    this.failure = '';
    const key = JSON.stringify(newest.choice);
    let old: Model | null = null;
    if (this.model?.key !== key) {
      const config = configOf(newest.choice, datasetOf(newest.choice));
      old = this.model?.model ?? null;
      this.model = { key, config, model: buildModel(engine, config) };
    }
    loadModel(this.model.model, newest.bytes, 'the model');
    const { config, model } = this.model;
    const sampler = await generatorOf(config, model, newest.bytes, sampling);
    const player = new ParticlePlayer(engine, sampler, MEMORY_BYTES);
    const labels = labelsOf(config, sampling.n, sampling.label);
    const { times, noise } = sampler;
    const one = { sampler, player, choice: sampling, labels, times, noise, model: newest.choice, done: -1 };
    await this.issue(one, player.begin(labels ? { labels } : {}));
    if (this.ended) return;
    this.back = one;
    // Only now: until then what is shown is an older model's.
    this.loaded = newest.bytes;
    if (old !== null) {
      // What is on its way reads the old parameters no more: it will not be moved again.
      this.front?.sampler.destroy();
      old.destroy();
    }
  }

  sight(t: number): Sight | null {
    const { front } = this;
    if (front === null) return null;
    const share = Math.min(Math.max(0, front.done), shareAt(front.times, t));
    if (this.own === null) {
      const view = front.player.view(share);
      if (view === null) return null;
      this.own = { count: 0, dt: 1, noise: 0, ...view };
    }
    const { own } = this;
    if (front.player.view(share, own) === null) return null;
    own.count = front.choice.n;
    if (front.sampler.jumps) own.fraction = jumped(own.fraction);
    between(front, own.fromStep, own.toStep, own);
    return own;
  }

  ends(): Promise<Float64Array> | null {
    const view = this.front?.done === 1 ? this.front.player.view(1) : null;
    if (view === null) return null;
    return this.engine.read(view.to).then((points) => Float64Array.from(points));
  }

  async samples(): Promise<Float64Array> {
    while (!this.ended && this.failure === '' && !this.settled) {
      this.pump(1);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    if (this.failure !== '') throw new Error(this.failure);
    return (await this.ends()) ?? new Float64Array();
  }

  velocity(t: number, points: Float64Array, label: number): Promise<Float64Array> | null {
    if (this.measuring || this.working || this.model === null || this.ended || this.jumps > 0) return null;
    this.measuring = true;
    this.flying++;
    return this.measure(t, points, label).finally(() => {
      this.measuring = false;
      this.flying--;
    });
  }

  private async measure(t: number, points: Float64Array, label: number): Promise<Float64Array> {
    const { config, model } = this.model as NonNullable<typeof this.model>;
    return velocityAt(this.engine, config, model, { t, points, label });
  }

  destroy(): void {
    this.ended = true;
    this.discard();
    this.front?.player.destroy();
    this.front?.sampler.destroy();
    this.model?.model.destroy();
  }
}
