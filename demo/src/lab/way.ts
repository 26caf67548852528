/** How a model's particles come from noise to data: along a path by a solver, or in steps of the family's own. */
import {
  asInterpolant,
  type Engine,
  isInterpolant,
  isStepwise,
  type Model,
  modelConfig,
  type RunConfig,
  Sampler,
  type StepwiseGenerator,
  stagesOf,
  TrainedModel,
} from 'tributary-engine';
import { fieldTable, labelsOf, optionsOf, type SampleChoice } from './recipe.js';

/** The config that a model is sampled by: some stages of a training change what it is. */
function sampledBy(config: RunConfig, bytes: Uint8Array): RunConfig {
  if (stagesOf(config).every(({ settings }) => settings === undefined)) return config;
  return { ...config, settings: modelConfig(bytes, 'the model').settings };
}

/**
 * What moves n particles of a model.
 * @param bytes that the model was loaded from
 * @throws TributaryError('bad-input') where it cannot be sampled so
 */
export async function generatorOf(
  config: RunConfig,
  model: Model,
  bytes: Uint8Array,
  choice: SampleChoice,
): Promise<StepwiseGenerator> {
  const { seed, n: tile } = choice;
  const sampling = isInterpolant(config) ? { sampling: optionsOf(config, choice) } : {};
  const trained = new TrainedModel(sampledBy(config, bytes), model);
  const generator = await trained.generator({ seed, tile, ...sampling });
  if (isStepwise(generator)) return generator;
  generator.destroy();
  throw new Error(`the particles of ${config.family} cannot be looked at on their way`);
}

/** The velocity of a model's particles at points [n·2] at time t; without a label unless one is asked for. */
export async function velocityAt(
  engine: Engine,
  config: RunConfig,
  model: Model,
  { t, points, label }: { readonly t: number; readonly points: Float64Array; readonly label: number },
): Promise<Float64Array> {
  const n = points.length / 2;
  const { table, h } = fieldTable(asInterpolant(config), t);
  const sampler = await Sampler.create(engine, model, model.store, table, 0, n);
  try {
    const labels = labelsOf(config, n, label >= 0 ? label : config.data.classes);
    const moved = await sampler.sample({ n, start: points, ...(labels ? { labels } : {}) });
    return moved.points.map((value, i) => (value - points[i]) / h);
  } finally {
    sampler.destroy();
  }
}

/** The part of the time between two states in which particles that jump are drawn on their way. */
export const [LEAVES, ARRIVES] = [0.3, 0.7];

/** How far particles that jump are drawn between two states: they rest at both, and nothing lies between. */
export function jumped(fraction: number): number {
  const part = Math.min(1, Math.max(0, (fraction - LEAVES) / (ARRIVES - LEAVES)));
  return part * part * (3 - 2 * part);
}

/** Where particles that jump are at a time: steps that have begun, and whether they rest before or after them. */
export function jumpPlace(t: number, jumps: number): { begun: number; resting: boolean } {
  const place = Math.min(1, Math.max(0, t)) * jumps;
  const index = Math.min(Math.floor(place), jumps - 1);
  const fraction = jumped(place - index);
  return { begun: fraction === 0 ? index : index + 1, resting: fraction === 0 || fraction === 1 };
}

/** What a visitor is told of such particles. */
export const jumpNote = (jumps: number): string =>
  `${jumps === 1 ? 'One step takes' : `${jumps} steps take`} noise to data at once: the way between is drawn, the model has none.`;
