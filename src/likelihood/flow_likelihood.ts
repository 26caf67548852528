import type { Backend } from '../backend/backend.js';
import { logVolume, toData, toNetwork, type Units } from '../data/units.js';
import { badInput } from '../errors.js';
import { meanAndError, type NumericalLikelihood } from '../model/likelihood.js';
import type { Model } from '../model/model.js';
import type { ParameterSource } from '../nn/parameters.js';
import { halvedGrid } from '../samplers/graded.js';
import { FlowDensity, type FlowDensityOptions, type FlowPoints } from './flow_density.js';

export interface FlowLikelihoodOptions extends FlowDensityOptions {
  /** [n·dim] points in the units of the data */
  readonly points: Float64Array;
  readonly labels?: Uint32Array;
  readonly units: Units;
  /** Hutchinson's probes a point, each a trajectory of its own; 1 if not given. */
  readonly probes?: number;
  /** Called with the share that is done, 0 to 1. */
  readonly onProgress?: (share: number) => void | Promise<void>;
}

/**
 * ln p of points under the flow of a network, in the units of the data, with a tolerance measured by running it
 * twice, on the grid and on the grid halved: the values are those of the finer run.
 * @throws TributaryError('bad-input') as {@link FlowDensity} does
 */
export async function flowLikelihood(
  engine: Backend,
  model: Model,
  parameters: ParameterSource,
  options: FlowLikelihoodOptions,
): Promise<NumericalLikelihood> {
  const { points, labels, units, probes = 1, onProgress, grid } = options;
  const { dim } = model.network;
  if (!Number.isInteger(probes) || probes < 1) badInput(`probes is ${probes}; it must be 1 or more`);
  const n = points.length / dim;
  const x = toNetwork(points, units);
  // The finer run takes twice as long, and each probe a run.
  const total = 3 * probes;
  let done = 0;
  let divergence: NumericalLikelihood['divergence'] = 'exact';
  const run = async (times: Float64Array, share: number): Promise<Float64Array[]> => {
    const flow = await FlowDensity.create(engine, model, parameters, { ...options, grid: times });
    divergence = flow.divergence;
    try {
      const results: Float64Array[] = [];
      // Probes make no difference to an exact divergence.
      const runs = divergence === 'exact' ? 1 : probes;
      for (let probeIndex = 0; probeIndex < runs; probeIndex++) {
        const { nats } = await flow.logDensity(x, {
          ...(labels ? { labels } : {}),
          probeIndex,
          onProgress: (count) => onProgress?.((done + (share * count) / n) / total),
        });
        results.push(nats);
        done += share;
      }
      done += share * (probes - runs);
      return results;
    } finally {
      flow.destroy();
    }
  };
  const coarse = averaged(await run(grid, 1));
  const runs = await run(halvedGrid(grid), 2);
  const fine = averaged(runs);
  const volume = logVolume(units);
  return {
    kind: 'numerical',
    nats: fine.map((value) => value - volume),
    dim,
    tolerance: fine.reduce((most, value, i) => Math.max(most, Math.abs(value - coarse[i])), 0),
    meanTolerance: Math.abs(meanAndError(fine.map((value, i) => value - coarse[i])).mean),
    divergence,
    probeError: probeError(runs),
  };
}

function averaged(runs: readonly Float64Array[]): Float64Array {
  return runs[0].map((_, i) => runs.reduce((sum, run) => sum + run[i], 0) / runs.length);
}

/**
 * What probes leave uncertain of the mean over points: from the spread over each point's probes. With one probe a
 * point it cannot be told from the spread over points, whose standard error contains it.
 */
function probeError(runs: readonly Float64Array[]): number {
  if (runs.length < 2) return 0;
  const n = runs[0].length;
  let variance = 0;
  for (let i = 0; i < n; i++) variance += meanAndError(runs.map((run) => run[i])).standardError ** 2 / n ** 2;
  return Math.sqrt(variance);
}

/**
 * Samples together with their ln p, both in the units of the data. The samples are those that a `Sampler` with the
 * same seed and solver draws.
 * @param options `grid` rises: noise to data
 * @returns points [n·dim] and nats [n]
 * @throws TributaryError('bad-input') as {@link FlowDensity} does
 */
export async function samplesWithLogDensity(
  engine: Backend,
  model: Model,
  parameters: ParameterSource,
  options: FlowDensityOptions & {
    readonly n: number;
    readonly labels?: Uint32Array;
    readonly units: Units;
    readonly onProgress?: (done: number) => void | Promise<void>;
  },
): Promise<FlowPoints> {
  const { n, labels, units, onProgress } = options;
  const flow = await FlowDensity.create(engine, model, parameters, options);
  try {
    const drawn = await flow.sample(n, {
      ...(labels ? { labels } : {}),
      ...(onProgress ? { onProgress } : {}),
    });
    const volume = logVolume(units);
    return {
      points: toData(drawn.points, units),
      nats: drawn.nats.map((value) => value - volume),
    };
  } finally {
    flow.destroy();
  }
}
