import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { KernelChoice } from '../backend/backend.js';
import { badInput, TributaryError } from '../errors.js';
import type { RunConfig } from '../model/run_config.js';
import { parseRunConfig } from '../run/config_file.js';
import { totalSteps } from '../run/stages.js';
import type { TrainingState } from '../train/learner.js';
import {
  appendLines,
  createExclusive,
  ensureOutputFolder,
  isAlive,
  namesIn,
  readFileOrExplain,
  removeIfPresent,
  removeLeftovers,
  syncFile,
  writeAtomic,
} from './files.js';
import { type Checkpoint, decodeState, goesWith, modelOf, stepOf, wasBegunFrom } from './run_state.js';

/** In the order in which an old run is removed: its state is what makes it one. */
const FILES = {
  optimizer: 'optimizer.safetensors',
  model: 'model.safetensors',
  log: 'train.jsonl',
  summary: 'summary.json',
  metrics: 'metrics.json',
  report: 'report.html',
  samples: 'study.npy',
  study: 'study.json',
  kernels: 'kernels.json',
  config: 'config.json',
} as const;

const STAGE_FILE = /^round-\d+\.safetensors$/;

const equal = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/**
 * The folder of one run. Every file but the log is written to a temporary name and renamed. The training state is what
 * the run has come to (`run_state.ts`): a checkpoint is there from the moment that its file is, and after a kill
 * {@link restore} makes the rest agree with it.
 */
export class RunFolder {
  constructor(readonly path: string) {}

  get folder(): string {
    return this.path;
  }

  file(name: keyof typeof FILES): string {
    return join(this.path, FILES[name]);
  }

  /** A model is there as well where only the state is that it is made from. */
  has(name: keyof typeof FILES): boolean {
    return existsSync(this.file(name)) || (name === 'model' && this.has('optimizer'));
  }

  /**
   * Refuses a folder that holds anything of a run; the config alone is nothing to lose.
   * @throws TributaryError('bad-input'), or 'io' when the folder cannot be written
   */
  refuseOthers(overwrite: boolean): void {
    ensureOutputFolder(this.path);
    const names = Object.keys(FILES) as (keyof typeof FILES)[];
    if (!overwrite && names.some((name) => name !== 'config' && this.has(name))) {
      badInput(
        `${this.path} holds another run; go on with it by --resume, replace it by --overwrite, or choose another --out`,
      );
    }
  }

  /**
   * Keeps the kernel variants that were chosen by measuring, beside the run: they are how it went, not what it is.
   * What the fixed table says is said anew.
   */
  keepKernelChoices(choices: readonly KernelChoice[]): void {
    const chosen = choices.filter(({ by }) => by !== 'fixed');
    if (chosen.length > 0) writeAtomic(this.file('kernels'), `${JSON.stringify(chosen, null, 2)}\n`);
  }

  /** The kept ones; none where there are none, or none that can be read. */
  kernelChoices(): Pick<KernelChoice, 'kernel' | 'shape' | 'variant'>[] {
    if (!existsSync(this.file('kernels'))) return [];
    try {
      const chosen: unknown = JSON.parse(new TextDecoder().decode(readFileOrExplain(this.file('kernels'))));
      return Array.isArray(chosen) ? chosen.filter((choice) => typeof choice?.variant === 'string') : [];
    } catch {
      return [];
    }
  }

  /**
   * Begins a run: to be called when nothing can fail any more, for an old run is removed here. Its state goes first
   * and its config last, so that after a kill in between the folder holds the old run, or nothing of any run but a
   * config: never a state beside the config of another.
   */
  begin(config: RunConfig): void {
    for (const name of Object.keys(FILES) as (keyof typeof FILES)[])
      if (name !== 'config') removeIfPresent(this.file(name));
    for (const name of namesIn(this.path)) if (STAGE_FILE.test(name)) removeIfPresent(join(this.path, name));
    writeAtomic(this.file('config'), `${JSON.stringify(config, null, 2)}\n`);
  }

  /**
   * Does something while no second process may train here.
   * @throws TributaryError('bad-input') naming the process that holds the folder
   */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    this.lock();
    let result: T;
    try {
      removeLeftovers(this.path);
      result = await work();
    } catch (error) {
      try {
        this.unlock();
      } catch {
        // The lock of a process that has ended holds nobody up; what went wrong first is to be known.
      }
      throw error;
    }
    this.unlock();
    return result;
  }

  private get lockFile(): string {
    return join(this.path, '.lock');
  }

  private lock(): void {
    ensureOutputFolder(this.path);
    const file = this.lockFile;
    // The end of the line says that the number is whole: a kill may leave some of its digits, which are another's.
    const own = `${process.pid}\n`;
    if (createExclusive(file, own)) return;
    const holder = Number(/^(\d+)\n$/.exec(new TextDecoder().decode(readFileOrExplain(file)))?.[1]);
    if (isAlive(holder)) {
      badInput(
        `${this.path} is in use by process ${holder}; wait for it or choose another --out (where that process is none of tributary, remove ${file})`,
      );
    }
    // Left by a process that was killed, perhaps before it had written its number.
    removeIfPresent(file);
    if (!createExclusive(file, own))
      throw new TributaryError('io', `cannot lock ${this.path}: another process has just done so`);
  }

  private unlock(): void {
    removeIfPresent(this.lockFile);
  }

  /**
   * Keeps a checkpoint. The writing of the state is the one moment at which it comes to be: the log is safe before,
   * and the model follows.
   */
  commit({ state, model }: Checkpoint): void {
    syncFile(this.file('log'));
    writeAtomic(this.file('optimizer'), state);
    writeAtomic(this.file('model'), model);
  }

  /**
   * The last checkpoint; null where there is none.
   * @throws TributaryError('bad-checkpoint') when it is damaged, or another run's
   */
  state(config: RunConfig): TrainingState | null {
    if (!this.has('optimizer')) return null;
    return decodeState(this.read('optimizer'), this.file('optimizer'), config);
  }

  /** Whether the run has come to its last step. */
  isTrained(config: RunConfig): boolean {
    return (this.has('optimizer') ? stepOf(this.read('optimizer')) : null) === totalSteps(config);
  }

  /** Makes the folder agree with its state: the model is the state's, and the log ends where the state does. */
  restore(state: TrainingState, config: RunConfig): void {
    this.replace(this.file('model'), modelOf(state, config));
    this.truncateLog(state.step);
  }

  /** Writes what is not there yet. */
  private replace(file: string, content: Uint8Array): void {
    if (!existsSync(file) || !equal(readFileOrExplain(file), content)) writeAtomic(file, content);
  }

  write(name: keyof typeof FILES, content: Uint8Array | string): void {
    writeAtomic(this.file(name), content);
  }

  /** Keeps the model that a stage has ended with. */
  writeStage(stage: number, content: Uint8Array): void {
    this.replace(this.stageFile(stage), content);
  }

  /**
   * The model of the stage before the one that the state is in the middle of.
   * @throws TributaryError('bad-checkpoint') when it is gone, or not the one that the run went on from
   */
  readStage(stage: number): Uint8Array {
    const file = this.stageFile(stage);
    const bytes = existsSync(file) ? readFileOrExplain(file) : null;
    if (bytes !== null && wasBegunFrom(this.read('optimizer'), bytes)) return bytes;
    throw new TributaryError(
      'bad-checkpoint',
      `${file} ${bytes === null ? 'is missing' : 'has changed'}, the model that the stage at hand was begun from: put it back, or begin anew with --overwrite`,
    );
  }

  /** Called a round, as reflow has them, since before other families had stages. */
  private stageFile(stage: number): string {
    return join(this.path, `round-${stage}.safetensors`);
  }

  /**
   * A file's content. The model's is the one that goes with the state, whatever a kill has left in its own file; nothing
   * is written, since a reader may not be allowed to.
   * @throws TributaryError('io'), or 'bad-checkpoint' when a model has to be made from a state that is damaged
   */
  read(name: keyof typeof FILES): Uint8Array {
    return name === 'model' && this.has('optimizer') ? this.readModel() : readFileOrExplain(this.file(name));
  }

  private readModel(): Uint8Array {
    const state = this.read('optimizer');
    const file = this.file('model');
    const stored = existsSync(file) ? readFileOrExplain(file) : null;
    if (stored !== null && goesWith(stored, state)) return stored;
    const config = this.config();
    const current = decodeState(state, this.file('optimizer'), config);
    process.stderr.write(
      `note: ${file} is not of step ${current.step}, where this run is: its optimizer.safetensors is read instead; train --resume writes it anew\n`,
    );
    return modelOf(current, config);
  }

  /** @throws TributaryError('bad-input') when there is no run here, or its config cannot be used */
  config(): RunConfig {
    if (!this.has('config')) badInput(`${this.path} holds no run: there is no ${FILES.config} in it`);
    return parseRunConfig(new TextDecoder().decode(this.read('config')), this.file('config'));
  }

  appendLog(records: readonly object[]): void {
    appendLines(
      this.file('log'),
      records.map((record) => JSON.stringify(record)),
    );
  }

  /** The log's records up to a step, in order; lines that a kill left half written are passed over. */
  log(lastStep = Number.POSITIVE_INFINITY): LogRecord[] {
    if (!this.has('log')) return [];
    return new TextDecoder()
      .decode(this.read('log'))
      .split('\n')
      .flatMap((line) => {
        try {
          const record = JSON.parse(line) as LogRecord;
          return record.step <= lastStep ? [record] : [];
        } catch {
          return [];
        }
      });
  }

  /** Drops what the log says about steps behind `lastStep`. */
  truncateLog(lastStep: number): void {
    const lines = this.log(lastStep).map((record) => `${JSON.stringify(record)}\n`);
    this.replace(this.file('log'), new TextEncoder().encode(lines.join('')));
  }
}

/** A line of train.jsonl: the losses of a step, or the excess loss after it. */
export interface LogRecord {
  readonly step: number;
  readonly losses?: Readonly<Record<string, number>>;
  readonly gradient_norm?: number;
  /** What else was measured in the step, by the family's names. */
  readonly observed?: Readonly<Record<string, number>>;
  /** How far the step's entropic plan is off the base's marginal, in total variation, at most. */
  readonly marginal_error?: number;
  readonly excess?: {
    readonly over_oracle: number | null;
    readonly over_oracle_error: number | null;
    readonly over_memorising: number;
    readonly over_memorising_error: number;
    readonly memorising_over_oracle: number | null;
    readonly score?: number | null;
    readonly epsilon?: number | null;
    /** Of the network without a label, where label dropout trains it. */
    readonly unlabelled?: {
      readonly over_oracle: number | null;
      readonly over_oracle_error: number | null;
      readonly over_memorising: number;
      readonly over_memorising_error: number;
    } | null;
  };
}
