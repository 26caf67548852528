import type { RunConfig } from './config.js';

/** Between the seeds of two rounds. */
const ROUND_SEED = 1_000_003;

/** Points that the pairs of a round are. */
export const PAIRS = 20_000;

/** Distillation knows one time: the start. */
const START_TIME = { timeMin: 0, timeMax: 1e-9, timeCells: 1 } as const;

/** Rounds of training: one, and one more for each reflow and for the distillation. */
export function roundsOf({ reflow }: RunConfig): number {
  return 1 + (reflow ? reflow.rounds + (reflow.distil ? 1 : 0) : 0);
}

/** Steps of all rounds together. */
export const totalSteps = (config: RunConfig): number => roundsOf(config) * config.steps;

export const roundSeed = ({ seed }: RunConfig, round: number): number => seed + round * ROUND_SEED;

/** The interpolant of a distillation. */
const distilled = ({ interpolant }: RunConfig): RunConfig['interpolant'] => ({
  ...interpolant,
  ...START_TIME,
  timeDistribution: 'uniform',
});

const distils = (config: RunConfig, round: number): boolean =>
  config.reflow?.distil === true && round === roundsOf(config) - 1;

/**
 * The config of a round: the first is the run's own; later ones are trained on pairs (x0, x1), in the network's own
 * coordinates, that the model of the round before has made; a distillation only at t = 0.
 * Source: Liu, Gong & Liu, arXiv 2209.03003, algorithm 1.
 */
export function roundConfig(config: RunConfig, round: number): RunConfig {
  if (round === 0) return config;
  const { dim } = config.data;
  return {
    ...config,
    data: { ...config.data, rows: PAIRS, base: { name: `round ${round}`, rows: PAIRS } },
    transform: { offset: new Array<number>(dim).fill(0), scale: 1 },
    interpolant: {
      ...(distils(config, round) ? distilled(config) : config.interpolant),
      coupling: 'paired',
      batching: 'epochs',
    },
    // Batches of a round are not those of the round before.
    seed: roundSeed(config, round),
  };
}

/**
 * The config that a run's model is sampled by: the run's own, but for the times of a model that is being distilled, or
 * has been, whose velocity was trained at t = 0 alone.
 * @param step the model's, counted over all rounds
 */
export function sampledConfig(config: RunConfig, step: number): RunConfig {
  const round = Math.ceil(step / config.steps) - 1;
  return distils(config, round) ? { ...config, interpolant: distilled(config) } : config;
}
