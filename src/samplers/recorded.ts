import type { Plan } from '../backend/backend.js';
import { CLOCK_LENGTH } from '../backend/clock.js';
import { combine } from '../backend/contracts/combine.js';
import { randomNormal, randomUniform } from '../backend/contracts/draw.js';
import { Holdings } from '../backend/holdings.js';
import type { DeviceArray } from '../backend/kernel.js';
import { pauses } from '../backend/pause.js';
import { Trace } from '../backend/trace.js';
import { badInput } from '../errors.js';
import type { Generator } from '../model/generator.js';
import type { Model } from '../model/model.js';
import { BUSY, checkSamples, type SampleOptions, type Samples } from '../model/samples.js';
import { Tape, type Tensor } from '../nn/tape.js';
import { STREAM, seedKey } from '../random/random.js';
import { PlansByCount } from './plans_by_count.js';
import { particleTile } from './sampler.js';

/** What a recorded way of drawing may use. Sample i is a pure function of the seed and i, in tiles of any size. */
export interface Drawing {
  readonly tape: Tape;
  /** Samples of a tile. */
  readonly rows: number;
  /** [rows] of a conditional model; null for others */
  readonly label: DeviceArray | null;
  /** A network of the model. */
  net(role: string): (x: Tensor, t?: null, label?: DeviceArray | null) => Tensor;
  parameter(name: string): Tensor;
  /** Standard normals of each sample's own. The order in which draws are asked for tells them apart. */
  normal(cols: number): Tensor;
  uniform(cols: number): Tensor;
  /** Numbers that are the same for every sample. */
  upload(values: ArrayLike<number>, label: string, dtype?: 'float' | 'u32'): DeviceArray;
}

/** A generator made of a function that records how samples are drawn, in one go: [rows, dim]. */
export class RecordedGenerator implements Generator {
  private busy = false;

  private constructor(
    private readonly model: Model,
    private readonly what: { readonly dim: number; readonly classes: number },
    readonly evaluations: number,
    private readonly tile: number,
    private readonly arrays: { readonly clock: DeviceArray; readonly label: DeviceArray | null },
    private readonly tiles: PlansByCount<RecordedTile>,
    private readonly held: Holdings,
  ) {}

  /**
   * @param what.dim coordinates of a sample
   * @param what.classes labels of a conditional model; 0 for others
   * @param what.evaluations networks that a sample passes
   */
  static create(
    model: Model,
    what: { readonly dim: number; readonly classes: number; readonly evaluations: number },
    { seed, tile }: { readonly seed: number; readonly tile?: number },
    draw: (drawing: Drawing) => Tensor,
  ): Promise<RecordedGenerator> {
    const { engine } = model;
    const together = tile ?? particleTile(engine);
    if (!Number.isInteger(together) || together < 1)
      badInput(`a tile is ${together} particles; it must be 1 or more`);
    return Holdings.make(engine, async (held) => {
      const clock = held.allocate(CLOCK_LENGTH, 'generator clock', 'u32');
      const label = what.classes > 0 ? held.allocate(together, 'labels of samples', 'u32') : null;
      const tiles = held.keep(
        new PlansByCount(together, (rows) =>
          recordTile(model, { clock, label }, { rows, dim: what.dim, seed }, draw),
        ),
      );
      const arrays = { clock, label };
      return new RecordedGenerator(model, what, what.evaluations, together, arrays, tiles, held);
    });
  }

  async sample(options: SampleOptions): Promise<Samples> {
    const { n, labels, start, frames = [], take, onProgress } = options;
    const { dim, classes } = this.what;
    if (start !== undefined) badInput('this family draws its samples from nothing: leave the start out');
    if (frames.length > 0) badInput('this family draws its samples in one go and keeps no frames');
    checkSamples(options, { dim, classes, conditions: this.model.conditions }, 0);
    if (this.busy) badInput(BUSY);
    this.busy = true;
    try {
      const { engine } = this.model;
      const points = take ? new Float64Array(0) : new Float64Array(n * dim);
      const pause = pauses();
      for (let first = 0; first < n; first += this.tile) {
        const count = Math.min(this.tile, n - first);
        const { plan, x } = await this.tiles.of(count);
        engine.write(this.arrays.clock, [0, 0, first, 0]);
        if (this.arrays.label && labels)
          engine.write(this.arrays.label, labels.subarray(first, first + count));
        await plan.run(1);
        const values = Float64Array.from(await engine.read(x));
        if (take) take(values, first, 0);
        else points.set(values, first * dim);
        await onProgress?.(first + count);
        await pause();
      }
      return { points, frames: [] };
    } finally {
      this.busy = false;
    }
  }

  destroy(): void {
    this.held.release();
  }
}

/** A tile's plan, and where its samples are. */
interface RecordedTile {
  readonly plan: Plan;
  /** [rows, dim] */
  readonly x: DeviceArray;
  destroy(): void;
}

function recordTile(
  model: Model,
  { clock, label }: { readonly clock: DeviceArray; readonly label: DeviceArray | null },
  { rows, dim, seed }: { readonly rows: number; readonly dim: number; readonly seed: number },
  draw: (drawing: Drawing) => Tensor,
): Promise<RecordedTile> {
  return Holdings.make(model.engine, async (held) => {
    const x = held.allocate(rows * dim, 'samples');
    const trace = new Trace();
    const own = label?.slice(0, rows) ?? null;
    const { data } = draw(new TileDrawing(new Tape(trace), rows, own, model, clock, seed, held));
    const n = rows * dim;
    trace.call(combine, { x: data, z: data, y: x }, { n, a: 1, b: 0, c: 0, accumulate: 0 });
    return { plan: await held.compile(trace, 'samples'), x, destroy: () => held.release() };
  });
}

/** Draws for rows whose numbers the clock counts from. */
export class TileDrawing implements Drawing {
  private draws = 0;

  constructor(
    readonly tape: Tape,
    readonly rows: number,
    readonly label: DeviceArray | null,
    private readonly model: Model,
    private readonly clock: DeviceArray,
    private readonly seed: number,
    private readonly held: Holdings,
  ) {}

  net(role: string) {
    const { tape, model } = this;
    return (x: Tensor, _: null = null, label: DeviceArray | null = null) =>
      model.net(role).forward(tape, model.store, x, null, label);
  }

  parameter(name: string): Tensor {
    return this.tape.parameter(this.model.store.get(name));
  }

  normal(cols: number): Tensor {
    const { tape, rows, clock } = this;
    const out = tape.result(rows, cols, 'normals', false);
    tape.trace.call(randomNormal, { clock, out: out.data }, { ...this.nextDraw(cols), scale: 1 });
    return out;
  }

  uniform(cols: number): Tensor {
    const { tape, rows, clock } = this;
    const out = tape.result(rows, cols, 'uniforms', false);
    tape.trace.call(randomUniform, { clock, out: out.data }, this.nextDraw(cols));
    return out;
  }

  upload(values: ArrayLike<number>, label: string, dtype: 'float' | 'u32' = 'float'): DeviceArray {
    const array = this.held.allocate(values.length, label, dtype);
    this.model.engine.write(array, values);
    return array;
  }

  /** Addressed by the sample, which the clock counts from. */
  private nextDraw(cols: number) {
    const [seedLow, seedHigh] = seedKey(this.seed);
    return { seedLow, seedHigh, stream: STREAM.generator + this.draws++, n: this.rows * cols, dim: cols };
  }
}
