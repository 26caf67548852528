import { drawStarts } from '../../data/dataset.js';
import { spreadLabels } from '../../data/labels.js';
import type { Source, Trained } from '../../model/phase.js';
import { samplingTable } from '../../samplers/plan.js';
import { Sampler } from '../../samplers/sampler.js';
import type { InterpolantSettings } from './settings.js';

/** Points that the pairs of a round are. */
export const PAIRS = 20_000;

/** Heun's steps from x0 to its x1: far below the distance that a round straightens. */
const STEPS = 50;

/**
 * The pairs (x0, x1) that a model makes, and their labels, in the network's own coordinates: a pure function of model
 * and seed. Source: Liu, Gong & Liu, arXiv 2209.03003, algorithm 1.
 * @param base [m, dim] the points that the first round's x0 came from; null for noise
 */
export async function reflowPairs(
  { config, model }: Trained<InterpolantSettings>,
  base: Float64Array | null,
  seed: number,
  onProgress?: (done: number) => void | Promise<void>,
): Promise<Source> {
  const { dim, classes, labelCounts } = config.data;
  const labels =
    classes > 0 ? spreadLabels(PAIRS, labelCounts ?? new Array<number>(classes).fill(1)) : undefined;
  const table = samplingTable(config.settings, { solver: 'heun', steps: STEPS, pointBase: base !== null });
  const sampler = await Sampler.create(model.engine, model, model.store, table, seed);
  try {
    const { points, frames } = await sampler.sample({
      n: PAIRS,
      frames: [0],
      ...(labels ? { labels } : {}),
      ...(base ? { start: drawStarts(base, dim, PAIRS, seed) } : {}),
      ...(onProgress ? { onProgress } : {}),
    });
    return { dim, rows: PAIRS, points, base: frames[0], labels: labels ?? new Uint32Array(PAIRS) };
  } finally {
    sampler.destroy();
  }
}
