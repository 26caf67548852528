import type { Backend, Plan } from '../backend/backend.js';
import { CLOCK_LENGTH } from '../backend/clock.js';
import { randomNormal } from '../backend/contracts/draw.js';
import { scaledError, solverUpdate, UPDATE, UPDATE_COLUMNS } from '../backend/contracts/solver.js';
import { Holdings } from '../backend/holdings.js';
import type { DeviceArray } from '../backend/kernel.js';
import { Trace } from '../backend/trace.js';
import { badInput } from '../errors.js';
import type { Model } from '../families/model.js';
import { sum } from '../nn/optimizer.js';
import type { ParameterSource } from '../nn/parameters.js';
import { STREAM, seedKey } from '../random/random.js';
import { adaptiveSteps, checkTolerance, DEFAULT_TOLERANCE, dopri5Row, type Tolerance } from './dopri5.js';
import type { Field } from './field.js';
import { combineBlock, evaluateRow, type HostField } from './integrate.js';
import { StepRecorder } from './record.js';
import { BACKWARD_START, BUSY, checkSamples, type SampleOptions, type Samples } from './samples.js';

/** Particles that share their steps: the same on every backend, so that samples do not depend on it. */
const TILE = 1024;

/** `values` over and over, `length` of them. */
function repeated<T extends Float64Array | Uint32Array>(values: T, length: number): T {
  if (values.length === length) return values;
  const out = new (values.constructor as new (length: number) => T)(length);
  for (let i = 0; i < length; i++) out[i] = values[i % values.length];
  return out;
}

export interface AdaptiveOptions {
  readonly tolerance?: Partial<Tolerance>;
  /** Guidance scale; 1, off, if not given. */
  readonly guidance?: number;
  /** From t = 1 to t = 0. */
  readonly backward?: boolean;
}

/**
 * The probability flow by Dormand and Prince's pair of orders 5 and 4 with steps of its own choice
 * (J. Comp. Appl. Math. 6, 1980). 1024 particles share their steps; the choice is made on the host from one number.
 */
export class AdaptiveSampler {
  private busy = false;
  private spent = { evaluations: 0, steps: 0, particles: 0 };

  private constructor(
    private readonly engine: Backend,
    private readonly held: Holdings,
    private readonly model: Model,
    private readonly field: Field,
    private readonly options: AdaptiveOptions,
    private readonly plans: { readonly start: Plan; readonly attempt: Plan; readonly accept: Plan },
    private readonly arrays: Readonly<Record<'clock' | 'rows' | 'x' | 'norm', DeviceArray>> & {
      readonly label: DeviceArray | null;
    },
  ) {}

  /**
   * @param field the model's, see `fieldOf`
   * @throws TributaryError('bad-input') for a tolerance that is not positive, and for guidance of a model without
   *   labels
   */
  static async create(
    engine: Backend,
    model: Model,
    parameters: ParameterSource,
    field: Field,
    seed: number,
    options: AdaptiveOptions = {},
  ): Promise<AdaptiveSampler> {
    const guidance = options.guidance ?? 1;
    if (guidance !== 1 && model.network.classes === 0)
      badInput('guidance needs a conditional model: train it with labels');
    const tolerance = { ...DEFAULT_TOLERANCE, ...options.tolerance };
    checkTolerance(tolerance);
    const own = { ...options, guidance, tolerance };
    return Holdings.make(engine, (held) =>
      AdaptiveSampler.build(held, engine, model, parameters, field, seed, own),
    );
  }

  private static async build(
    held: Holdings,
    engine: Backend,
    model: Model,
    parameters: ParameterSource,
    field: Field,
    seed: number,
    options: AdaptiveOptions & { readonly guidance: number; readonly tolerance: Tolerance },
  ): Promise<AdaptiveSampler> {
    const { dim, classes } = model.network;
    const { guidance } = options;
    const n = TILE * dim;
    const [seedLow, seedHigh] = seedKey(seed);
    // The shape of a row is the same for all times.
    const shape = dopri5Row(field, 0, 0.5, guidance);
    const clock = held.allocate(CLOCK_LENGTH, 'sampler clock', 'u32');
    // Behind the row, the coefficients of a copy.
    const rows = held.allocate(shape.stride + UPDATE_COLUMNS, 'solver row');
    const x = held.allocate(n, 'particles');
    const candidate = held.allocate(n, 'candidate');
    const norm = held.allocate(1, 'scaled error');
    const label = classes > 0 ? held.allocate(TILE, 'particle labels', 'u32') : null;
    const unlabelled = guidance !== 1 ? held.allocate(TILE, 'no labels', 'u32') : null;
    if (unlabelled) engine.write(unlabelled, new Uint32Array(TILE).fill(classes));

    const start = new Trace();
    start.call(
      randomNormal,
      { clock, out: x },
      { seedLow, seedHigh, stream: STREAM.start, n, dim, scale: field.baseScale },
    );
    const attempt = new Trace();
    const arrays = { clock, rows, x, label, unlabelled, previous: null };
    const recorder = new StepRecorder(attempt, model, parameters, shape, seed, TILE, arrays);
    recorder.evaluate();
    const error = attempt.temporary(n, 'error estimate');
    recorder.update({ kind: 'error' }, error);
    recorder.update({ kind: 'result' }, candidate);
    const squares = attempt.temporary(n, 'scaled squares');
    const { absolute, relative } = options.tolerance;
    attempt.call(scaledError, { error, x, y: candidate, out: squares }, { n, absolute, relative });
    sum(attempt, clock, squares, n, norm);
    const accept = new Trace();
    accept.call(
      solverUpdate,
      { clock, table: rows, x: candidate, k1: candidate, k2: candidate, k3: candidate, k4: candidate, y: x },
      {
        ...{ seedLow, seedHigh, stream: STREAM.brownian, n, dim },
        ...{ stride: shape.stride, column: shape.stride, accumulate: 0 },
      },
    );
    const plans = {
      start: await held.compile(start, 'start of the particles'),
      attempt: await held.compile(attempt, 'dopri5 attempt'),
      accept: await held.compile(accept, 'dopri5 step'),
    };
    return new AdaptiveSampler(engine, held, model, field, options, plans, { clock, rows, x, norm, label });
  }

  /** Network evaluations a particle so far, on average. */
  get evaluations(): number {
    const { evaluations, particles } = this.spent;
    return particles > 0 ? evaluations / particles : 0;
  }

  /** Steps a particle so far, on average, without those that were tried in vain. */
  get steps(): number {
    const { steps, particles } = this.spent;
    return particles > 0 ? steps / particles : 0;
  }

  /**
   * As `Sampler.sample`; frames are not kept, for steps are no particles' own. A tile that fewer particles than it
   * holds are asked of is filled up with these, so that they share their steps with nothing else.
   * @throws TributaryError('bad-input') for an n, labels or a start that do not fit, where no step meets the
   *   tolerance, and while the sampler is busy with other samples
   */
  async sample(options: Omit<SampleOptions, 'frames'>): Promise<Samples> {
    checkSamples(options, this.model.network, 0);
    if (this.options.backward && options.start === undefined) badInput(BACKWARD_START);
    if (this.busy) badInput(BUSY);
    this.busy = true;
    try {
      return await this.draw(options);
    } finally {
      this.busy = false;
    }
  }

  private async draw({
    n,
    labels,
    start,
    take,
    onProgress,
  }: Omit<SampleOptions, 'frames'>): Promise<Samples> {
    const { engine, arrays, plans } = this;
    const { dim } = this.model.network;
    const points = new Float64Array(take ? 0 : n * dim);
    for (let first = 0; first < n; first += TILE) {
      const count = Math.min(TILE, n - first);
      engine.write(arrays.clock, [0, 0, first, 0]);
      if (arrays.label !== null && labels)
        engine.write(arrays.label, repeated(labels.subarray(first, first + count), TILE));
      if (start)
        engine.write(arrays.x, repeated(start.subarray(first * dim, (first + count) * dim), TILE * dim));
      else await plans.start.run(1);
      const { evaluations, accepted } = await this.integrateTile();
      this.spent.evaluations += evaluations * count;
      this.spent.steps += accepted * count;
      this.spent.particles += count;
      const values = await engine.read(arrays.x);
      const done = Float64Array.from(values.subarray(0, count * dim));
      if (take) take(done, first, 0);
      else points.set(done, first * dim);
      await onProgress?.(first + count);
    }
    return { points, frames: [] };
  }

  private integrateTile() {
    const { engine, arrays, plans, field } = this;
    const { backward = false, guidance = 1 } = this.options;
    const tolerance = { ...DEFAULT_TOLERANCE, ...this.options.tolerance };
    const copy = new Float64Array(UPDATE_COLUMNS);
    copy[UPDATE.x] = 1;
    const attempt = async (t: number, next: number) => {
      const { rows } = dopri5Row(field, t, next, guidance);
      engine.write(arrays.rows, Float64Array.from([...rows, ...copy]));
      await plans.attempt.run(1);
      const [squares] = await engine.read(arrays.norm);
      return Math.sqrt(squares / (TILE * this.model.network.dim));
    };
    return adaptiveSteps(backward ? 1 : 0, backward ? 0 : 1, tolerance, attempt, () => plans.accept.run(1));
  }

  destroy(): void {
    this.held.release();
  }
}

/**
 * The same on the host in float64, on a field that is not a network.
 * @param x [n·d] starting points, which share their steps
 */
export async function integrateAdaptive(
  field: Field,
  host: HostField,
  x: Float64Array,
  { tolerance = {}, guidance = 1, backward = false }: AdaptiveOptions = {},
): Promise<{ points: Float64Array; evaluations: number; accepted: number }> {
  const own = { ...DEFAULT_TOLERANCE, ...tolerance };
  let y: Float64Array = x.slice();
  let candidate = y;
  const attempt = async (t: number, next: number) => {
    const table = dopri5Row(field, t, next, guidance);
    const outputs = evaluateRow(table, table.rows, host, y, null, null);
    candidate = combineBlock(table, table.rows, { kind: 'result' }, y, outputs, null);
    const error = combineBlock(table, table.rows, { kind: 'error' }, y, outputs, null);
    const mean =
      error.reduce(
        (total, e, i) =>
          total + (e / (own.absolute + own.relative * Math.max(Math.abs(y[i]), Math.abs(candidate[i])))) ** 2,
        0,
      ) / y.length;
    return Math.sqrt(mean);
  };
  const accept = async () => {
    y = candidate;
  };
  const spent = await adaptiveSteps(backward ? 1 : 0, backward ? 0 : 1, own, attempt, accept);
  return { points: y, ...spent };
}
