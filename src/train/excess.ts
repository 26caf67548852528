import type { Backend, Plan } from '../backend/backend.js';
import type { DeviceArray } from '../backend/kernel.js';
import { Trace } from '../backend/trace.js';
import type { Dataset } from '../data/dataset.js';
import { GaussianMixture } from '../data/mixture.js';
import type { Model } from '../families/model.js';
import { gaussianBaseOracle, type MixtureOracle, memorisingOracle } from '../interpolant/oracle.js';
import { coefficients, scheduleByName } from '../interpolant/schedule.js';
import { excessLoss } from '../metrics/excessLoss.js';
import { Tape } from '../nn/tape.js';
import { CounterRandom, STREAM } from '../random/random.js';
import type { RunConfig, Transform } from './config.js';
import type { Trainer } from './trainer.js';

/** Points that each estimate averages over. */
const POINTS = 1024;

/**
 * Times are drawn from [0, 0.99]: at t = 1 the memorising optimum's error grows like 1/(1 − t)², and one late
 * point would drown the rest.
 */
const LAST_TIME = 0.99;

const LARGEST_DIMENSION = 64;

/** How far the velocity network is from the truth and from memorising, in units of the loss, ½E|b̂ − b|². */
export interface ExcessRecord {
  readonly step: number;
  /** Over the oracle, at points of the true ρ_t; null where the truth is not known. */
  readonly overOracle: number | null;
  readonly overOracleError: number | null;
  /** Over the memorising optimum, at points of the training set's ρ_t. */
  readonly overMemorising: number;
  readonly overMemorisingError: number;
}

/** Fixed points x_t with their times and labels, and the exact velocity there. */
interface Probe {
  readonly x: Float64Array;
  readonly t: Float64Array;
  readonly labels: Uint32Array;
  readonly exact: Float64Array;
}

function transformed(points: Float64Array, { offset, scale }: Transform): Float64Array {
  return points.map((value, i) => (value - offset[i % offset.length]) / scale);
}

/** The mixture of (x − offset)/scale when x follows `mixture`. */
function transformedMixture(mixture: GaussianMixture, transform: Transform): GaussianMixture {
  const { scale } = transform;
  const { dim, weights, labels, variances, covariances } = mixture;
  const spread = variances
    ? { variances: variances.map((value) => value / scale ** 2) }
    : { covariances: (covariances as Float64Array).map((value) => value / scale ** 2) };
  return new GaussianMixture({
    dim,
    weights,
    means: transformed(mixture.means, transform),
    labels,
    ...spread,
  });
}

/**
 * Watches a run against two exact fields: the oracle of the true distribution, and the memorising optimum of
 * the training set. Loss minus its minimum tells learning from memorising; the raw loss does not.
 * Source: arXiv 2303.08797, §A, and eq. 2.13: L(b̂) − L(b) = ½E|b̂ − b|².
 */
export class ExcessMonitor {
  private constructor(
    private readonly engine: Backend,
    private readonly plan: Plan,
    private readonly x: DeviceArray,
    private readonly t: DeviceArray,
    private readonly label: DeviceArray | null,
    private readonly output: DeviceArray,
    private readonly dim: number,
    private readonly truth: Probe | null,
    private readonly training: Probe,
    /** ½E|b_mem − b|² at points of the true ρ_t: what memorising costs; null where the truth is not known. */
    readonly memorisingExcess: number | null,
  ) {}

  /** @returns null where the data have more than 64 dimensions: the exact fields would cost more than training */
  static async create(trainer: Trainer, dataset: Dataset): Promise<ExcessMonitor | null> {
    const { engine, config, model } = trainer;
    const { dim, classes } = model.network;
    if (dim > LARGEST_DIMENSION) return null;
    const { path, gamma, gammaScale } = config.interpolant;
    const schedule = scheduleByName(path, gamma, gammaScale);
    const points = transformed(dataset.points, config.transform);
    const mixture = dataset.distribution?.mixture ?? dataset.distribution?.quadrature;
    const conditional = classes > 0;

    const memorising = memorisingOracle(schedule, points, dim, dataset.labels);
    const training = probe(config, schedule, points, dataset.labels, memorising, conditional, 1);
    let truth: Probe | null = null;
    let memorisingExcess: number | null = null;
    if (mixture && dataset.distribution) {
      const fresh = dataset.distribution.sample(POINTS, config.seed, 0, STREAM.evaluation);
      const oracle = gaussianBaseOracle(schedule, transformedMixture(mixture, config.transform));
      const freshPoints = transformed(fresh.points, config.transform);
      truth = probe(config, schedule, freshPoints, fresh.labels, oracle, conditional, 2);
      const memorised = exactVelocity(memorising, truth.t, truth.x, truth.labels, dim, conditional);
      memorisingExcess = excessLoss(memorised, truth.exact, dim).value;
    }

    const trace = new Trace();
    const tape = new Tape(trace);
    const x = engine.allocate(POINTS * dim, 'probe points');
    const t = engine.allocate(POINTS, 'probe times');
    const label = conditional ? engine.allocate(POINTS, 'probe labels', 'u32') : null;
    const output = engine.allocate(POINTS * dim, 'probe velocity');
    recordVelocity(model, trainer, tape, x, t, label, output);
    const plan = await engine.compile(trace, 'excess loss');
    return new ExcessMonitor(engine, plan, x, t, label, output, dim, truth, training, memorisingExcess);
  }

  /** The excess of the averaged parameters as they are now. */
  async measure(step: number): Promise<ExcessRecord> {
    const overOracle = this.truth ? await this.excess(this.truth) : null;
    const overMemorising = await this.excess(this.training);
    return {
      step,
      overOracle: overOracle?.value ?? null,
      overOracleError: overOracle?.standardError ?? null,
      overMemorising: overMemorising.value,
      overMemorisingError: overMemorising.standardError,
    };
  }

  private async excess({ x, t, labels, exact }: Probe) {
    this.engine.write(this.x, x);
    this.engine.write(this.t, t);
    if (this.label) this.engine.write(this.label, labels);
    await this.plan.run(1);
    return excessLoss(Float64Array.from(await this.engine.read(this.output)), exact, this.dim);
  }

  destroy(): void {
    this.plan.destroy();
    for (const array of [this.x, this.t, this.label, this.output]) if (array) this.engine.free(array);
  }
}

function recordVelocity(
  model: Model,
  trainer: Trainer,
  tape: Tape,
  x: DeviceArray,
  t: DeviceArray,
  label: DeviceArray | null,
  output: DeviceArray,
): void {
  const parameters = model.store.view(trainer.optimizer.average);
  const point = tape.constant(x, POINTS, model.network.dim);
  model.net('velocity').forward(tape, parameters, point, tape.constant(t, POINTS, 1), label, output);
}

/** Draws x_t with x1 from `points`, in turns, and evaluates the exact velocity there. */
function probe(
  config: RunConfig,
  schedule: ReturnType<typeof scheduleByName>,
  points: Float64Array,
  labels: Uint32Array,
  oracle: MixtureOracle,
  conditional: boolean,
  step: number,
): Probe {
  const { dim } = config.data;
  const rows = points.length / dim;
  const base = new CounterRandom(config.seed, STREAM.evaluation, step);
  const latent = new CounterRandom(config.seed, STREAM.evaluation, step + 100);
  const x = new Float64Array(POINTS * dim);
  const t = new Float64Array(POINTS);
  const chosen = new Uint32Array(POINTS);
  const c = coefficients();
  for (let i = 0; i < POINTS; i++) {
    t[i] = Math.fround((LAST_TIME * (i + 0.5)) / POINTS);
    // A stride prime to most sizes spreads each class over all times.
    const row = (i * 389) % rows;
    chosen[i] = labels[row];
    schedule.at(t[i], c);
    for (let j = 0; j < dim; j++) {
      const element = i * dim + j;
      const value =
        c.alpha * base.normal(element) + c.beta * points[row * dim + j] + c.gamma * latent.normal(element);
      x[element] = Math.fround(value);
    }
  }
  return { x, t, labels: chosen, exact: exactVelocity(oracle, t, x, chosen, dim, conditional) };
}

/** The exact velocity, given the label where the model is. */
function exactVelocity(
  oracle: MixtureOracle,
  t: Float64Array,
  x: Float64Array,
  labels: Uint32Array,
  dim: number,
  conditional: boolean,
): Float64Array {
  if (!conditional) return oracle.velocity(t, x);
  const result = new Float64Array(x.length);
  for (const label of new Set(labels)) {
    const rows = [...labels.keys()].filter((i) => labels[i] === label);
    const part = oracle.conditional(label);
    const points = Float64Array.from(rows.flatMap((i) => [...x.subarray(i * dim, (i + 1) * dim)]));
    const velocity = part.velocity(
      Float64Array.from(rows, (i) => t[i]),
      points,
    );
    rows.forEach((i, k) => result.set(velocity.subarray(k * dim, (k + 1) * dim), i * dim));
  }
  return result;
}
