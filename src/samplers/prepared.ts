/** A sampler's work for one number of particles, compiled. */
import type { Backend, Plan } from '../backend/backend.js';
import { CLOCK_LENGTH } from '../backend/clock.js';
import { clockAdvance } from '../backend/contracts/optimizer.js';
import { Holdings } from '../backend/holdings.js';
import type { DeviceArray } from '../backend/kernel.js';
import { Trace } from '../backend/trace.js';
import type { Model } from '../model/model.js';
import type { ParameterSource } from '../nn/parameters.js';
import { dispatchWork, FusedSteps } from './fused.js';
import { type StepArrays, StepRecorder } from './record.js';
import { startTrace } from './start.js';
import type { SolverTable } from './table.js';

/** What a sampler is made of. */
export interface SamplerParts {
  readonly engine: Backend & { readonly software?: boolean };
  readonly model: Model;
  readonly parameters: ParameterSource;
  readonly table: SolverTable;
  readonly seed: number;
  readonly fused: boolean;
  /** Those of all particles; the clock is that of the start and of fused steps. */
  readonly arrays: StepArrays;
}

/** Particles of a part come in multiples of this: slices of arrays start at multiples of 64 numbers. */
const GRAIN = 64;
/** Parts at the most: every part is as many dispatches as a step. */
const MOST_PARTS = 64;

/** Particles that a layer takes at a time, so that no dispatch takes long: what draws meanwhile wants its turn. */
function partSize({ engine, model }: SamplerParts, count: number): number {
  if (engine.name === 'cpu') return count;
  const { hidden, inner } = model.network;
  const fitting = Math.max(dispatchWork(engine) / (hidden * inner), count / MOST_PARTS);
  return Math.min(count, Math.ceil(fitting / GRAIN) * GRAIN);
}

/** The first `count` particles of a tile: how they are put at their start, and moved. */
export class PreparedSteps {
  private constructor(
    private readonly engine: Backend,
    private readonly held: Holdings,
    private readonly start: Plan,
    private readonly steps: Pick<Plan, 'run'>,
    /** Clocks of the parts, and the first particle of each. */
    private readonly clocks: readonly { readonly clock: DeviceArray; readonly first: number }[],
  ) {}

  static create(parts: SamplerParts, count: number): Promise<PreparedSteps> {
    const { engine, model, parameters, table, seed, arrays } = parts;
    const { dim } = model.network;
    return Holdings.make(engine, async (held) => {
      const { clock } = arrays;
      const first = (array: DeviceArray, from: number, rows: number, width: number) =>
        array.slice(from * width, rows * width);
      const start = startTrace({ clock, x: first(arrays.x, 0, count, dim) }, seed, dim, table.startScale);
      const startPlan = await held.compile(start, 'start of the particles');
      if (parts.fused) {
        const steps = held.keep(new FusedSteps(engine, model, parameters, table, seed, count, arrays));
        await steps.compile();
        return new PreparedSteps(engine, held, startPlan, steps, [{ clock, first: 0 }]);
      }
      const trace = new Trace();
      const clocks: { clock: DeviceArray; first: number }[] = [];
      const size = partSize(parts, count);
      for (let from = 0; from < count; from += size) {
        const rows = Math.min(size, count - from);
        const own = from === 0 ? clock : held.allocate(CLOCK_LENGTH, 'sampler clock', 'u32');
        clocks.push({ clock: own, first: from });
        const slice = (array: DeviceArray | null, width: number) => array && first(array, from, rows, width);
        const part: StepArrays = {
          clock: own,
          rows: arrays.rows,
          x: first(arrays.x, from, rows, dim),
          label: slice(arrays.label, 1),
          unlabelled: slice(arrays.unlabelled, 1),
          previous: slice(arrays.previous, dim),
        };
        new StepRecorder(trace, model, parameters, table, seed, rows, part).step();
        trace.call(clockAdvance, { clock: own }, { by: 1 });
      }
      const steps = await held.compile(trace, `${table.solver.name} step`);
      return new PreparedSteps(engine, held, startPlan, steps, clocks);
    });
  }

  /** Sets the clocks to the first step, the first particle being number `particle` of all. */
  reset(particle: number): void {
    for (const { clock, first } of this.clocks) this.engine.write(clock, [0, 0, particle + first, 0]);
  }

  /** Draws the particles' starts; the clocks have been reset. */
  placeAtStart(): Promise<void> {
    return this.start.run(1);
  }

  run(steps: number): Promise<void> {
    return this.steps.run(steps);
  }

  destroy(): void {
    this.held.release();
  }
}
