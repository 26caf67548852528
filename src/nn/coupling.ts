import {
  assignmentKernel,
  endpointDraw,
  FORBIDDEN_COST,
  pairwiseCost,
  planDraw,
  sinkhornStep,
} from '../backend/contracts/coupling.js';
import type { DeviceArray } from '../backend/kernel.js';
import type { Trace } from '../backend/trace.js';
import { badInput } from '../errors.js';
import { seedKey } from '../random/random.js';

/** How the draws of a batch are coupled: by the exact plan of least cost, or by draws from the entropic plan. */
export interface CouplingConfig {
  readonly kind: 'ot' | 'sinkhorn';
  /** ε of the entropic plan, in squared units of the data as trained on; [SF]²M takes 2σ². */
  readonly regularisation?: number;
  /** Sinkhorn iterations, two half steps each. */
  readonly iterations?: number;
  /** Couples within a class only, as a conditional model needs. */
  readonly withinClass: boolean;
}

/** Half steps of a trace are kernel launches: more iterations than this would rather need another method. */
const MOST_ITERATIONS = 10_000;

/** The most draws whose pairs 32 bits address. */
const MOST_DRAWS = 2 ** 15;

/** @throws TributaryError('bad-input') naming the first setting that makes no sense, and what would */
export function checkCoupling(config: CouplingConfig, draws: number): void {
  const { kind, regularisation, iterations } = config;
  if (kind !== 'ot' && kind !== 'sinkhorn') {
    badInput(`coupling kind is ${JSON.stringify(kind)}; it must be "ot" or "sinkhorn"`);
  }
  if (typeof config.withinClass !== 'boolean') {
    badInput(`coupling withinClass is ${JSON.stringify(config.withinClass)}; it must be true or false`);
  }
  if (draws > MOST_DRAWS) {
    badInput(`a batch of ${draws} draws is too large to couple; ${MOST_DRAWS} is the most`);
  }
  if (kind === 'ot') return;
  if (!(regularisation !== undefined && regularisation > 0 && Number.isFinite(regularisation))) {
    badInput(`coupling regularisation is ${regularisation}; it must be above 0`);
  }
  if (!(Number.isInteger(iterations) && iterations! >= 1 && iterations! <= MOST_ITERATIONS)) {
    badInput(`coupling iterations is ${iterations}; it must be a whole number from 1 to ${MOST_ITERATIONS}`);
  }
}

export interface CouplingSizes {
  readonly seed: number;
  /** Draws of a batch: its rows, or half of them with antithetic pairs. */
  readonly draws: number;
  readonly dim: number;
  /** Rows of ρ1 in `data`, and of ρ0 behind them; 0 for a standard normal base. */
  readonly rows: number;
  readonly sourceRows: number;
  readonly antithetic: boolean;
}

/**
 * Records the coupling of a batch: data draw j takes the base of draw pair[j].
 * @param arrays clock; data [rows + sourceRows, dim]; label [rows]; draw [batch, 3] as `endpoint_draw` reads it
 * @param into [draws], where to put the pairs; temporary memory if not given
 * @returns pair, [draws]: a permutation with kind `ot`, with repetitions else
 * @throws TributaryError('bad-input') as {@link checkCoupling}
 */
export function recordCoupling(
  trace: Trace,
  config: CouplingConfig,
  sizes: CouplingSizes,
  arrays: {
    readonly clock: DeviceArray;
    readonly data: DeviceArray;
    readonly label: DeviceArray;
    readonly draw: DeviceArray;
  },
  into?: DeviceArray,
): DeviceArray {
  const { draws: n, dim, rows, sourceRows } = sizes;
  checkCoupling(config, n);
  const { clock, data, label, draw } = arrays;
  const antithetic = sizes.antithetic ? 1 : 0;
  const [seedLow, seedHigh] = seedKey(sizes.seed);
  const x0 = trace.temporary(n * dim, 'bases to couple');
  const x1 = trace.temporary(n * dim, 'data to couple');
  trace.call(
    endpointDraw,
    { clock, data, draw, x0, x1 },
    { seedLow, seedHigh, n, dim, rows, sourceRows, antithetic },
  );
  const cost = trace.temporary(n * n, 'coupling costs');
  const penalty = config.withinClass ? FORBIDDEN_COST : 0;
  trace.call(pairwiseCost, { x0, x1, draw, label, cost }, { n, dim, rows, antithetic, penalty });
  const pair = into ?? trace.temporary(n, 'coupling', 'u32');
  if (config.kind === 'ot') {
    trace.call(assignmentKernel, { cost, pair }, { n });
    return pair;
  }
  const { regularisation = 0, iterations = 0 } = config;
  const ofData = trace.temporary(n, 'potentials of the data');
  const ofBases = trace.temporary(n, 'potentials of the bases');
  for (let k = 0; k < iterations; k++) {
    const half = (other: DeviceArray, potential: DeviceArray, transpose: number) =>
      trace.call(
        sinkhornStep,
        { cost, other, potential },
        { n, regularisation, transpose, warm: k > 0 || transpose ? 1 : 0 },
      );
    // At the start there are none yet, but something must be bound.
    half(k > 0 ? ofBases : x0, ofData, 0);
    half(ofData, ofBases, 1);
  }
  trace.call(planDraw, { clock, cost, potential: ofBases, pair }, { seedLow, seedHigh, n, regularisation });
  return pair;
}
