import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { RunConfig } from '../model/run_config.js';
import { sampledConfig } from '../run/stages.js';
import { modelConfig } from '../run/trained.js';
import { trainingStateHead } from '../train/checkpoint.js';
import { readFileOrExplain } from './files.js';
import { type LogRecord, RunFolder } from './run_folder.js';

/** What sampling needs of a run: the folder that training left, or one file of a model that carries its config. */
export interface TrainedRun {
  readonly path: string;
  /** Where results go unless told otherwise. */
  readonly folder: string;
  has(name: 'model'): boolean;
  file(name: 'model'): string;
  read(name: 'model'): Uint8Array;
  /** @throws TributaryError where there is no run, or none that can be used */
  config(): RunConfig;
  log(): LogRecord[];
}

/** A model that travels alone, as the demo page gives it away. */
class ModelFile implements TrainedRun {
  constructor(readonly path: string) {}

  get folder(): string {
    return dirname(this.path);
  }

  has(): boolean {
    return existsSync(this.path);
  }

  file(): string {
    return this.path;
  }

  read(): Uint8Array {
    return readFileOrExplain(this.path);
  }

  config(): RunConfig {
    return modelConfig(this.read(), this.path);
  }

  /** It did not travel along. */
  log(): LogRecord[] {
    return [];
  }
}

/** @param path a run's folder, or a .safetensors file that carries its config */
export function trainedRun(path: string): TrainedRun {
  return /\.safetensors$/i.test(path) ? new ModelFile(path) : new RunFolder(path);
}

/** A run's config with the times that the model in it was trained at: see `sampledConfig`. */
export function asTrained(run: TrainedRun, config: RunConfig): RunConfig {
  if (!run.has('model')) return config;
  return sampledConfig(config, trainingStateHead(run.read('model'), run.file('model')).step);
}
