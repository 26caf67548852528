import type { Backend, Plan } from '../../backend/backend.js';
import type { DeviceArray } from '../../backend/kernel.js';
import { Trace } from '../../backend/trace.js';
import type { Dataset } from '../../data/dataset.js';
import { GaussianMixture } from '../../data/mixture.js';
import type { Units } from '../../data/units.js';
import { DEFAULT_INTERPOLANT, scheduleOf } from '../../interpolant/config.js';
import { gaussianBaseOracle, type MixtureOracle, memorisingOracle } from '../../interpolant/oracle.js';
import { coefficients, type Schedule } from '../../interpolant/schedule.js';
import { timeOfLogSigma, timeQuantile } from '../../interpolant/time_table.js';
import type { Monitored } from '../../model/family.js';
import { Tape } from '../../nn/tape.js';
import { permutedTurns } from '../../random/permutation.js';
import { CounterRandom, STREAM } from '../../random/random.js';
import { type Combination, type Field, fieldOf } from '../../samplers/field.js';
import { excessLoss } from './excess_loss.js';
import type { InterpolantRun, InterpolantSettings } from './settings.js';

/** Points that each estimate averages over. */
const POINTS = 1024;

/**
 * Times stop where t = 0.99, or where α falls to 0.01: at t = 1 the memorising optimum's error grows like
 * 1/(1 − t)², and one late point would drown the rest.
 */
const LAST_TIME = 0.99;
const LEAST_NOISE = 0.01;

const LARGEST_DIMENSION = 64;

/** One excess loss and its standard error. */
export interface Excess {
  readonly value: number;
  readonly standardError: number;
}

/**
 * How far the networks are from the truth and from memorising: ½E|b̂ − b|², ½E|ŝ − s|². These are the units of the loss
 * where it is a velocity's without weights, and of no other loss.
 */
export interface ExcessRecord {
  readonly step: number;
  /** Of the velocity over the oracle, at points of the true ρ_t; null where the truth is not known. */
  readonly overOracle: number | null;
  readonly overOracleError: number | null;
  /** Over the memorising optimum, at points of the training set's ρ_t. */
  readonly overMemorising: number;
  readonly overMemorisingError: number;
  /** Of the score over the oracle (over the memorising optimum where the truth is not known); null without one. */
  readonly score: number | null;
  /** ε* = √(ΔL_b/ΔL_s), which makes the SDE's bound on the KL divergence least (2303.08797, §2.4). */
  readonly epsilon: number | null;
  /**
   * The same of the network without a label, against the fields of all classes together; null where it is not trained:
   * without classes, and without label dropout.
   */
  readonly unlabelled: UnlabelledExcess | null;
}

/** Excess losses of a conditional model's velocity where it is given no label. */
export type UnlabelledExcess = Pick<
  ExcessRecord,
  'overOracle' | 'overOracleError' | 'overMemorising' | 'overMemorisingError'
>;

/** Fixed points x_t with their times and labels, and the exact fields there. */
interface Probe {
  readonly x: Float64Array;
  readonly t: Float64Array;
  readonly labels: Uint32Array;
  readonly velocity: Float64Array;
  readonly score: Float64Array | null;
}

/** Points of the true ρ_t, where it is known, and of the training set's. */
interface Probes {
  readonly truth: Probe | null;
  readonly training: Probe;
}

function transformed(points: Float64Array, { offset, scale }: Units): Float64Array {
  return points.map((value, i) => (value - offset[i % offset.length]) / scale);
}

/** The mixture of (x − offset)/scale when x follows `mixture`. */
function transformedMixture(mixture: GaussianMixture, transform: Units): GaussianMixture {
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
    private readonly arrays: {
      readonly x: DeviceArray;
      readonly t: DeviceArray;
      readonly label: DeviceArray | null;
      readonly outputs: readonly DeviceArray[];
    },
    private readonly field: Field,
    private readonly dim: number,
    private readonly probes: Probes,
    /** ½E|b_mem − b|² at points of the true ρ_t: what memorising costs; null where the truth is not known. */
    readonly memorisingExcess: number | null,
    /** The same points without their labels. */
    private readonly unlabelled: Probes | null,
  ) {}

  /**
   * @param trained an interpolant's
   * @param schedule a path and γ of the caller's own, in place of those that the settings name
   * @returns null where the data have more than 64 dimensions, for the exact fields would cost more than training,
   *   and where base and data are not a Gaussian and points that are drawn independently
   */
  static async create(
    trained: Monitored<InterpolantSettings>,
    dataset: Dataset,
    schedule: Schedule = scheduleOf(trained.config.settings),
  ): Promise<ExcessMonitor | null> {
    const { config, model } = trained;
    const { engine } = model;
    const { dim, classes } = config.data;
    const { coupling, path } = config.settings;
    // Coupled points have another ρ_t and another field than the oracle's, which couples independently.
    if (coupling !== 'independent') return null;
    if (dim > LARGEST_DIMENSION || dataset.base !== undefined || path === 'mirror') return null;
    const points = transformed(dataset.points, config.transform);
    const mixture = dataset.distribution?.mixture ?? dataset.distribution?.quadrature;
    const conditional = classes > 0;
    const field = fieldOf(config.settings, { schedule });

    const memorising = memorisingOracle(schedule, points, dim, dataset.labels);
    const training = probe(config, schedule, points, dataset.labels, memorising, conditional, 1);
    let truth: Probe | null = null;
    let trueOracle: MixtureOracle | null = null;
    let memorisingExcess: number | null = null;
    if (mixture && dataset.distribution) {
      const fresh = dataset.distribution.sample(POINTS, config.seed, 0, STREAM.evaluation);
      trueOracle = gaussianBaseOracle(schedule, transformedMixture(mixture, config.transform));
      const freshPoints = transformed(fresh.points, config.transform);
      truth = probe(config, schedule, freshPoints, fresh.labels, trueOracle, conditional, 2);
      const { velocity } = exactFields(memorising, truth.t, truth.x, truth.labels, dim, conditional);
      memorisingExcess = excessLoss(velocity, truth.velocity, dim).value;
    }
    // Guidance and samples without a label rest on this branch, which label dropout trains.
    const unlabelled =
      conditional && config.labelDropout > 0
        ? {
            truth: truth && withoutLabels(truth, trueOracle as MixtureOracle, classes, dim),
            training: withoutLabels(training, memorising, classes, dim),
          }
        : null;
    const recorded = await record(trained);
    return new ExcessMonitor(
      engine,
      recorded.plan,
      recorded.arrays,
      field,
      dim,
      { truth, training },
      memorisingExcess,
      unlabelled,
    );
  }

  /** The excess of the averaged parameters as they are now. */
  async measure(step: number): Promise<ExcessRecord> {
    const { truth, memorising } = await this.excesses(this.probes);
    const { velocity, score } = truth ?? memorising;
    const unlabelled = this.unlabelled && (await this.excesses(this.unlabelled));
    return {
      step,
      ...ofVelocities(truth, memorising),
      unlabelled: unlabelled && ofVelocities(unlabelled.truth, unlabelled.memorising),
      score: score?.value ?? null,
      epsilon: score !== null && score.value > 0 ? Math.sqrt(velocity.value / score.value) : null,
    };
  }

  private async excesses({ truth, training }: Probes) {
    return { truth: truth && (await this.excess(truth)), memorising: await this.excess(training) };
  }

  private async excess({
    x,
    t,
    labels,
    velocity,
    score,
  }: Probe): Promise<{ velocity: Excess; score: Excess | null }> {
    const { engine, arrays, dim, field } = this;
    const at = Array.from(t, (time) => field.at(time));
    const input = Float64Array.from(x, (value, i) => value * at[Math.floor(i / dim)].input);
    engine.write(arrays.x, input);
    engine.write(
      arrays.t,
      at.map(({ time }) => time),
    );
    if (arrays.label) engine.write(arrays.label, labels);
    await this.plan.run(1);
    const outputs = await Promise.all(arrays.outputs.map((output) => engine.read(output)));
    const combine = (of: (row: number) => Combination) => {
      const combinations = Array.from({ length: POINTS }, (_, row) => of(row));
      return x.map((own, i) => {
        const combination = combinations[Math.floor(i / dim)];
        return outputs.reduce(
          (sum, values, h) => sum + (combination.heads[h] ?? 0) * values[i],
          combination.x * own,
        );
      });
    };
    const learned = combine((row) => at[row].velocity);
    const scored = at[0].score !== null && score !== null;
    return {
      velocity: excessLoss(learned, velocity, dim),
      score: scored
        ? excessLoss(
            combine((row) => at[row].score as Combination),
            score,
            dim,
          )
        : null,
    };
  }

  destroy(): void {
    this.plan.destroy();
    const { x, t, label, outputs } = this.arrays;
    for (const array of [x, t, label, ...outputs]) if (array) this.engine.free(array);
  }
}

function ofVelocities(
  truth: { readonly velocity: Excess } | null,
  memorising: { readonly velocity: Excess },
): UnlabelledExcess {
  return {
    overOracle: truth?.velocity.value ?? null,
    overOracleError: truth?.velocity.standardError ?? null,
    overMemorising: memorising.velocity.value,
    overMemorisingError: memorising.velocity.standardError,
  };
}

/** The same points with the label that stands for none, and the exact fields of all classes together. */
function withoutLabels({ x, t }: Probe, oracle: MixtureOracle, classes: number, dim: number): Probe {
  const labels = new Uint32Array(t.length).fill(classes);
  return { x, t, labels, ...exactFields(oracle, t, x, labels, dim, false) };
}

/** The networks with their averaged parameters at the probe's points, one plan for all heads. */
async function record({ model, config, average }: Monitored<InterpolantSettings>) {
  const { engine } = model;
  const { dim, classes } = config.data;
  const trace = new Trace();
  const tape = new Tape(trace);
  const x = engine.allocate(POINTS * dim, 'probe points');
  const t = engine.allocate(POINTS, 'probe times');
  const label = classes > 0 ? engine.allocate(POINTS, 'probe labels', 'u32') : null;
  const outputs = config.settings.heads.map((head) => {
    const output = engine.allocate(POINTS * dim, `probe ${head}`);
    const [point, time] = [tape.constant(x, POINTS, dim), tape.constant(t, POINTS, 1)];
    model.net(head).forward(tape, average, point, time, label, output);
    return output;
  });
  return { plan: await engine.compile(trace, 'excess loss'), arrays: { x, t, label, outputs } };
}

/**
 * The probe's times: training's, cut off where fields grow without bounds; of a two-sided interpolant spread evenly,
 * for ε* compares integrals over t.
 */
function probeTimes(config: InterpolantRun, schedule: Schedule): (u: number) => number {
  const { settings: interpolant } = config;
  const oneSided = schedule.gamma.name === 'none';
  const last =
    oneSided && schedule.at(1).alpha < LEAST_NOISE
      ? Math.min(LAST_TIME, timeOfLogSigma(schedule, Math.log(LEAST_NOISE) - Math.log(schedule.at(1).beta)))
      : LAST_TIME;
  const timeMax = Math.min(interpolant.timeMax, last);
  const { timeDistribution } = oneSided ? interpolant : DEFAULT_INTERPOLANT;
  return timeQuantile({ ...interpolant, timeDistribution, timeMax }, schedule);
}

/**
 * Draws x_t with x1 from `points` and evaluates the exact fields there. The rows come in a random order, each before
 * any comes again, so that neither the order of the file nor its classes go with the times.
 */
function probe(
  config: InterpolantRun,
  schedule: Schedule,
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
  const times = probeTimes(config, schedule);
  const x = new Float64Array(POINTS * dim);
  const t = new Float64Array(POINTS);
  const chosen = new Uint32Array(POINTS);
  const c = coefficients();
  const order = permutedTurns(POINTS, rows, config.seed, STREAM.evaluation, step + 200);
  for (let i = 0; i < POINTS; i++) {
    t[i] = times((i + 0.5) / POINTS);
    const row = order[i];
    chosen[i] = labels[row];
    schedule.at(t[i], c);
    for (let j = 0; j < dim; j++) {
      const element = i * dim + j;
      x[element] =
        c.alpha * base.normal(element) + c.beta * points[row * dim + j] + c.gamma * latent.normal(element);
    }
  }
  return { x, t, labels: chosen, ...exactFields(oracle, t, x, chosen, dim, conditional) };
}

/** The exact velocity and score, given the label where the model is. */
function exactFields(
  oracle: MixtureOracle,
  t: Float64Array,
  x: Float64Array,
  labels: Uint32Array,
  dim: number,
  conditional: boolean,
): { velocity: Float64Array; score: Float64Array } {
  if (!conditional) return { velocity: oracle.velocity(t, x), score: oracle.score(t, x) };
  const result = { velocity: new Float64Array(x.length), score: new Float64Array(x.length) };
  for (const label of new Set(labels)) {
    const rows = [...labels.keys()].filter((i) => labels[i] === label);
    const part = oracle.conditional(label);
    const points = Float64Array.from(rows.flatMap((i) => [...x.subarray(i * dim, (i + 1) * dim)]));
    const times = Float64Array.from(rows, (i) => t[i]);
    const own = { velocity: part.velocity(times, points), score: part.score(times, points) };
    for (const key of ['velocity', 'score'] as const)
      rows.forEach((i, k) => {
        result[key].set(own[key].subarray(k * dim, (k + 1) * dim), i * dim);
      });
  }
  return result;
}
