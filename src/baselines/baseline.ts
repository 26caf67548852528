import { orderedRows } from '../data/canonical.js';
import type { LabelledPoints } from '../data/distribution.js';
import { pick } from '../data/mixture_tables.js';
import { badInput, TributaryError } from '../errors.js';
import { CounterRandom, STREAM } from '../random/random.js';
import type { Law } from './law.js';
import { BASELINES, type BaselineKind, type BaselineName, type BaselineSettings } from './registry.js';
import { type Tensors, tensor, tensorOf, tensorsUnder } from './tensors.js';
import { pointsByClass, type TrainingPoints } from './training_points.js';

/**
 * A model without a network: one law a class, weighted with the classes' shares of the training points. The same
 * points in another order give the same bits.
 */
export class Baseline {
  readonly dim: number;
  /** One more than the largest label. */
  readonly classes: number;
  private readonly cumulative: Float64Array;
  private readonly stride: number;

  /**
   * @param shares [classes] of the training points, 0 for a label that none has; sum 1
   * @param laws [classes], undefined where the share is 0
   */
  constructor(
    readonly name: BaselineName,
    readonly shares: Float64Array,
    readonly laws: readonly (Law | undefined)[],
  ) {
    const present = laws.filter((law) => law !== undefined);
    this.dim = present[0].dim;
    this.classes = shares.length;
    let running = 0;
    this.cumulative = shares.map((share) => {
      running += share;
      return running;
    });
    this.stride = 4 * Math.ceil(Math.max(...present.map(({ words }) => words)) / 4);
  }

  /** Why there is no density; undefined where there is one. */
  get noDensity(): string | undefined {
    return (BASELINES[this.name] as BaselineKind).noDensity;
  }

  private lawOf(label: number): Law {
    const law = this.laws[label];
    if (law) return law;
    const known = Array.from(this.shares.keys()).filter((own) => this.laws[own]);
    badInput(`no training point has label ${label}; there are ${known.join(', ')}`);
  }

  private checkLabels(labels: ArrayLike<number>, n: number): void {
    if (labels.length !== n) badInput(`${n} points need ${n} labels, got ${labels.length}`);
    for (let row = 0; row < n; row++) this.lawOf(labels[row]);
  }

  /**
   * Draws n points. Point i is a pure function of (seed, i) and its label: asking for more leaves the first ones as
   * they are.
   * @param labels [n] wanted; drawn with the classes' shares if left out
   * @param first the number of the first one
   * @throws bad-input for a label that no training point has
   */
  sample(n: number, seed: number, labels?: ArrayLike<number>, first = 0): LabelledPoints {
    if (!Number.isInteger(n) || n < 0)
      badInput(`the number of samples must be a whole number from 0, got ${n}`);
    const own = labels ? Uint32Array.from(labels) : this.drawLabels(n, seed, first);
    if (labels) this.checkLabels(labels, n);
    const random = new CounterRandom(seed, STREAM.baselineSample);
    const points = new Float64Array(n * this.dim);
    own.forEach((label, row) => {
      this.laws[label]!.draw(random, (first + row) * this.stride, points, row * this.dim);
    });
    return { points, labels: own };
  }

  /** Labels [n] with the classes' shares, each a pure function of the seed and its number from `first` on. */
  drawLabels(n: number, seed: number, first = 0): Uint32Array {
    const random = new CounterRandom(seed, STREAM.sampleLabel);
    const last = this.laws.findLastIndex((law) => law !== undefined);
    return Uint32Array.from({ length: n }, (_, row) =>
      Math.min(last, pick(this.cumulative, random.uniform(first + row))),
    );
  }

  /**
   * ln p(x | label), or without labels ln Σ share · p(x | label) over all classes.
   * @param points [n, d]
   * @param labels [n]
   * @returns [n], nats
   * @throws bad-input where the baseline has no density, and for a label that no training point has
   */
  logDensity(points: Float64Array, labels?: ArrayLike<number>): Float64Array {
    if (this.noDensity) badInput(this.noDensity);
    const { dim, shares, laws } = this;
    if (points.length % dim !== 0) badInput(`${points.length} numbers are not rows of ${dim} coordinates`);
    const n = points.length / dim;
    const result = new Float64Array(n).fill(Number.NEGATIVE_INFINITY);
    if (labels) {
      this.checkLabels(labels, n);
      laws.forEach((law, label) => {
        const rows = Uint32Array.from(
          Array.from({ length: n }, (_, row) => row).filter((row) => labels[row] === label),
        );
        if (!law || rows.length === 0) return;
        law.logDensity!(orderedRows(points, dim, rows)).forEach((value, at) => {
          result[rows[at]] = value;
        });
      });
      return result;
    }
    laws.forEach((law, label) => {
      if (!law) return;
      law.logDensity!(points).forEach((value, row) => {
        const [own, before] = [value + Math.log(shares[label]), result[row]];
        const larger = Math.max(own, before);
        if (larger > Number.NEGATIVE_INFINITY)
          result[row] = larger + Math.log1p(Math.exp(Math.min(own, before) - larger));
      });
    });
    return result;
  }

  /** All that the model is, by name: `shares` [classes], and LABEL.name for what a class's law consists of. */
  tensors(): Tensors {
    const result: Tensors = new Map([['shares', tensor(this.shares, this.classes)]]);
    this.laws.forEach((law, label) => {
      for (const [name, value] of law?.tensors() ?? []) result.set(`${label}.${name}`, value);
    });
    return result;
  }
}

/**
 * Fits a baseline, by class where there are labels.
 * @throws bad-input for points or labels that cannot be used (naming row and column) and for settings that cannot be
 */
export function fitBaseline(
  name: BaselineName,
  training: TrainingPoints,
  settings: BaselineSettings = {},
): Baseline {
  const parts = pointsByClass(training);
  const shares = Float64Array.from(parts, (part) => (part ? part.points.length : 0) / training.points.length);
  const kind: BaselineKind = BASELINES[name];
  return new Baseline(
    name,
    shares,
    parts.map((part) => part && kind.fit(part, settings)),
  );
}

/**
 * The baseline that {@link Baseline.tensors} describe.
 * @throws bad-checkpoint where a tensor is missing, damaged or of another shape
 */
export function baselineFromTensors(name: BaselineName, tensors: Tensors): Baseline {
  const shares = tensorOf(tensors, 'shares', 1).values;
  const kind: BaselineKind = BASELINES[name];
  try {
    if (shares.some((share) => share < 0)) badInput('a class has a negative share');
    const laws = Array.from(shares, (share, label) =>
      share > 0 ? kind.from(tensorsUnder(tensors, `${label}.`)) : undefined,
    );
    const dims = new Set(laws.flatMap((law) => (law ? [law.dim] : [])));
    if (dims.size !== 1) badInput(`${dims.size} different dimensions where one is needed`);
    return new Baseline(name, shares, laws);
  } catch (error) {
    if (error instanceof TributaryError && error.code === 'bad-input')
      throw new TributaryError('bad-checkpoint', `baseline: ${error.message}`, { cause: error });
    throw error;
  }
}
