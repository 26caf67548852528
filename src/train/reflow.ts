import type { Backend } from '../backend/backend.js';
import { type Dataset, drawStarts } from '../data/dataset.js';
import { spreadLabels } from '../data/labels.js';
import { badInput } from '../errors.js';
import { Model } from '../families/model.js';
import { samplingTable } from '../samplers/plan.js';
import { Sampler } from '../samplers/sampler.js';
import { loadModel } from './checkpoint.js';
import type { RunConfig } from './config.js';
import { PAIRS, roundSeed } from './rounds.js';

/** Heun's steps from x0 to its x1: far below the distance that a round straightens. */
const STEPS = 50;

/** The model of the round before. */
export interface RoundBefore {
  /** Its safetensors. */
  readonly bytes: Uint8Array;
  readonly file: string;
}

/**
 * The pairs that the model of the round before makes, and their labels: a pure function of model and seed.
 * @param base [m, dim] the points that the first round's x0 came from, in the network's own coordinates; Gaussian if
 *   undefined
 * @throws TributaryError('bad-input') where the config has a base of points and none are given
 */
export async function reflowPairs(
  engine: Backend,
  config: RunConfig,
  round: number,
  { bytes, file }: RoundBefore,
  base: Float64Array | undefined,
  onProgress?: (done: number) => void | Promise<void>,
): Promise<Dataset> {
  if (round < 1) badInput(`round ${round} has no round before it`);
  const { dim, classes, labelCounts } = config.data;
  const sourceRows = (base?.length ?? 0) / dim;
  if (sourceRows !== (config.data.base?.rows ?? 0))
    badInput(`the config describes ${config.data.base?.rows ?? 0} base points, ${sourceRows} are given`);
  const seed = roundSeed(config, round);
  const labels =
    classes > 0 ? spreadLabels(PAIRS, labelCounts ?? new Array<number>(classes).fill(1)) : undefined;
  const table = samplingTable(config.interpolant, {
    solver: 'heun',
    steps: STEPS,
    pointBase: base !== undefined,
  });
  const model = new Model(engine, config.interpolant.heads, config.network, config.seed, false);
  let sampler: Sampler | undefined;
  try {
    loadModel(model, bytes, file);
    sampler = await Sampler.create(engine, model, model.store, table, seed);
    const { points, frames } = await sampler.sample({
      n: PAIRS,
      frames: [0],
      ...(labels ? { labels } : {}),
      ...(base ? { start: drawStarts(base, dim, PAIRS, seed) } : {}),
      ...(onProgress ? { onProgress } : {}),
    });
    return {
      name: `pairs of round ${round}`,
      dim,
      rows: PAIRS,
      points,
      base: frames[0],
      labels: labels ?? new Uint32Array(PAIRS),
      classes: Math.max(1, classes),
    };
  } finally {
    sampler?.destroy();
    model.destroy();
  }
}
