/** One model that learns in a worker, as the page sees it. */
import type { RunConfig } from 'tributary';
import type { FromTrainer, History, Saved, ToTrainer } from './messages.js';
import type { BackendChoiceName } from './names.js';
import { choiceKey, configOf, datasetOf, type ModelChoice, whyNot } from './recipe.js';
import { forgetRun, keepRun, keptRun } from './saved.js';
import trainerWorker from './trainer_worker.ts?worker-url';

export type LessonEvent =
  | 'opened'
  | 'progress'
  | 'excess'
  | 'model'
  | 'evaluation'
  | 'stopped'
  | 'kept'
  /** The browser does not keep it: a reload begins again. */
  | 'unkept'
  /** What was kept is broken or of another version: it begins again. */
  | 'unusable'
  | 'error';

/** Losses kept for the chart; beyond it every second one goes. */
const MOST_LOSSES = 4000;

const emptyHistory = (): History => ({ loss: [], excess: [], evaluation: null, memorising: null });

export class Lesson {
  choice: ModelChoice | null = null;
  config: RunConfig | null = null;
  /** The averaged parameters as safetensors, as new as the last message. */
  bytes: Uint8Array | null = null;
  step = 0;
  /** Steps a second. */
  rate = 0;
  target = 0;
  running = false;
  device = '';
  parameters = 0;
  history: History = emptyHistory();
  problem = '';
  private worker: Worker | null = null;
  private run = 0;
  private backend: BackendChoiceName = 'cpu';
  /** Whether it began from what the browser had kept. */
  private restored = false;

  /** @param shipped gives the model that comes with the page, for the choice that it was made for */
  constructor(
    private readonly shipped: (key: string) => Promise<Saved | null>,
    private readonly onEvent: (event: LessonEvent) => void,
  ) {}

  get key(): string {
    return this.choice === null ? '' : choiceKey(this.choice);
  }

  /**
   * Opens the choice's model where it stopped last time, or as it was shipped, or untrained; then trains up to
   * `target` steps. One that has gone further is left alone: a link's model is the one that its sender saw.
   */
  async open(choice: ModelChoice, backend: BackendChoiceName, target: number): Promise<void> {
    const run = ++this.run;
    this.choice = choice;
    this.backend = backend;
    const dataset = datasetOf(choice);
    this.config = configOf(choice, dataset);
    this.target = target;
    this.problem = '';
    this.running = false;
    this.bytes = null;
    this.pending = null;
    // What may follow needs no worker: the run before must not go on unseen.
    if (this.worker !== null) this.send({ type: 'pause' });
    const obstacle = whyNot(choice, dataset);
    if (obstacle !== '') return this.fail(obstacle);
    const key = this.key;
    const kept = await keptRun(key);
    if (kept === 'unusable') {
      await forgetRun(key);
      this.onEvent('unusable');
    }
    const within = (one: Saved | 'unusable' | null) =>
      one !== null && one !== 'unusable' && one.step <= target ? one : null;
    const own = within(kept);
    const saved = own ?? within(await this.shipped(key));
    if (run !== this.run) return;
    this.restored = own !== null;
    this.history = saved === null ? emptyHistory() : structuredClone(saved.history);
    this.step = saved?.step ?? 0;
    if (saved !== null && !saved.whole) {
      // A finished model needs no worker to be seen.
      this.bytes = saved.bytes;
      this.onEvent('model');
      if (this.step >= this.target) {
        this.pending = { backend, saved };
        this.onEvent('stopped');
        return;
      }
    }
    this.send({ type: 'open', run, backend, choice, saved });
    // More may have been asked for since.
    if (this.step < this.target) this.train(this.target);
    else this.onEvent('stopped');
  }

  /** A shipped model that nobody has asked to train yet. */
  private pending: { backend: BackendChoiceName; saved: Saved } | null = null;

  train(target: number): void {
    if (this.choice === null) return;
    // Back to an earlier step leads only from the beginning.
    if (this.step > target) return void this.open(this.choice, this.backend, target);
    this.wake();
    this.target = target;
    if (this.step >= target) return;
    this.running = true;
    this.send({ type: 'run', until: target });
    this.onEvent('progress');
  }

  private wake(): void {
    if (this.pending === null || this.choice === null) return;
    this.send({ type: 'open', run: this.run, choice: this.choice, ...this.pending });
    this.pending = null;
  }

  pause(): void {
    this.running = false;
    this.send({ type: 'pause' });
    this.onEvent('progress');
  }

  /** Begins again at step 0. */
  async reset(backend: BackendChoiceName, target: number): Promise<void> {
    if (this.choice === null) return;
    const run = ++this.run;
    this.backend = backend;
    this.restored = false;
    this.pending = null;
    this.history = emptyHistory();
    this.step = 0;
    this.target = target;
    this.running = true;
    this.problem = '';
    await forgetRun(this.key);
    if (run !== this.run) return;
    this.send({ type: 'open', run, backend, choice: this.choice, saved: null });
    this.train(target);
  }

  private send(message: ToTrainer): void {
    if (this.worker === null) {
      this.worker = new Worker(trainerWorker, { type: 'module' });
      this.worker.onmessage = ({ data }: MessageEvent<FromTrainer>) => this.receive(data);
      this.worker.onerror = ({ message: text }) => this.fail(text || 'the training worker did not start');
    }
    this.worker.postMessage(message);
  }

  /** Begins again without what the browser had kept. */
  private async discard(): Promise<void> {
    if (this.choice === null) return;
    const run = this.run;
    await forgetRun(this.key);
    if (run !== this.run) return;
    this.onEvent('unusable');
    await this.open(this.choice, this.backend, this.target);
  }

  private fail(text: string): void {
    this.problem = text;
    this.running = false;
    this.onEvent('error');
  }

  private receive(message: FromTrainer): void {
    if (message.run !== this.run) return;
    switch (message.type) {
      case 'opened':
        this.device = message.device;
        this.parameters = message.parameters;
        this.history = { ...this.history, memorising: message.memorising };
        break;
      case 'progress':
        this.step = message.step;
        if (message.rate > 0) this.rate = message.rate;
        this.addLosses(message.loss);
        break;
      case 'excess':
        this.history.excess.push(message.record);
        break;
      case 'model':
        this.bytes = message.bytes;
        break;
      case 'evaluation':
        this.history = { ...this.history, evaluation: { step: message.step, result: message.result } };
        break;
      case 'state':
        void keepRun(this.key, {
          step: message.step,
          bytes: message.bytes,
          whole: true,
          history: this.history,
        }).then(
          () => this.onEvent('kept'),
          () => this.onEvent('unkept'),
        );
        return;
      case 'stopped':
        this.step = message.step;
        this.running = false;
        break;
      case 'error':
        if (message.code === 'bad-checkpoint' && this.restored) void this.discard();
        else this.fail(message.message);
        return;
    }
    this.onEvent(message.type);
  }

  private addLosses(loss: readonly [number, number][]): void {
    const kept = this.history.loss;
    kept.push(...loss);
    if (kept.length > MOST_LOSSES) {
      const thinned = kept.filter((_, i) => i % 2 === 0);
      kept.splice(0, kept.length, ...thinned);
    }
  }

  destroy(): void {
    this.worker?.terminate();
    this.worker = null;
  }
}
