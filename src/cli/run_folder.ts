import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { badInput, TributaryError } from '../errors.js';
import { parseRunConfig } from '../train/checkpoint.js';
import type { RunConfig } from '../train/config.js';
import { appendLines, ensureOutputFolder, readFileOrExplain, removeIfPresent, writeAtomic } from './files.js';

const FILES = {
  config: 'config.json',
  model: 'model.safetensors',
  optimizer: 'optimizer.safetensors',
  log: 'train.jsonl',
  summary: 'summary.json',
  metrics: 'metrics.json',
  report: 'report.html',
  samples: 'study.npy',
  study: 'study.json',
} as const;

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid < 1 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The folder of one run. Every file but the log is written to a temporary name and renamed. */
export class RunFolder {
  constructor(readonly path: string) {}

  get folder(): string {
    return this.path;
  }

  file(name: keyof typeof FILES): string {
    return join(this.path, FILES[name]);
  }

  has(name: keyof typeof FILES): boolean {
    return existsSync(this.file(name));
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

  /** Begins a run: to be called when nothing can fail any more, for an old run is removed here. */
  begin(config: RunConfig): void {
    for (const name of Object.keys(FILES)) removeIfPresent(this.file(name as keyof typeof FILES));
    for (const name of readdirSync(this.path))
      if (/^round-\d+\.safetensors$/.test(name)) removeIfPresent(join(this.path, name));
    writeAtomic(this.file('config'), `${JSON.stringify(config, null, 2)}\n`);
  }

  /**
   * Keeps a second process out while this one trains here.
   * @returns what releases the folder
   * @throws TributaryError('bad-input') naming the process that holds it
   */
  lock(): () => void {
    ensureOutputFolder(this.path);
    const file = join(this.path, '.lock');
    if (existsSync(file)) {
      const holder = Number(readFileSync(file, 'utf8'));
      if (isAlive(holder))
        badInput(`${this.path} is in use by process ${holder}; wait for it or choose another --out`);
      // Left by a process that was killed.
      removeIfPresent(file);
    }
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
    } catch (error) {
      throw new TributaryError('io', `cannot lock ${this.path}: ${(error as Error).message}`, {
        cause: error,
      });
    }
    return () => removeIfPresent(file);
  }

  write(name: keyof typeof FILES, content: Uint8Array | string): void {
    writeAtomic(this.file(name), content);
  }

  /** The model that a round of a reflowing run has ended with. */
  writeRound(round: number, content: Uint8Array): void {
    writeAtomic(this.roundFile(round), content);
  }

  readRound(round: number): { bytes: Uint8Array; file: string } {
    const file = this.roundFile(round);
    // A kill between the round's last checkpoint and this file: the model is still the one it ended with.
    if (!existsSync(file)) this.writeRound(round, this.read('model'));
    return { bytes: readFileOrExplain(file), file };
  }

  private roundFile(round: number): string {
    return join(this.path, `round-${round}.safetensors`);
  }

  read(name: keyof typeof FILES): Uint8Array {
    return readFileOrExplain(this.file(name));
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
    return readFileSync(this.file('log'), 'utf8')
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
    writeAtomic(this.file('log'), lines.join(''));
  }
}

/** A line of train.jsonl: the losses of a step, or the excess loss after it. */
export interface LogRecord {
  readonly step: number;
  readonly losses?: Readonly<Record<string, number>>;
  readonly gradient_norm?: number;
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
