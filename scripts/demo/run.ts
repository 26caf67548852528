/** One real run of the demo page's own recipe, with everything that the page shows of it. */
import {
  type Dataset,
  type Engine,
  type Evaluation,
  ExcessMonitor,
  evaluateSamples,
  Sampler,
  type StepRecord,
} from 'tributary-engine';
import { modelFile, openCourse, takeSteps, wholeState } from '../../demo/src/lab/course.js';
import type { History } from '../../demo/src/lab/messages.js';
import { configOf, JUDGE, JUDGED, labelsOf, type ModelChoice, tableOf } from '../../demo/src/lab/recipe.js';

const EXCESS_EVERY = 100;

export interface Finished {
  readonly bytes: Uint8Array;
  /** What it takes to go on to the bit. */
  readonly state: Uint8Array;
  readonly history: History;
  readonly evaluation: Evaluation;
  readonly points: Float64Array;
}

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
  const course = await openCourse(engine, config, dataset, null);
  const monitor = course.monitor instanceof ExcessMonitor ? course.monitor : null;
  const memorising = monitor?.memorisingExcess ?? null;
  const loss: [number, number][] = [];
  const excess: History['excess'] = [];
  const keep = (records: readonly StepRecord[]) => {
    for (const { step, losses } of records) {
      const total = Object.values(losses).reduce((sum, value) => sum + value, 0);
      loss.push([step, Number(total.toPrecision(5))]);
    }
  };
  while (course.step < steps) {
    keep(await takeSteps(course, Math.min(EXCESS_EVERY, steps - course.step)));
    if (monitor) excess.push(await monitor.measure(course.step));
  }
  keep(await course.flush());
  const { model, optimizer } = course.trainer;
  const table = tableOf(config, JUDGE);
  const sampler = await Sampler.create(engine, model, model.store.view(optimizer.average), table, 1, JUDGED);
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
  const bytes = await modelFile(course, config);
  const state = (await wholeState(course)).bytes;
  sampler.destroy();
  course.destroy();
  return {
    bytes,
    state,
    history: { loss, excess, evaluation: { step: steps, result: evaluation }, memorising },
    evaluation,
    points,
  };
}
