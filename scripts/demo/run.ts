/** One real run of the demo page's own recipe, with everything that the page shows of it. */
import {
  type Dataset,
  type Engine,
  type Evaluation,
  ExcessMonitor,
  encodeModel,
  evaluateSamples,
  Sampler,
  Trainer,
} from 'tributary';
import type { History } from '../../demo/src/lab/messages.js';
import { configOf, JUDGE, labelsOf, type ModelChoice, tableOf } from '../../demo/src/lab/recipe.js';

const EXCESS_EVERY = 100;

export interface Finished {
  readonly bytes: Uint8Array;
  readonly history: History;
  readonly evaluation: Evaluation;
  readonly points: Float64Array;
}

/** As many as the page judges. */
export const JUDGED = 1000;

/** Every loss is thinned to at most this many numbers. */
export function thinned<T>(list: readonly T[], most: number): T[] {
  const every = Math.max(1, Math.ceil(list.length / most));
  return list.filter((_, i) => i % every === 0);
}

export async function trainAndJudge(
  engine: Engine,
  choice: ModelChoice,
  dataset: Dataset,
  steps: number,
): Promise<Finished> {
  const config = configOf(choice, dataset);
  const trainer = await Trainer.create(engine, config, dataset);
  const monitor = await ExcessMonitor.create(trainer, dataset);
  const loss: [number, number][] = [];
  const excess: History['excess'] = [];
  const keep = (records: Awaited<ReturnType<Trainer['train']>>) => {
    for (const { step, losses } of records) {
      const total = Object.values(losses).reduce((sum, value) => sum + value, 0);
      loss.push([step, Number(total.toPrecision(5))]);
    }
  };
  while (trainer.step < steps) {
    keep(await trainer.train(Math.min(EXCESS_EVERY, steps - trainer.step)));
    if (monitor) excess.push(await monitor.measure(trainer.step));
  }
  keep(await trainer.flush());
  const average = trainer.model.store.view(trainer.optimizer.average);
  const table = tableOf(config, JUDGE);
  const sampler = await Sampler.create(engine, trainer.model, average, table, 1, JUDGED);
  const labels = labelsOf(config, JUDGED, -1);
  const { points } = await sampler.sample({ n: JUDGED, ...(labels ? { labels } : {}) });
  const evaluation = evaluateSamples({
    points,
    ...(labels ? { labels } : {}),
    ...(dataset.distribution ? { distribution: dataset.distribution } : {}),
    training: dataset,
    family: config.family,
    seed: 1,
  });
  const bytes = encodeModel(trainer.model, await trainer.state(), config);
  const memorising = monitor?.memorisingExcess ?? null;
  sampler.destroy();
  monitor?.destroy();
  trainer.destroy();
  return {
    bytes,
    history: { loss, excess, evaluation: { step: steps, result: evaluation }, memorising },
    evaluation,
    points,
  };
}
