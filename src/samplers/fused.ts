import type { Backend, Plan } from '../backend/backend.js';
import {
  FUSED_MAX_DIM,
  FUSED_MAX_STAGES,
  fusedSampler,
  fusedTile,
  fusedWork,
} from '../backend/contracts/fused.js';
import { clockAdvance } from '../backend/contracts/optimizer.js';
import type { DeviceArray } from '../backend/kernel.js';
import { Trace } from '../backend/trace.js';
import type { Model } from '../model/model.js';
import { unknownToFused } from '../nn/mlp.js';
import type { ParameterSource } from '../nn/parameters.js';
import { STREAM, seedKey } from '../random/random.js';
import type { SolverTable } from './table.js';

/**
 * Multiplications that one dispatch may take: some 10 ms on a small graphics card, 50 ms on a software adapter.
 * Systems end a dispatch of seconds, and a page that draws wants its turn.
 */
const DISPATCH_WORK = 2 ** 32;
const SOFTWARE_DISPATCH_WORK = 2 ** 25;

export const dispatchWork = ({ software }: { readonly software?: boolean }): number =>
  software ? SOFTWARE_DISPATCH_WORK : DISPATCH_WORK;

/** More steps a dispatch win nothing: its own cost is long hidden. */
const MOST_STEPS = 64;

/** Particles of one dispatch come in multiples of this, so that no tile of a workgroup is cut. */
const PART_GRAIN = 64;

/** The one network that all evaluations of a step are of. */
const networkOf = (model: Model, { heads, evaluations }: SolverTable) =>
  model.net(heads[evaluations[0].head]);

/** The shape of the fused kernel's network. */
function shapeOf({ network }: Model, { stages, stride, evaluations }: SolverTable) {
  const { dim, hidden, inner, blocks, pointFrequencies, timeFrequencies, classes, labelWidth } = network;
  return {
    dim,
    stages,
    stride,
    hidden,
    inner,
    blocks,
    pointFrequencies,
    timeFrequencies,
    classes,
    labelWidth,
    // A bit for each evaluation that is told "no label".
    unlabelled: evaluations.reduce((mask, { unlabelled }, s) => mask | (unlabelled ? 1 << s : 0), 0),
  };
}

/** Why the fused kernel cannot take this sampler; null when it can. */
export function whyNotFused(model: Model, parameters: ParameterSource, table: SolverTable): string | null {
  const { dim, outputs, hidden, inner } = model.network;
  const unknown = unknownToFused(model.network);
  if (unknown !== null) return `the kernel does not know ${unknown}`;
  if (dim > FUSED_MAX_DIM) return `points have ${dim} coordinates, more than ${FUSED_MAX_DIM}`;
  if (outputs !== dim) return `the network has ${outputs} outputs for ${dim} coordinates`;
  if (table.stages > FUSED_MAX_STAGES) return `${table.solver.name} has ${table.stages} stages`;
  if (table.evaluations.some(({ head }) => head !== table.evaluations[0].head)) {
    return `${table.solver.name} needs two networks here`;
  }
  if (table.keeps) return `${table.solver.name} keeps something from step to step`;
  if (fusedTile(shapeOf(model, table)) === 0) {
    return `a network ${hidden} and ${inner} wide does not fit a workgroup's memory`;
  }
  if (networkOf(model, table).flat(parameters) === null) return 'the parameters do not lie in one array';
  return null;
}

/** The steps of a sampler as launches of the fused kernel; a plan for every number of steps that comes up. */
export class FusedSteps {
  private readonly plans = new Map<number, Promise<Plan>>();
  private readonly mostSteps: number;
  /** Particles a dispatch. */
  private readonly part: number;

  /** @param arrays the sampler's; label only for a conditional model */
  constructor(
    private readonly engine: Backend & { readonly software?: boolean },
    private readonly model: Model,
    private readonly parameters: ParameterSource,
    private readonly table: SolverTable,
    private readonly seed: number,
    private readonly tile: number,
    private readonly arrays: {
      readonly clock: DeviceArray;
      readonly rows: DeviceArray;
      readonly x: DeviceArray;
      readonly label: DeviceArray | null;
    },
  ) {
    const budget = dispatchWork(engine);
    const perParticle = fusedWork(shapeOf(model, table)) * table.stages;
    const fitting = Math.floor(budget / perParticle / PART_GRAIN) * PART_GRAIN;
    this.part = Math.min(tile, Math.max(PART_GRAIN, fitting));
    const steps = Math.floor(budget / (perParticle * this.part));
    this.mostSteps = Math.max(1, Math.min(MOST_STEPS, table.steps, steps));
  }

  /** Prepares the plan that most steps use, so that a network that cannot run fails before the first. */
  async compile(): Promise<void> {
    await this.plan(this.mostSteps);
  }

  async run(steps: number): Promise<void> {
    for (let left = steps; left > 0; ) {
      const each = Math.min(left, this.mostSteps);
      const times = Math.floor(left / each);
      await (await this.plan(each)).run(times);
      left -= times * each;
    }
  }

  destroy(): void {
    // A plan that failed to compile has nothing to free.
    for (const plan of this.plans.values())
      plan.then((compiled) => compiled.destroy()).catch(() => undefined);
    this.plans.clear();
  }

  private plan(steps: number): Promise<Plan> {
    let plan = this.plans.get(steps);
    if (plan === undefined) {
      plan = this.engine.compile(this.trace(steps), `${this.table.solver.name}, ${steps} steps fused`);
      this.plans.set(steps, plan);
    }
    return plan;
  }

  private trace(steps: number): Trace {
    const { model, table, arrays, tile, part } = this;
    const { clock, rows, x, label } = arrays;
    const network = networkOf(model, table);
    const parameters = network.flat(this.parameters);
    if (parameters === null) throw new Error('the fused sampler needs its parameters in one array');
    const [seedLow, seedHigh] = seedKey(this.seed);
    const trace = new Trace();
    for (let first = 0; first < tile; first += part) {
      trace.call(
        fusedSampler,
        {
          clock,
          table: rows,
          parameters,
          // Something must be bound to what there is none of.
          pointFrequency: network.constant('point.frequency') ?? parameters,
          timeFrequency: network.constant('time.frequency') ?? parameters,
          label: label ?? clock,
          x,
        },
        {
          ...{ seedLow, seedHigh, stream: STREAM.brownian, steps },
          ...{ first, n: Math.min(part, tile - first) },
          ...shapeOf(model, table),
        },
      );
    }
    trace.call(clockAdvance, { clock }, { by: steps });
    return trace;
  }
}
