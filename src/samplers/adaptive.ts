import type { Backend, Plan } from '../backend/backend.js';
import { CLOCK_LENGTH } from '../backend/clock.js';
import { Holdings } from '../backend/holdings.js';
import type { DeviceArray } from '../backend/kernel.js';
import { badInput } from '../errors.js';
import { checkGuidance } from '../model/conditions.js';
import type { Model } from '../model/model.js';
import { BACKWARD_START, BUSY, checkSamples, type SampleOptions, type Samples } from '../model/samples.js';
import type { ParameterSource } from '../nn/parameters.js';
import { adaptiveRows, type EvaluateRows } from './adaptive_rows.js';
import { checkTolerance, DEFAULT_TOLERANCE, type Tolerance } from './dopri5.js';
import type { Field } from './field.js';
import type { HostField } from './integrate.js';
import { NetworkOutputs } from './network_outputs.js';
import { startTrace } from './start.js';

/** Particles on their way together at the most: it changes no sample. */
const TOGETHER = { cpu: 256, webgpu: 4096 } as const;

export interface AdaptiveOptions {
  readonly tolerance?: Partial<Tolerance>;
  /** Guidance scale; 1, off, if not given. */
  readonly guidance?: number;
  /** From t = 1 to t = 0. */
  readonly backward?: boolean;
}

/** What a number of rows together need on the device. */
interface Prepared {
  readonly held: Holdings;
  readonly plan: Plan;
  readonly starts: DeviceArray;
  readonly networks: NetworkOutputs;
}

/** w·own + (1 − w)·none by head. */
async function guided(
  guidance: number,
  outputs: (unlabelled: boolean) => Promise<readonly ArrayLike<number>[]>,
): Promise<readonly ArrayLike<number>[]> {
  if (guidance === 1) return outputs(false);
  const none = await outputs(true);
  if (guidance === 0) return none;
  // What was read may be the memory that the next call writes.
  const kept = none.map((values) => Float64Array.from(values));
  const own = await outputs(false);
  return own.map((values, h) => kept[h].map((value, i) => guidance * values[i] + (1 - guidance) * value));
}

/**
 * The probability flow by Dormand and Prince's pair of orders 5 and 4, each particle with steps of its own choice; see
 * `adaptiveRows`. Points and choices are the host's, in float64; the networks run on the backend.
 */
export class AdaptiveSampler {
  private busy = false;
  private spent = { evaluations: 0, steps: 0, particles: 0 };
  private prepared: Prepared | null = null;
  private destroyed = false;

  private constructor(
    private readonly engine: Backend,
    private readonly model: Model,
    private readonly parameters: ParameterSource,
    private readonly field: Field,
    private readonly seed: number,
    private readonly options: Required<AdaptiveOptions> & { readonly tolerance: Tolerance },
    private readonly clock: DeviceArray,
    private readonly held: Holdings,
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
    const { guidance = 1, backward = false } = options;
    if (guidance !== 1 && model.network.classes === 0)
      badInput('guidance needs a conditional model: train it with labels');
    if (guidance !== 1 && model.conditions) checkGuidance(model.conditions);
    const tolerance = { ...DEFAULT_TOLERANCE, ...options.tolerance };
    checkTolerance(tolerance);
    const own = { guidance, backward, tolerance };
    return Holdings.make(engine, async (held) => {
      const clock = held.allocate(CLOCK_LENGTH, 'sampler clock', 'u32');
      return new AdaptiveSampler(engine, model, parameters, field, seed, own, clock, held);
    });
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
   * As `Sampler.sample`; frames are not kept, for steps are no particles' own.
   * @throws TributaryError('bad-input') for an n, labels or a start that do not fit, where no step meets the
   *   tolerance, and while the sampler is busy with other samples
   */
  async sample(options: Omit<SampleOptions, 'frames'>): Promise<Samples> {
    if (this.destroyed) badInput('this sampler is destroyed: create another');
    checkSamples(options, { ...this.model.network, conditions: this.model.conditions }, 0);
    if (this.options.backward && options.start === undefined) badInput(BACKWARD_START);
    if (this.busy) badInput(BUSY);
    this.busy = true;
    try {
      return await this.draw(options);
    } finally {
      this.busy = false;
    }
  }

  /** Plans for `together` rows, as long as no more are asked for. */
  private async prepare(together: number): Promise<Prepared> {
    if (this.prepared !== null && this.prepared.networks.tile >= together) return this.prepared;
    this.free();
    const { engine, model, field, clock } = this;
    const { dim } = model.network;
    this.prepared = await Holdings.make(engine, async (held) => {
      const starts = held.allocate(together * dim, 'starts of the particles');
      const start = startTrace({ clock, x: starts }, this.seed, dim, field.baseScale);
      const plan = await held.compile(start, 'start of the particles');
      const networks = await NetworkOutputs.create(engine, model, this.parameters, field.heads, together);
      return { held, plan, starts, networks };
    });
    return this.prepared;
  }

  private free(): void {
    this.prepared?.networks.destroy();
    this.prepared?.held.release();
    this.prepared = null;
  }

  private async draw(options: Omit<SampleOptions, 'frames'>): Promise<Samples> {
    const { n, labels, start, take, onProgress } = options;
    const { engine, field, clock } = this;
    const { guidance, backward, tolerance } = this.options;
    const { dim, classes } = this.model.network;
    const together = Math.min(n, TOGETHER[engine.name]);
    const prepared = await this.prepare(together);
    const { networks } = prepared;
    const starts = start ?? new Float64Array(n * dim);
    for (let first = 0; start === undefined && first < n; first += networks.tile) {
      engine.write(clock, [0, 0, first, 0]);
      await prepared.plan.run(1);
      const drawn = await engine.read(prepared.starts);
      starts.set(drawn.subarray(0, Math.min(drawn.length, (n - first) * dim)), first * dim);
    }
    const evaluate: EvaluateRows = (times, inputs, particles) =>
      guided(guidance, (unlabelled) => {
        if (classes === 0) return networks.at(times, inputs);
        const own = Uint32Array.from(particles, (i) => (unlabelled ? classes : (labels?.[i] ?? classes)));
        return networks.at(times, inputs, own);
      });
    const points = new Float64Array(take ? 0 : n * dim);
    const { evaluations, accepted } = await adaptiveRows(field, {
      ...{ dim, n, together, evaluate, backward, tolerance },
      start: (i) => starts.subarray(i * dim, (i + 1) * dim),
      finish: (i, x) => (take ? take(x, i, 0) : points.set(x, i * dim)),
      onProgress: async (done) => onProgress?.(done),
    });
    this.spent.evaluations += evaluations;
    this.spent.steps += accepted;
    this.spent.particles += n;
    return { points, frames: [] };
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.free();
    this.held.release();
  }
}

/**
 * The same on the host in float64, on a field that is not a network.
 * @param x [n·dim] starting points
 * @param dim coordinates of a point
 * @returns evaluations and steps taken are those of all points together
 */
export async function integrateAdaptive(
  field: Field,
  host: HostField,
  x: Float64Array,
  { tolerance = {}, guidance = 1, backward = false }: AdaptiveOptions = {},
  dim = 2,
): Promise<{ points: Float64Array; evaluations: number; accepted: number }> {
  const own = { ...DEFAULT_TOLERANCE, ...tolerance };
  checkTolerance(own);
  const n = x.length / dim;
  const points = new Float64Array(x.length);
  const evaluate: EvaluateRows = (times, inputs, particles) =>
    guided(guidance, async (unlabelled) =>
      field.heads.map((head) => {
        const outputs = new Float64Array(inputs.length);
        times.forEach((time, r) => {
          const said = host[head]?.(time, inputs.slice(r * dim, (r + 1) * dim), unlabelled, [particles[r]]);
          if (said === undefined) throw new Error(`the field has no ${head}`);
          outputs.set(said, r * dim);
        });
        return outputs;
      }),
    );
  const spent = await adaptiveRows(field, {
    ...{ dim, n, together: n, evaluate, backward, tolerance: own },
    start: (i) => x.subarray(i * dim, (i + 1) * dim),
    finish: (i, at) => points.set(at, i * dim),
  });
  return { points, ...spent };
}
