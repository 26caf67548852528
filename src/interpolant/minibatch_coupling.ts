import {
  assignmentKernel,
  endpointDraw,
  FORBIDDEN_COST,
  marginalError as marginalErrorKernel,
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
  /** Sinkhorn iterations at ε itself, two half steps each; those on the way down to it come on top. */
  readonly iterations?: number;
  /** Couples within a class only, as a conditional model needs. */
  readonly withinClass: boolean;
}

/** Half steps of a trace are kernel launches: more iterations than this would rather need another method. */
const MOST_ITERATIONS = 10_000;

/** Iterations at each ε on the way down: these only have to come close enough for the next one to begin from. */
const STAGE_ITERATIONS = 4;

/**
 * ω of the relaxed iterations: each goes 1.7 times as far as Sinkhorn's own, which near the solution leaves the fifth
 * part of the iterations (arXiv 1711.01851). The last ones are Sinkhorn's own, for these alone never raise the error.
 */
const RELAXATION = 1.7;
const PLAIN_ITERATIONS = 4;

/**
 * From a mean cost of this many ε on, float32 cannot tell costs apart that differ by a few per cent of ε: the plan
 * would be rounding. The stated error is met down to a tenth of it.
 */
const LARGEST_COST = 1e5;

/**
 * Total variation between the bases' marginal of an entropic plan and 1/n each that counts as converged. With the
 * default iterations `8gaussians`, `moons` and `corridor` stay below it for every ε from 0.005 to 2.
 */
export const MARGINAL_TOLERANCE = 0.01;

/** The most draws whose pairs 32 bits address. */
const MOST_DRAWS = 2 ** 15;

/**
 * The values of ε that lead from the costs down to ε, each half of the one before; empty where ε is not below them. A
 * start from nothing at ε itself takes about cost/ε iterations; so many halvings take log₂ of it. The stages begin anew
 * in every step, for a start from the step before would be a part of the checkpoint.
 */
export function scalingStages(regularisation: number, cost: number): number[] {
  const halvings = Math.max(0, Math.ceil(Math.log2(cost / regularisation)));
  return Array.from({ length: halvings }, (_, k) => regularisation * 2 ** (halvings - k));
}

/**
 * @param costScale the mean cost of a pair, as {@link CouplingSizes} has it
 * @throws TributaryError('bad-input') naming the first setting that makes no sense, and what would
 */
export function checkCoupling(config: CouplingConfig, draws: number, costScale = 0): void {
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
  if (costScale > LARGEST_COST * regularisation!) {
    badInput(
      `coupling regularisation is ${regularisation}, too small for base and data a mean squared distance of ` +
        `${Number(costScale.toPrecision(3))} apart; take at least ${(costScale / LARGEST_COST).toPrecision(2)}, or the coupling "ot"`,
    );
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
  /** Mean squared distance of a base and a data point that are paired by chance: where entropic plans begin. */
  readonly costScale?: number;
}

/** What a recorded coupling leaves on the device. */
export interface Coupling {
  /** [draws]: a permutation with kind `ot`, with repetitions else. */
  readonly pair: DeviceArray;
  /** [1] at least the total variation between the bases' marginal of the plan and 1/n each; null with `ot`. */
  readonly marginalError: DeviceArray | null;
}

/**
 * Records the coupling of a batch: data draw j takes the base of draw pair[j].
 * @param arrays clock; data [rows + sourceRows, dim]; label [rows]; draw [batch, 3] as `endpoint_draw` reads it
 * @param into [draws], where to put the pairs; temporary memory if not given
 * @returns the pairs, and with kind `sinkhorn` how well they keep the bases' marginal
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
): Coupling {
  const { draws: n, dim, rows, sourceRows } = sizes;
  checkCoupling(config, n, sizes.costScale);
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
    return { pair, marginalError: null };
  }
  const { regularisation = 0 } = config;
  const { potential, marginalError } = recordSinkhorn(trace, config, sizes, { cost, unread: x0 });
  trace.call(planDraw, { clock, cost, potential, pair }, { seedLow, seedHigh, n, regularisation });
  return { pair, marginalError };
}

/**
 * Records the potentials of the bases of an entropic plan, and how far its marginal is off: data point j takes base i
 * with probability ∝ exp((potential[i] − cost[j, i])/ε).
 * @param arrays.cost [draws, draws]
 * @param arrays.unread anything: at the start there are no potentials yet, but something must be bound
 */
export function recordSinkhorn(
  trace: Trace,
  { regularisation: last = 0, iterations = 0 }: CouplingConfig,
  { draws: n, costScale = 0 }: Pick<CouplingSizes, 'draws' | 'costScale'>,
  { cost, unread }: { readonly cost: DeviceArray; readonly unread: DeviceArray },
): { potential: DeviceArray; marginalError: DeviceArray } {
  const ofData = trace.temporary(n, 'potentials of the data');
  const ofBases = trace.temporary(n, 'potentials of the bases');
  let warm = 0;
  const iterate = (regularisation: number, relaxation: number, into = ofBases) => {
    // There is nothing to relax from at the start.
    const accumulate = warm && relaxation !== 1 ? 1 : 0;
    const shared = { n, regularisation, accumulate, relaxation };
    const other = warm ? ofBases : unread;
    trace.call(sinkhornStep, { cost, other, potential: ofData }, { ...shared, transpose: 0, warm });
    trace.call(sinkhornStep, { cost, other: ofData, potential: into }, { ...shared, transpose: 1, warm: 1 });
    warm = 1;
  };
  for (const epsilon of scalingStages(last, costScale))
    for (let k = 0; k < STAGE_ITERATIONS; k++) iterate(epsilon, RELAXATION);
  for (let k = 0; k < iterations; k++) iterate(last, k < iterations - PLAIN_ITERATIONS ? RELAXATION : 1);
  // One more says how far the marginal was off before it, and leaves it no further off.
  const potential = trace.temporary(n, 'last potentials of the bases');
  const marginalError = trace.temporary(1, 'marginal error');
  iterate(last, 1, potential);
  trace.call(
    marginalErrorKernel,
    { before: ofBases, after: potential, out: marginalError },
    { n, regularisation: last },
  );
  return { potential, marginalError };
}
