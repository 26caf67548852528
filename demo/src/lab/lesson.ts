/** One model that learns in a worker, as the page sees it. */
import type { Evaluation, RunConfig } from 'tributary-engine';
import { openWorker, wordsOf } from './fetched.js';
import type { FromJudge, FromTrainer, History, Saved, ToTrainer } from './messages.js';
import type { BackendChoiceName } from './names.js';
import { choiceKey, datasetOf, type ModelChoice, shownConfig, whyNot } from './recipe.js';
import { forgetRun, keepRun, keptRun } from './saved.js';
import type { ShippedModel } from './shipped.js';
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

function addLosses({ loss }: History, more: readonly [number, number][]): void {
  loss.push(...more);
  if (loss.length > MOST_LOSSES) loss.splice(0, loss.length, ...loss.filter((_, i) => i % 2 === 0));
}

/** A run as it is kept. */
interface Kept {
  readonly run: number;
  readonly key: string;
  readonly target: number;
  readonly history: History;
}

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
  /** The run that another choice has replaced: its last messages are on their way. */
  private before: Kept | null = null;
  private backend: BackendChoiceName = 'cpu';
  private job = 0;
  /** Who waits for metrics. */
  private readonly jobs = new Map<number, (answer: FromJudge) => void>();
  /** Whether it began from what the browser had kept. */
  private restored = false;

  /** @param shipped gives the model that comes with the page, for the choice that it was made for */
  constructor(
    private readonly shipped: (key: string) => Promise<ShippedModel | null>,
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
    this.before = this.now;
    await this.attempt(++this.run, (run) => this.begin(run, choice, backend, target));
  }

  /** Whatever goes wrong while a run is being opened is its problem, and said: nobody waits for it in vain. */
  private async attempt(run: number, work: (run: number) => Promise<void>): Promise<void> {
    try {
      await work(run);
    } catch (error) {
      if (run === this.run) this.fail(wordsOf(error));
    }
  }

  private async begin(
    run: number,
    choice: ModelChoice,
    backend: BackendChoiceName,
    target: number,
  ): Promise<void> {
    this.choice = choice;
    this.backend = backend;
    this.config = null;
    this.target = target;
    this.problem = '';
    this.running = false;
    this.bytes = null;
    this.pending = null;
    this.history = emptyHistory();
    this.step = 0;
    const dataset = datasetOf(choice);
    this.config = shownConfig(choice, dataset);
    // What may follow needs no worker: the run before must not go on unseen.
    if (this.worker !== null) this.send({ type: 'pause' });
    const obstacle = whyNot(choice, dataset);
    if (obstacle !== '') return this.fail(obstacle);
    const key = this.key;
    const kept = await keptRun(key, target);
    if (kept === 'unusable') {
      await forgetRun(key);
      this.onEvent('unusable');
    }
    const own = kept === 'unusable' ? null : kept;
    const shipped = own === null ? await this.shipped(key) : null;
    const saved = own ?? (shipped !== null && shipped.saved.step <= target ? shipped.saved : null);
    if (run !== this.run) return;
    this.restored = own !== null;
    if (saved !== null) {
      this.history = structuredClone(saved.history);
      this.step = saved.step;
    }
    if (saved !== null && saved === shipped?.saved) {
      // A finished model needs no worker to be seen.
      this.bytes = saved.bytes;
      this.onEvent('model');
      this.pending = shipped;
    } else {
      this.send({ type: 'open', run, backend, choice, saved });
      if (this.problem !== '') return;
    }
    // More may have been asked for since.
    if (this.step < this.target) this.train(this.target);
    else this.onEvent('stopped');
  }

  /** A shipped model that nobody has asked to train yet. */
  private pending: ShippedModel | null = null;

  train(target: number): void {
    if (this.choice === null) return;
    // Back to an earlier step leads only from the beginning; and what could not begin may do so now.
    if (this.step > target || this.problem !== '') return void this.open(this.choice, this.backend, target);
    this.target = target;
    if (this.step >= target) return;
    this.running = true;
    this.onEvent('progress');
    const { choice } = this;
    void this.attempt(this.run, (run) => this.go(run, choice));
  }

  private async go(run: number, choice: ModelChoice): Promise<void> {
    const { backend, pending } = this;
    if (pending !== null) {
      this.pending = null;
      const bytes = await pending.state();
      if (run !== this.run) return;
      const saved = bytes === null ? pending.saved : { ...pending.saved, bytes, whole: true };
      this.send({ type: 'open', run, backend, choice, saved });
    }
    if (this.running) this.send({ type: 'run', until: this.target });
  }

  pause(): void {
    this.running = false;
    if (this.worker !== null) this.send({ type: 'pause' });
    this.onEvent('progress');
  }

  /** Begins again at step 0. */
  async reset(backend: BackendChoiceName, target: number): Promise<void> {
    const { choice } = this;
    if (choice === null) return;
    this.before = null;
    await this.attempt(++this.run, (run) => this.beginAgain(run, choice, backend, target));
  }

  private async beginAgain(
    run: number,
    choice: ModelChoice,
    backend: BackendChoiceName,
    target: number,
  ): Promise<void> {
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
    this.send({ type: 'open', run, backend, choice, saved: null });
    if (this.problem === '') this.train(target);
  }

  /**
   * Metrics of particles of this model.
   * @param points [n, 2], with the labels that `labelsOf` deals
   * @throws Error where they cannot be judged
   */
  judge(points: Float64Array): Promise<Evaluation> {
    const { choice } = this;
    if (choice === null) return Promise.reject(new Error('there is no model'));
    return new Promise((resolve, reject) => {
      const job = ++this.job;
      this.jobs.set(job, ({ result, message }) =>
        result === null ? reject(new Error(message)) : resolve(result),
      );
      this.send({ type: 'judge', job, choice, points });
    });
  }

  private send(message: ToTrainer): void {
    if (this.worker === null) {
      this.worker = openWorker(trainerWorker, (words) => {
        // One that has not been loaded never will be: another attempt needs another.
        this.destroy();
        this.fail(words);
      });
      if (this.worker === null) return;
      this.worker.onmessage = ({ data }: MessageEvent<FromTrainer | FromJudge>) => {
        if (data.type !== 'judged') return this.receive(data);
        this.jobs.get(data.job)?.(data);
        this.jobs.delete(data.job);
      };
    }
    this.worker.postMessage(message);
  }

  /** Begins again without what the browser had kept. */
  private async discard(): Promise<void> {
    const { choice, run } = this;
    if (choice === null) return;
    await this.attempt(run, () => forgetRun(this.key));
    if (run !== this.run || this.problem !== '') return;
    this.onEvent('unusable');
    await this.open(choice, this.backend, this.target);
  }

  private fail(text: string): void {
    this.problem = text;
    this.running = false;
    for (const [job, done] of this.jobs) done({ type: 'judged', job, result: null, message: text });
    this.jobs.clear();
    this.onEvent('error');
  }

  /** The run as it would be kept now. */
  private get now(): Kept {
    return { run: this.run, key: this.key, target: this.target, history: this.history };
  }

  private keep(
    { key, target, history }: Kept,
    { step, bytes, before }: Omit<Saved, 'whole' | 'history'>,
  ): void {
    if (step === 0) return;
    // As it is now: by the time that the browser writes it, the run has gone on.
    const run = { step, bytes, whole: true, before: before ?? null, history: structuredClone(history) };
    void keepRun(key, target, run).then(
      () => this.onEvent('kept'),
      () => this.onEvent('unkept'),
    );
  }

  /** What is still said of the run before is kept, and not shown. */
  private receiveOld(message: FromTrainer, old: Kept): void {
    if (message.type === 'progress') addLosses(old.history, message.loss);
    if (message.type === 'excess') old.history.excess.push(message.record);
    if (message.type === 'state') this.keep(old, message);
  }

  private receive(message: FromTrainer): void {
    if (message.run === this.before?.run) this.receiveOld(message, this.before);
    if (message.run !== this.run) return;
    switch (message.type) {
      case 'opened':
        this.device = message.device;
        this.parameters = message.parameters;
        // A later round has another truth, which is not known.
        this.history = { ...this.history, memorising: message.memorising ?? this.history.memorising };
        break;
      case 'progress':
        this.step = message.step;
        if (message.rate > 0) this.rate = message.rate;
        addLosses(this.history, message.loss);
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
        this.keep(this.now, message);
        return;
      case 'stopped':
        this.step = message.step;
        // Told to go on while this was on its way, it goes on.
        this.running = this.running && this.step < this.target;
        break;
      case 'error':
        if (message.code === 'bad-checkpoint' && this.restored) void this.discard();
        else this.fail(wordsOf(message.message));
        return;
    }
    this.onEvent(message.type);
  }

  destroy(): void {
    this.worker?.terminate();
    this.worker = null;
  }
}
