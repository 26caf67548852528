import type { Backend } from '../backend/backend.js';
import { type Dataset, drawStarts } from '../data/dataset.js';
import { spreadLabels } from '../data/labels.js';
import { badInput } from '../errors.js';
import { Model } from '../families/model.js';
import { samplingTable } from '../samplers/plan.js';
import { Sampler } from '../samplers/sampler.js';
import { loadModel } from './checkpoint.js';
import type { RunConfig } from './config.js';

/** Pairs that a round is trained on. */
const PAIRS = 20_000;
/** Heun's steps from x0 to its x1: far below the distance that a round straightens. */
const STEPS = 50;
/** Between the seeds of two rounds. */
const ROUND_SEED = 1_000_003;
/** Distillation knows one time: the start. */
const START_TIME = { timeMin: 0, timeMax: 1e-9, timeCells: 1 } as const;

/** Rounds of training: one, and one more for each reflow and for the distillation. */
export function roundsOf({ reflow }: RunConfig): number {
  return 1 + (reflow ? reflow.rounds + (reflow.distil ? 1 : 0) : 0);
}

/** Steps of all rounds together. */
export const totalSteps = (config: RunConfig): number => roundsOf(config) * config.steps;

/**
 * The config of a round: the first is the run's own; later ones are trained on pairs (x0, x1), in the network's own
 * coordinates, that the model of the round before has made; a distillation only at t = 0.
 * Source: Liu, Gong & Liu, arXiv 2209.03003, algorithm 1.
 */
export function roundConfig(config: RunConfig, round: number): RunConfig {
  if (round === 0) return config;
  const { dim } = config.data;
  const distils = config.reflow?.distil === true && round === roundsOf(config) - 1;
  return {
    ...config,
    data: { ...config.data, rows: PAIRS, base: { name: `round ${round}`, rows: PAIRS } },
    transform: { offset: new Array<number>(dim).fill(0), scale: 1 },
    interpolant: {
      ...config.interpolant,
      coupling: 'paired',
      batching: 'epochs',
      ...(distils ? { ...START_TIME, timeDistribution: 'uniform' } : {}),
    },
    // Batches of a round are not those of the round before.
    seed: config.seed + round * ROUND_SEED,
  };
}

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
  const seed = config.seed + round * ROUND_SEED;
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
