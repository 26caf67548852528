import type { Backend } from '../backend/backend.js';
import { CLOCK_LENGTH } from '../backend/clock.js';
import { Holdings } from '../backend/holdings.js';
import type { DeviceArray } from '../backend/kernel.js';
import { pauses } from '../backend/pause.js';
import { badInput } from '../errors.js';
import { type Conditions, checkGuidance } from '../model/conditions.js';
import type { StepwiseGenerator } from '../model/generator.js';
import type { Model } from '../model/model.js';
import { BACKWARD_START, BUSY, checkSamples, type SampleOptions, type Samples } from '../model/samples.js';
import type { ParameterSource } from '../nn/parameters.js';
import { whyNotFused } from './fused.js';
import { PlansByCount } from './plans_by_count.js';
import { PreparedSteps, type SamplerParts } from './prepared.js';
import type { SolverTable } from './table.js';

/** Particles moved together where the backend does not say. */
const TILE = { cpu: 256, webgpu: 65_536 } as const;

/** Coordinates of all particles of a tile that nobody has asked for by size. */
const MOST_NUMBERS = 2 ** 22;

/** How many particles a sampler moves together unless told otherwise; fewer where there are fewer. */
export const particleTile = (engine: Backend, n = Number.POSITIVE_INFINITY): number =>
  Math.min(engine.particleTile ?? TILE[engine.name], n);

const isGuided = ({ evaluations }: SolverTable): boolean => evaluations.some(({ unlabelled }) => unlabelled);

export interface SamplerOptions {
  /**
   * Whether network and solver run as one kernel. By default they do on a graphics card wherever they can: points of
   * at most 4 coordinates, one network, activations that fit a workgroup's memory. A software adapter was measured to
   * take half the time with a kernel a layer (bench/results/fused-sampler-race.md).
   */
  readonly fused?: boolean;
}

/** Whether a sampler is one kernel where nothing is said. */
export const fusedByDefault = ({ name, software }: Pick<Backend, 'name'> & { software?: boolean }): boolean =>
  name === 'webgpu' && software !== true;

/**
 * Moves particles through a model's field with one solver. Particle i and its noise are a pure function of the
 * seed and i, however many particles are moved together.
 */
export class Sampler implements StepwiseGenerator {
  /** Between two states lies the flow, or the diffusion. */
  readonly jumps = false;
  private busy = false;
  /** Steps taken since `begin`; null where nothing has begun. */
  private at: number | null = null;
  private readonly steps: PlansByCount<PreparedSteps>;

  private constructor(
    private readonly parts: SamplerParts,
    private readonly held: Holdings,
    private readonly network: Pick<Model['network'], 'dim' | 'classes'> & {
      readonly conditions: Conditions | null;
    },
    private readonly tile: number,
  ) {
    this.steps = new PlansByCount(tile, (count) => PreparedSteps.create(parts, count));
  }

  /**
   * @param parameters the model's own store, or a view of the average
   * @param table from `solverTable`
   * @param tile particles moved together at the most; fewer where fewer are asked for
   * @throws TributaryError('bad-input') when `fused` is asked for and impossible, with the reason, and for guidance
   *   of a model that was never trained without labels
   */
  static async create(
    engine: Backend,
    model: Model,
    parameters: ParameterSource,
    table: SolverTable,
    seed: number,
    tile?: number,
    options: SamplerOptions = {},
  ): Promise<Sampler> {
    const together = tile ?? Math.min(particleTile(engine), Math.ceil(MOST_NUMBERS / model.network.dim));
    if (!Number.isInteger(together) || together < 1)
      badInput(`a tile is ${together} particles; it must be 1 or more`);
    for (const head of table.heads) {
      if (!model.networks.has(head))
        badInput(
          `this solver table needs a ${head}, which the model has not: make it with the field of the model’s own config`,
        );
    }
    if (isGuided(table) && model.network.classes === 0)
      badInput('guidance needs a conditional model: train it with labels');
    if (isGuided(table) && model.conditions) checkGuidance(model.conditions);
    const { fused = fusedByDefault(engine) } = options;
    const obstacle = fused ? whyNotFused(model, parameters, table) : null;
    if (obstacle !== null && options.fused) badInput(`this sampler cannot be fused: ${obstacle}`);
    const { dim, classes } = model.network;
    return Holdings.make(engine, async (held) => {
      const n = together * dim;
      const guided = isGuided(table);
      const clock = held.allocate(CLOCK_LENGTH, 'sampler clock', 'u32');
      const rows = held.allocate(table.rows.length, 'solver table');
      engine.write(rows, table.rows);
      const x = held.allocate(n, 'particles');
      const label = classes > 0 ? held.allocate(together, 'particle labels', 'u32') : null;
      const unlabelled = guided ? held.allocate(together, 'no labels', 'u32') : null;
      if (unlabelled) engine.write(unlabelled, new Uint32Array(together).fill(classes));
      const previous = table.keeps ? held.allocate(n, 'kept from the step before') : null;
      const arrays = { clock, rows, x, label, unlabelled, previous };
      const oneKernel = fused && obstacle === null;
      const parts = { engine, model, parameters, table, seed, fused: oneKernel, arrays };
      const network = { dim, classes, conditions: model.conditions };
      const sampler = new Sampler(parts, held, network, together);
      // A tile that was asked for will be used; how much of another is not known yet.
      if (tile !== undefined) await sampler.steps.of(tile);
      return sampler;
    });
  }

  /** Whether network and solver run as one kernel. */
  get fused(): boolean {
    return this.parts.fused;
  }

  /** Network evaluations a particle: what a sample costs. */
  get evaluations(): number {
    const { steps, stages } = this.parts.table;
    return steps * stages;
  }

  /** [tile, dim] where the particles of the tile at hand are, for a renderer on the same device. */
  get particles(): DeviceArray {
    return this.parts.arrays.x;
  }

  /**
   * @throws TributaryError('bad-input') for an n that is not positive, for labels, starting points or frames
   *   that do not fit, and while the sampler is busy with other samples
   */
  async sample(options: SampleOptions): Promise<Samples> {
    this.check(options);
    return this.alone(() => {
      this.at = null;
      return this.draw(options);
    });
  }

  /** Particles moved together. */
  get particleCount(): number {
    return this.tile;
  }

  /** Steps from the start to the end. */
  get stepCount(): number {
    return this.parts.table.steps;
  }

  /** The time after each of them, from that of the start on. */
  get times(): Float64Array {
    return this.parts.table.times;
  }

  get noise(): Float64Array {
    return this.parts.table.noise;
  }

  /**
   * Puts one tile of particles at its start, for a renderer that draws {@link particles} between steps: then
   * {@link advance}. Nothing is read back.
   * @param labels [tile] of a conditional model
   * @param start [tile·dim]; standard normals of the seed if not given
   * @throws TributaryError('bad-input') for labels or starting points that do not fit, and while it is busy
   */
  async begin({ labels, start }: Pick<SampleOptions, 'labels' | 'start'> = {}): Promise<void> {
    this.check({ n: this.tile, ...(labels ? { labels } : {}), ...(start ? { start } : {}) });
    await this.alone(async () => {
      await this.place(await this.steps.of(this.tile), 0, this.tile, labels, start);
      this.at = 0;
    });
  }

  /**
   * Takes steps from where {@link begin} or the last call has left the particles; the promise settles when the
   * device can take more work, not when the work is done.
   * @throws TributaryError('bad-input') for steps beyond the last, before `begin`, and while it is busy
   */
  async advance(steps: number): Promise<void> {
    if (this.at === null) badInput('the particles are not at a start: call begin() before advance()');
    const left = this.stepCount - this.at;
    if (!Number.isInteger(steps) || steps < 1 || steps > left) {
      badInput(`steps to take is ${steps}; ${left} of ${this.stepCount} are left`);
    }
    const from = this.at;
    await this.alone(async () => {
      await (await this.steps.of(this.tile)).run(steps);
      this.at = from + steps;
    });
  }

  private async alone<T>(work: () => Promise<T>): Promise<T> {
    if (this.busy) badInput(BUSY);
    this.busy = true;
    try {
      return await work();
    } finally {
      this.busy = false;
    }
  }

  private check(options: SampleOptions): void {
    const { steps, times } = this.parts.table;
    checkSamples(options, this.network, steps);
    if (times[0] > times[steps] && options.start === undefined) badInput(BACKWARD_START);
  }

  /** Puts particles `first` … `first + count` at their start. */
  private async place(
    steps: PreparedSteps,
    first: number,
    count: number,
    labels?: Uint32Array,
    start?: Float64Array,
  ): Promise<void> {
    const { engine, arrays } = this.parts;
    const { dim } = this.network;
    steps.reset(first);
    if (arrays.label !== null && labels !== undefined) {
      engine.write(arrays.label, labels.subarray(first, first + count));
    }
    if (start !== undefined) engine.write(arrays.x, start.subarray(first * dim, (first + count) * dim));
    else await steps.placeAtStart();
  }

  private async draw(options: SampleOptions): Promise<Samples> {
    const { n, labels, start, frames = [], take, onProgress } = options;
    const { tile, stepCount } = this;
    const { engine, arrays } = this.parts;
    const { dim } = this.network;
    const pause = pauses();
    const states = take ? [] : [...frames, stepCount].map(() => new Float64Array(n * dim));
    for (let first = 0; first < n; first += tile) {
      const count = Math.min(tile, n - first);
      const steps = await this.steps.of(count);
      await this.place(steps, first, count, labels, start);
      const keep = async (state: number) => {
        const values = Float64Array.from(await engine.read(arrays.x.slice(0, count * dim)));
        if (take) take(values, first, state);
        else states[state].set(values, first * dim);
      };
      let done = 0;
      for (const at of [...new Set([...frames, stepCount])].sort((a, b) => a - b)) {
        if (at > done) await steps.run(at - done);
        done = at;
        for (let f = 0; f < frames.length; f++) if (frames[f] === at) await keep(f);
      }
      await keep(frames.length);
      await onProgress?.(first + count);
      await pause();
    }
    return { points: states[frames.length] ?? new Float64Array(0), frames: states.slice(0, -1) };
  }

  destroy(): void {
    this.steps.destroy();
    this.held.release();
  }
}
