import type { Backend } from '../backend/backend.js';
import { CLOCK_LENGTH } from '../backend/clock.js';
import { randomSign, rowDot } from '../backend/contracts/divergence.js';
import { randomNormal } from '../backend/contracts/draw.js';
import type { DeviceArray } from '../backend/kernel.js';
import { pauses } from '../backend/pause.js';
import { Trace } from '../backend/trace.js';
import { badInput } from '../errors.js';
import { type Conditions, checkGuidance, checkLabels } from '../model/conditions.js';
import type { Model } from '../model/model.js';
import { EXACT_MAX_DIM, ForwardMode, type RecordField } from '../nn/jvp.js';
import type { ParameterSource } from '../nn/parameters.js';
import { probedDivergence } from '../nn/probe.js';
import { STREAM, seedKey } from '../random/random.js';
import { type Field, fieldOf } from '../samplers/field.js';
import { PlansByCount } from '../samplers/plans_by_count.js';
import type { Solver } from '../samplers/solver.js';
import { startTrace } from '../samplers/start.js';
import { type FlowEnds, type FlowEvaluation, type FlowTable, flowEnds, flowTable } from './flow.js';
import { FlowPlans, type FlowTraces } from './flow_plans.js';
import { type FlowArrays, flowStep, tableUpdate } from './flow_step.js';
import { gaussianLogDensity } from './host_density.js';

/** Points moved together where the backend does not say; each takes several rows of tangents. */
const TILE = { cpu: 256, webgpu: 16_384 } as const;

export type DivergenceMethod = 'exact' | 'hutchinson';

export interface FlowDensityOptions {
  readonly solver: Solver;
  /** Times: falling, 1 … 0, for the density of given points; rising for samples with theirs. */
  readonly grid: Float64Array;
  /** The model's, see `fieldOf`; of a velocity on the linear path if not given. */
  readonly field?: Field;
  /**
   * `exact` by forward mode, one direction a coordinate, up to 8 coordinates; `hutchinson` by one random probe a
   * trajectory. Exact wherever it can be, if not given.
   */
  readonly divergence?: DivergenceMethod;
  /** Hutchinson's probes: random signs, which have the least variance, or normals. */
  readonly probe?: 'sign' | 'normal';
  /** Guidance w: b(∅) + w (b(label) − b(∅)), 1 for none. The density is then that of the guided flow. */
  readonly guidance?: number;
  readonly seed?: number;
  /** Points moved together. */
  readonly tile?: number;
}

/** Points with their log densities under a flow, in the coordinates of the network. */
export interface FlowPoints {
  /** [n·dim] where the trajectories ended */
  readonly points: Float64Array;
  /** [n] ln ρ1, nats */
  readonly nats: Float64Array;
}

interface RunOptions {
  readonly labels?: Uint32Array;
  /** Which of Hutchinson's probes, counted from 0. */
  readonly probeIndex?: number;
  readonly onProgress?: (done: number) => void | Promise<void>;
}

/** The same arrays for the first n points. */
function firstOf(arrays: FlowArrays, n: number, dim: number): FlowArrays {
  const part = (array: DeviceArray | null, width: number) => array?.slice(0, n * width) ?? null;
  return {
    ...arrays,
    x: arrays.x.slice(0, n * dim),
    change: arrays.change.slice(0, n),
    probe: part(arrays.probe, dim),
    label: part(arrays.label, 1),
    noLabel: part(arrays.noLabel, 1),
  };
}

/**
 * Moves points through the flow of a network together with ∫∇·b dt, on any backend: the density of given points
 * by going from data to noise, or samples with their density by going from noise to data.
 * Source: Chen et al., arXiv 1806.07366, eq. 8; Grathwohl et al., arXiv 1810.01367.
 */
export class FlowDensity {
  private busy = false;
  private readonly plans: PlansByCount<FlowPlans>;

  private constructor(
    private readonly engine: Backend,
    private readonly dim: number,
    private readonly classes: number,
    private readonly conditions: Conditions | null,
    private readonly tile: number,
    private readonly table: FlowTable,
    private readonly ends: FlowEnds,
    private readonly mode: ForwardMode | null,
    record: (points: number) => FlowTraces,
    private readonly arrays: FlowArrays,
  ) {
    this.plans = new PlansByCount(tile, (points) => FlowPlans.compile(engine, record(points)));
  }

  /**
   * @param parameters the model's own store, or a view of the average
   * @throws TributaryError('bad-input') for a solver or grid that follows no flow, for an exact divergence in
   *   more than 8 dimensions, and for guidance of a model without labels
   */
  static async create(
    engine: Backend,
    model: Model,
    parameters: ParameterSource,
    options: FlowDensityOptions,
  ): Promise<FlowDensity> {
    const { dim, classes } = model.network;
    const { solver, grid, field = fieldOf(), seed = 0 } = options;
    const { divergence = dim <= EXACT_MAX_DIM ? 'exact' : 'hutchinson', guidance = 1 } = options;
    const { tile = engine.particleTile ?? TILE[engine.name] } = options;
    if (!Number.isInteger(tile) || tile < 1) badInput(`a tile is ${tile} points; it must be 1 or more`);
    if (guidance !== 1 && classes === 0) badInput('this model knows no labels: there is nothing to guide by');
    if (model.conditions && guidance !== 1) checkGuidance(model.conditions);
    const ends = flowEnds(field, grid);
    const { baseScale } = ends;
    const table = flowTable(solver, grid, field, { dim, guidance, baseScale });
    const networks = field.heads.map((head) => model.net(head));
    const widest = Math.max(...networks.map((network) => network.widest));
    const mode = divergence === 'exact' ? new ForwardMode(engine, tile, dim, widest) : null;

    const array = (length: number, label: string) => engine.allocate(length, label);
    const labels = (label: string) => engine.allocate(tile, label, 'u32');
    const arrays: FlowArrays = {
      clock: engine.allocate(CLOCK_LENGTH, 'flow clock', 'u32'),
      rows: array(table.rows.length, 'flow table'),
      x: array(tile * dim, 'points'),
      change: array(tile, 'log density'),
      probe: mode === null ? array(tile * dim, 'probe') : null,
      label: classes > 0 ? labels('labels of the points') : null,
      noLabel: classes > 0 && guidance !== 1 ? labels('no labels') : null,
    };
    engine.write(arrays.rows, table.rows);
    if (arrays.noLabel !== null) engine.write(arrays.noLabel, new Uint32Array(tile).fill(classes));

    const [seedLow, seedHigh] = seedKey(seed);
    const record = (n: number): FlowTraces => {
      const own = firstOf(arrays, n, dim);
      const evaluate = (
        trace: Trace,
        point: DeviceArray,
        t: DeviceArray,
        { head, unlabelled }: FlowEvaluation,
      ) => {
        const label = unlabelled ? own.noLabel : own.label;
        const field: RecordField = (tape, x) =>
          networks[head].forward(tape, parameters, x, tape.constant(t, n, 1), label);
        return mode !== null
          ? mode.divergence(trace, point, field, n)
          : probedDivergence(trace, point, n, dim, own.probe as DeviceArray, field);
      };
      const start = startTrace(own, seed, dim, baseScale);
      // Samples carry their log density from the start on: that of the base, up to its constant.
      const norm = start.temporary(n, 'squared norm');
      start.call(rowDot, { x: own.x, y: own.x, out: norm }, { batch: n, dim });
      tableUpdate(start, table, n, own)(table.baseColumn, own.change, [norm]);
      let probe: Trace | null = null;
      if (own.probe !== null) {
        probe = new Trace();
        const p = { seedLow, seedHigh, stream: STREAM.probe, n: n * dim, dim };
        const bound = { clock: own.clock, out: own.probe };
        if (options.probe === 'normal') probe.call(randomNormal, bound, { ...p, scale: 1 });
        else probe.call(randomSign, bound, p);
      }
      return { start, probe, step: flowStep(table, n, dim, own, evaluate) };
    };
    const { conditions } = model;
    const flow = new FlowDensity(engine, dim, classes, conditions, tile, table, ends, mode, record, arrays);
    try {
      // A tile that was asked for will be used; how much of another is not known yet.
      if (options.tile !== undefined) await flow.plans.of(tile);
    } catch (error) {
      flow.destroy();
      throw error;
    }
    return flow;
  }

  /** How the divergence is found. */
  get divergence(): DivergenceMethod {
    return this.mode === null ? 'hutchinson' : 'exact';
  }

  /** Network evaluations a point, those for the divergence not counted. */
  get evaluations(): number {
    return this.table.steps * this.table.stages;
  }

  /** [tile, dim] where the points of the tile at hand are, for a renderer on the same device. */
  get particles(): DeviceArray {
    return this.arrays.x;
  }

  /**
   * [tile] ln ρ of the samples of the tile at hand, beside {@link particles}, up to {@link logConstant}, which is to
   * be added. Of given points it holds the change of ln ρ from noise to data alone.
   */
  get logDensities(): DeviceArray {
    return this.arrays.change;
  }

  /** What ln ρ1 of every sample has in common: the base's constant, and the linear part of the flow. */
  get logConstant(): number {
    const { baseScale, dataScale } = this.ends;
    const constant = -0.5 * Math.log(2 * Math.PI * baseScale ** 2) + Math.log(dataScale);
    return this.table.shared + this.dim * constant;
  }

  /**
   * ln ρ1 of given points, by the flow from data to noise.
   * @param x [n·dim] in the coordinates of the network
   * @param labels [n] for a conditional model
   * @returns the density, and the base points that the flow carries to x
   * @throws TributaryError('bad-input') for points or labels that do not fit, and when the grid rises
   */
  async logDensity(x: Float64Array, options: RunOptions = {}): Promise<FlowPoints> {
    const n = x.length / this.dim;
    if (!Number.isInteger(n) || n < 1)
      badInput(`${x.length} numbers are not rows of ${this.dim} coordinates`);
    if (x.some((value) => !Number.isFinite(value))) badInput('a coordinate is not finite');
    if (this.table.rises) badInput('the density of given points needs times that fall, from data to noise');
    const { baseScale, dataScale } = this.ends;
    const { points, change } = await this.run(
      n,
      options,
      x.map((value) => dataScale * value),
    );
    const shared = this.table.shared + this.dim * Math.log(dataScale);
    const base = gaussianLogDensity(points, this.dim, baseScale);
    return { points, nats: base.map((value, row) => value + change[row] + shared) };
  }

  /**
   * Samples with their ln ρ1. Particle i is that of a `Sampler` with the same seed.
   * @throws TributaryError('bad-input') for an n or labels that do not fit, and when the grid falls
   */
  async sample(n: number, options: RunOptions = {}): Promise<FlowPoints> {
    if (!Number.isInteger(n) || n < 1) badInput(`the number of samples is ${n}; it must be 1 or more`);
    if (!this.table.rises) badInput('samples need times that rise, from noise to data');
    const { points, change } = await this.run(n, options);
    const { dataScale } = this.ends;
    return {
      points: points.map((value) => value / dataScale),
      nats: change.map((value) => value + this.logConstant),
    };
  }

  private checkLabels(n: number, labels: Uint32Array | undefined): void {
    if (this.classes === 0) {
      if (labels !== undefined) badInput('this model knows no labels');
      return;
    }
    if (labels?.length !== n) badInput(`a conditional model needs ${n} labels`);
    const bad = labels.findIndex((label) => !(label <= this.classes));
    if (bad >= 0) badInput(`label ${labels[bad]} of point ${bad + 1} is not one of 0 to ${this.classes}`);
    if (this.conditions) checkLabels(this.conditions, labels);
  }

  /** Moves n points, given or started anew; `change` is what the device then holds of their log densities. */
  private async run(n: number, { labels, probeIndex = 0, onProgress }: RunOptions, x?: Float64Array) {
    this.checkLabels(n, labels);
    if (this.busy) badInput('this flow is in the middle of other points: wait for them, or create another');
    this.busy = true;
    try {
      const { engine, dim, tile, arrays } = this;
      const pause = pauses();
      const points = new Float64Array(n * dim);
      const change = new Float64Array(n);
      const none = new Float64Array(tile);
      for (let first = 0; first < n; first += tile) {
        const count = Math.min(tile, n - first);
        const plans = await this.plans.of(count);
        const place = async (into: Float64Array, from: DeviceArray, width: number) =>
          into.set(await engine.read(from.slice(0, count * width)), first * width);
        if (plans.probe !== null) {
          engine.write(arrays.clock, [probeIndex, 0, first, 0]);
          await plans.probe.run(1);
        }
        engine.write(arrays.clock, [0, 0, first, 0]);
        if (arrays.label !== null && labels)
          engine.write(arrays.label, labels.subarray(first, first + count));
        if (x) {
          engine.write(arrays.x, x.subarray(first * dim, (first + count) * dim));
          engine.write(arrays.change, none);
        } else await plans.start.run(1);
        await plans.step.run(this.table.steps);
        await place(points, arrays.x, dim);
        await place(change, arrays.change, 1);
        await onProgress?.(first + count);
        await pause();
      }
      return { points, change };
    } finally {
      this.busy = false;
    }
  }

  destroy(): void {
    this.plans.destroy();
    for (const array of Object.values(this.arrays)) if (array !== null) this.engine.free(array);
    this.mode?.destroy();
  }
}
