import type { Plan } from '../backend/backend.js';
import { CLOCK_LENGTH } from '../backend/clock.js';
import { combine } from '../backend/contracts/combine.js';
import { randomNormal, randomUniform } from '../backend/contracts/draw.js';
import { Holdings } from '../backend/holdings.js';
import type { DeviceArray } from '../backend/kernel.js';
import { pauses } from '../backend/pause.js';
import { Trace } from '../backend/trace.js';
import { badInput } from '../errors.js';
import type { StepwiseGenerator } from '../model/generator.js';
import type { Model } from '../model/model.js';
import { BUSY, checkSamples, type SampleOptions, type Samples } from '../model/samples.js';
import { Tape, type Tensor } from '../nn/tape.js';
import { STREAM, seedKey } from '../random/random.js';
import { PlansByCount } from './plans_by_count.js';
import { RecordedSteps, startOf } from './recorded_steps.js';
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
  /** Shows a state on the way to the samples, [rows, dim], to who looks at particles step by step. */
  pass(x: Tensor): void;
}

/**
 * A generator made of a function that records how samples are drawn: [rows, dim]. It draws them in one go; a player sees
 * the numbers that they are drawn from, what the function has shown on the way, and the samples.
 */
export class RecordedGenerator implements StepwiseGenerator {
  readonly jumps = true;
  private busy = false;
  private steps: RecordedSteps | null = null;

  private constructor(
    private readonly model: Model,
    private readonly what: Drawn,
    readonly evaluations: number,
    /** Particles to be looked at. */
    readonly particleCount: number,
    readonly stepCount: number,
    /** Samples drawn together. */
    private readonly tile: number,
    private readonly arrays: { readonly clock: DeviceArray; readonly label: DeviceArray | null },
    private readonly tiles: PlansByCount<RecordedTile>,
    private readonly whole: PlansByCount<RecordedTile>,
    private readonly held: Holdings,
  ) {}

  /**
   * @param what.dim coordinates of a sample
   * @param what.classes labels of a conditional model; 0 for others
   * @param what.evaluations networks that a sample passes
   */
  static create(
    model: Model,
    { evaluations, ...what }: Drawn & { readonly evaluations: number },
    { seed, tile }: { readonly seed: number; readonly tile?: number },
    draw: (drawing: Drawing) => Tensor,
  ): Promise<RecordedGenerator> {
    const { engine } = model;
    const together = tile ?? particleTile(engine);
    if (!Number.isInteger(together) || together < 1)
      badInput(`a tile is ${together} particles; it must be 1 or more`);
    return Holdings.make(engine, async (held) => {
      // A layer of millions of rows would fit no device.
      const rows = Math.min(together, particleTile(engine));
      const clock = held.allocate(CLOCK_LENGTH, 'generator clock', 'u32');
      const label = what.classes > 0 ? held.allocate(rows, 'labels of samples', 'u32') : null;
      const arrays = { clock, label };
      const plans = (keeps: Keeps) =>
        held.keep(
          new PlansByCount(rows, (count) =>
            recordTile(model, arrays, { ...what, rows: count, seed }, draw, keeps),
          ),
        );
      const drawn = recorded(model, arrays, { ...what, rows: 1, seed }, draw, new Trace(), held);
      return new RecordedGenerator(
        ...([model, what, evaluations, together, drawn.passed.length + 1, rows] as const),
        ...([arrays, plans('samples'), plans('states'), held] as const),
      );
    });
  }

  get particles(): DeviceArray {
    return this.looked.particles;
  }

  get times(): Float64Array {
    return Float64Array.from({ length: this.stepCount + 1 }, (_, step) => step / this.stepCount);
  }

  get noise(): Float64Array {
    return new Float64Array(this.stepCount);
  }

  private get looked(): RecordedSteps {
    const { model, particleCount, what, stepCount, tile } = this;
    this.steps ??= this.held.keep(
      new RecordedSteps(
        model.engine,
        { count: particleCount, dim: what.dim, steps: stepCount, tile },
        (first, count, labels) => this.drawn(this.whole, first, count, labels),
      ),
    );
    return this.steps;
  }

  /** Draws samples `first` … `first + count`. */
  private async drawn(
    plans: PlansByCount<RecordedTile>,
    first: number,
    count: number,
    labels: Uint32Array | undefined,
  ): Promise<readonly DeviceArray[]> {
    const { plan, states } = await plans.of(count);
    const { engine } = this.model;
    engine.write(this.arrays.clock, [0, 0, first, 0]);
    if (this.arrays.label && labels) engine.write(this.arrays.label, labels.subarray(first, first + count));
    await plan.run(1);
    return states;
  }

  private check(options: SampleOptions): void {
    const { start, frames = [] } = options;
    if (start !== undefined) badInput('this family draws its samples from nothing: leave the start out');
    if (frames.length > 0) badInput('this family draws its samples in one go and keeps no frames');
    checkSamples(options, { ...this.what, conditions: this.model.conditions }, 0);
  }

  /**
   * Draws all particles and puts them at the numbers that they are drawn from: a point's first.
   * @param options.labels [particleCount] of a conditional model
   */
  async begin(options: Pick<SampleOptions, 'labels' | 'start'> = {}): Promise<void> {
    this.check({ n: this.particleCount, ...options });
    await this.alone(() => this.looked.begin(options.labels));
  }

  async advance(steps: number): Promise<void> {
    this.looked.advance(steps);
  }

  async sample(options: SampleOptions): Promise<Samples> {
    this.check(options);
    return this.alone(() => this.draw(options));
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

  private async draw({ n, labels, take, onProgress }: SampleOptions): Promise<Samples> {
    const { dim } = this.what;
    const points = take ? new Float64Array(0) : new Float64Array(n * dim);
    const pause = pauses();
    for (let first = 0; first < n; first += this.tile) {
      const count = Math.min(this.tile, n - first);
      const [x] = await this.drawn(this.tiles, first, count, labels);
      const values = Float64Array.from(await this.model.engine.read(x));
      if (take) take(values, first, 0);
      else points.set(values, first * dim);
      await onProgress?.(first + count);
      await pause();
    }
    return { points, frames: [] };
  }

  destroy(): void {
    this.held.release();
  }
}

/** What is drawn. */
interface Drawn {
  readonly dim: number;
  readonly classes: number;
}

/** What a plan leaves: the samples alone, or every state from what they are drawn from on. */
type Keeps = 'samples' | 'states';

/** A tile's plan, and where it leaves what it keeps. */
interface RecordedTile {
  readonly plan: Plan;
  /** [rows, dim] each */
  readonly states: readonly DeviceArray[];
  destroy(): void;
}

type Arrays = { readonly clock: DeviceArray; readonly label: DeviceArray | null };
type TileShape = Drawn & { readonly rows: number; readonly seed: number };

/** Records a drawing: its samples, and what they have passed. */
function recorded(
  model: Model,
  { clock, label }: Arrays,
  { rows, dim, seed }: TileShape,
  draw: (drawing: Drawing) => Tensor,
  trace: Trace,
  held: Holdings,
) {
  const tape = new Tape(trace);
  const drawing = new TileDrawing(tape, rows, label?.slice(0, rows) ?? null, model, clock, seed, held);
  const samples = draw(drawing);
  return { samples, passed: drawing.passed, start: () => startOf(tape, drawing.drawn, rows, dim) };
}

function recordTile(
  model: Model,
  arrays: Arrays,
  shape: TileShape,
  draw: (drawing: Drawing) => Tensor,
  keeps: Keeps,
): Promise<RecordedTile> {
  return Holdings.make(model.engine, async (held) => {
    const trace = new Trace();
    const { samples, passed, start } = recorded(model, arrays, shape, draw, trace, held);
    const n = shape.rows * shape.dim;
    const states = (keeps === 'samples' ? [samples] : [start(), ...passed, samples]).map(({ data }) => {
      const y = held.allocate(n, 'samples');
      trace.call(combine, { x: data, z: data, y }, { n, a: 1, b: 0, c: 0, accumulate: 0 });
      return y;
    });
    return { plan: await held.compile(trace, 'samples'), states, destroy: () => held.release() };
  });
}

/** Draws for rows whose numbers the clock counts from. */
export class TileDrawing implements Drawing {
  private draws = 0;
  /** What has been drawn, in order. */
  readonly drawn: Tensor[] = [];
  /** What has been shown on the way. */
  readonly passed: Tensor[] = [];

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
    this.drawn.push(out);
    return out;
  }

  uniform(cols: number): Tensor {
    const { tape, rows, clock } = this;
    const out = tape.result(rows, cols, 'uniforms', false);
    tape.trace.call(randomUniform, { clock, out: out.data }, this.nextDraw(cols));
    this.drawn.push(out);
    return out;
  }

  upload(values: ArrayLike<number>, label: string, dtype: 'float' | 'u32' = 'float'): DeviceArray {
    const array = this.held.allocate(values.length, label, dtype);
    this.model.engine.write(array, values);
    return array;
  }

  pass(x: Tensor): void {
    this.passed.push(x);
  }

  /** Addressed by the sample, which the clock counts from. */
  private nextDraw(cols: number) {
    const [seedLow, seedHigh] = seedKey(this.seed);
    return { seedLow, seedHigh, stream: STREAM.generator + this.draws++, n: this.rows * cols, dim: cols };
  }
}
