/**
 * How far chance moves each metric of a model's 1000 samples: `npm run demo:scatter`. Four small networks, 16 seeds of
 * the particles each; `demo/src/panels/best.ts` takes the largest of each column.
 */
import { createEngine, evaluateSamples, Sampler } from 'tributary-engine';
import { openCourse, takeSteps } from '../../demo/src/lab/course.js';
import {
  configOf,
  datasetOf,
  JUDGE,
  JUDGED,
  labelsOf,
  type ModelChoice,
  tableOf,
} from '../../demo/src/lab/recipe.js';
import { DEFAULTS } from '../../demo/src/state.js';

const SEEDS = 16;
const STEPS = 2000;
const METRICS = ['frechet', 'energy_distance', 'sliced_w2', 'w2', 'log_p_true'] as const;

const MODELS = [
  { data: 'moons', family: 'flow-matching' },
  { data: 'spirals', family: 'flow-matching' },
  { data: 'moons', family: 'score-sde-ve' },
  { data: '8gaussians', family: 'stochastic-interpolant' },
] as const;

const engine = await createEngine();
console.log(['model', ...METRICS].join('\t'));
for (const { data, family } of MODELS) {
  const { custom, path, gamma, head, coupling, conditional, seed } = DEFAULTS;
  const choice: ModelChoice = {
    data,
    family,
    custom,
    path,
    gamma,
    head,
    coupling,
    conditional,
    hidden: 16,
    seed,
  };
  const dataset = datasetOf(choice);
  const config = configOf(choice, dataset);
  const course = await openCourse(engine, config, dataset, null);
  while (course.step < STEPS) await takeSteps(course, Math.min(100, STEPS - course.step));
  const { model, optimizer } = course.trainer;
  const average = model.store.view(optimizer.average);
  const labels = labelsOf(config, JUDGED, -1);
  const values = new Map<string, { value: number; floor: number }[]>(METRICS.map((name) => [name, []]));
  for (let particles = 0; particles < SEEDS; particles++) {
    const sampler = await Sampler.create(engine, model, average, tableOf(config, JUDGE), particles, JUDGED);
    const { points } = await sampler.sample({ n: JUDGED, ...(labels ? { labels } : {}) });
    sampler.destroy();
    const { distribution } = dataset;
    const { metrics } = evaluateSamples({
      ...{ points, training: dataset, seed: 1 },
      ...(labels ? { labels } : {}),
      ...(distribution ? { distribution } : {}),
    });
    for (const name of METRICS) values.get(name)?.push(metrics[name]);
  }
  course.destroy();
  const shares = METRICS.map((name) => {
    const all = values.get(name) ?? [];
    const mean = all.reduce((sum, { value }) => sum + value, 0) / all.length;
    const variance = all.reduce((sum, { value }) => sum + (value - mean) ** 2, 0) / (all.length - 1);
    // Of a mean log density, as a share of what it lacks to the floor.
    const scale = name === 'log_p_true' ? Math.abs(all[0].floor - mean) : mean;
    return (Math.sqrt(variance) / scale).toFixed(2);
  });
  console.log([`${family} on ${data}`, ...shares].join('\t'));
}
engine.destroy();
