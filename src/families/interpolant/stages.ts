import type { Schedule } from '../../interpolant/schedule.js';
import type { Stage } from '../../model/phase.js';
import { interpolantPhase } from './phase.js';
import { reflowPairs } from './reflow.js';
import type { InterpolantRun, InterpolantSettings } from './settings.js';

/** Between the seeds of two rounds: batches of a round are not those of the round before. */
const ROUND_SEED = 1_000_003;

/** Distillation knows one time: the start. */
const START_TIME = { timeMin: 0, timeMax: 1e-9, timeCells: 1, timeDistribution: 'uniform' } as const;

/**
 * The flow; then as often as it is reflowed, training on pairs (x0, x1) that the model of the round before has made; at
 * last, where it is distilled, on such pairs at t = 0 alone. Source: Liu, Gong & Liu, arXiv 2209.03003, algorithm 1.
 * @param own a path and γ of the caller's own, in place of those that the settings name
 */
export function interpolantStages(
  run: InterpolantRun,
  own?: Schedule,
): readonly Stage<InterpolantSettings>[] {
  const { settings, seed } = run;
  const { reflowRounds: rounds, distil } = settings;
  const again = (round: number, name: string, sampledBy: InterpolantSettings): Stage<InterpolantSettings> => {
    const ownSeed = seed + round * ROUND_SEED;
    const trainedBy = { ...sampledBy, coupling: 'paired', batching: 'epochs' } as const;
    return {
      ...{ name, seed: ownSeed, settings: sampledBy },
      phases: [interpolantPhase(trainedBy, own)],
      prepare: (before, source, onProgress) => reflowPairs(before, source.base, ownSeed, onProgress),
    };
  };
  return [
    { name: 'flow', phases: [interpolantPhase(settings, own)] },
    ...Array.from({ length: rounds }, (_, k) => again(k + 1, `reflow ${k + 1}`, settings)),
    ...(distil ? [again(rounds + 1, 'distil', { ...settings, ...START_TIME })] : []),
  ];
}
