import { TributaryError } from '../errors.js';
import type { Model } from '../model/model.js';
import type { Source, Stage } from '../model/phase.js';
import type { RunConfig } from '../model/run_config.js';
import type { Learner, StepRecord, TrainingState } from './learner.js';

/** The one step of a stage that fits numbers to its data at once; networks stay as the stage before has left them. */
export class Fitting<S extends object = object> implements Learner<S> {
  step = 0;
  readonly steps = 1;

  constructor(
    readonly config: RunConfig<S>,
    readonly model: Model,
    private readonly fit: NonNullable<Stage<S>['fit']>,
    private readonly source: Source,
  ) {}

  async train(count: number): Promise<StepRecord[]> {
    if (count < 1 || this.step === this.steps) return [];
    const { config, model } = this;
    model.fitted = await this.fit(this.source, { config, model });
    this.step = 1;
    return [];
  }

  async flush(): Promise<StepRecord[]> {
    return [];
  }

  async state(): Promise<TrainingState> {
    const { store, fitted } = this.model;
    const flat = (await store.engine.read(store.values)) as Float32Array | Float64Array;
    const values = store.split(flat);
    const zeros = store.split(new Float64Array(store.length));
    return { step: this.step, parameters: values, average: values, m: zeros, v: zeros, fitted };
  }

  restore({ step, average, fitted }: TrainingState): void {
    if (step !== 0 && step !== this.steps)
      throw new TributaryError('bad-checkpoint', `the checkpoint is at step ${step}; a fit has one step`);
    const { store } = this.model;
    if (store.length > 0) store.engine.write(store.values, store.join(average));
    if (fitted) this.model.fitted = fitted;
    this.step = step;
  }

  destroy(): void {
    this.model.destroy();
  }
}
