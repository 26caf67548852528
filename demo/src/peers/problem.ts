/** What every system of a race solves: one network, one batch, one start, the same numbers for all. */
import { CounterRandom, type MlpConfig, STREAM } from 'tributary-engine';

export interface Sizes {
  readonly dim: number;
  readonly hidden: number;
  readonly batch: number;
  /** Particles of a sampling step. */
  readonly particles: number;
}

export interface Parameter {
  /** As in Tributary's files: `blocks.0.gate.weight`, [outputs, inputs]. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface Problem extends Sizes {
  readonly inner: number;
  readonly learningRate: number;
  readonly parameters: readonly Parameter[];
  /** [batch, dim] and [batch]: points and times. */
  readonly x: Float32Array;
  readonly t: Float32Array;
  /** [batch, dim] */
  readonly target: Float32Array;
  /** Particles that are moved together; all of them take `passes` times as many steps. */
  readonly tile: number;
  readonly passes: number;
  /** [tile, dim] */
  readonly start: Float32Array;
  /** The width of a sampling step; the first begins at t = 0. */
  readonly timeStep: number;
}

/** One system on one problem. A promise settles when something has been read back that was computed last. */
export interface System {
  /**
   * Takes training steps on the batch: the loss that the last of them started from. Null for a library that does not
   * train.
   */
  readonly train: ((steps: number) => Promise<number>) | null;
  /** Takes Euler steps of one tile, the first from its start: the first coordinates after the last of them. */
  sample(steps: number): Promise<Float32Array>;
  destroy(): void;
}

export const BLOCKS = 2;

/** Coordinates that a sampling step reads back, if there are so many. */
const PROBES = 64;

/** What a system reads back of its particles. */
export const probes = ({ tile, dim }: Problem): number => Math.min(PROBES, tile * dim);

/** Memory that an array of a tile takes at most: what every WebGPU device binds. */
const TILE_BYTES = 2 ** 27;
/** Particles that are moved together at most: Tributary's own tile on a graphics card. */
const MOST_TILE = 65_536;

/** A prime: drawing more numbers than this takes longer than it is worth, and they are in no step with any row. */
const DRAWS = 65_521;

export const networkOf = ({ dim, hidden, inner }: Problem): MlpConfig => ({
  dim,
  outputs: dim,
  hidden,
  inner,
  blocks: BLOCKS,
  pointFrequencies: 0,
  pointFrequencyScale: 0,
  timeFrequencies: 0,
  classes: 0,
  labelWidth: 0,
});

/** Floating-point operations of one row forward; a multiply-add is two. */
export const forwardFlops = ({ dim, hidden, inner }: Problem): number =>
  2 * ((dim + 1) * hidden + BLOCKS * 3 * hidden * inner + hidden * dim);

/** Of one training step: forward, and both gradients but for the first layer's to its input. */
export const trainingFlops = (problem: Problem): number =>
  problem.batch * (3 * forwardFlops(problem) - 2 * (problem.dim + 1) * problem.hidden);

/** Of one Euler step of all particles. */
export const samplingFlops = (problem: Problem): number => problem.particles * forwardFlops(problem);

/** `length` numbers: as many different ones as {@link DRAWS}, again and again. */
function repeated(length: number, draw: (i: number) => number): Float32Array {
  const drawn = Float32Array.from({ length: Math.min(length, DRAWS) }, (_, i) => draw(i));
  return Float32Array.from({ length }, (_, i) => drawn[i % DRAWS]);
}

export function makeProblem({ dim, hidden, batch, particles }: Sizes): Problem {
  const inner = 2 * hidden;
  let stream = 0;
  const random = () => new CounterRandom(7, STREAM.test, stream++);
  const parameters: Parameter[] = [];
  const layer = (name: string, inputs: number, outputs: number) => {
    const uniform = random();
    const bound = 1 / Math.sqrt(inputs);
    const draw = (i: number) => bound * (2 * uniform.uniform(i) - 1);
    const weight = repeated(outputs * inputs, draw);
    parameters.push({ name: `${name}.weight`, shape: [outputs, inputs], values: weight });
    const bias = Float32Array.from({ length: outputs }, (_, i) => draw(DRAWS + i));
    parameters.push({ name: `${name}.bias`, shape: [outputs], values: bias });
  };
  layer('input', dim + 1, hidden);
  for (let k = 0; k < BLOCKS; k++) {
    layer(`blocks.${k}.gate`, hidden, inner);
    layer(`blocks.${k}.up`, hidden, inner);
    layer(`blocks.${k}.down`, inner, hidden);
  }
  layer('output', hidden, dim);
  const [points, times, starts] = [random(), random(), random()];
  const x = repeated(batch * dim, (i) => points.normal(i));
  const t = Float32Array.from({ length: batch }, (_, i) => times.uniform(i));
  const target = x.map((value, i) => Math.sin(2 * value) + t[Math.floor(i / dim)]);
  const largest = Math.floor(TILE_BYTES / 4 / Math.max(dim + 1, inner));
  const passes = Math.ceil(particles / Math.min(MOST_TILE, largest));
  const tile = Math.ceil(particles / passes);
  return {
    ...{ dim, hidden, inner, batch, particles, learningRate: 1e-3, parameters, x, t, target, tile, passes },
    start: repeated(tile * dim, (i) => starts.normal(i)),
    timeStep: 1 / 256,
  };
}

/** Points and their times in one matrix [rows, dim + 1], as a library without Tributary's features takes them. */
export function withTimes(x: Float32Array, t: (row: number) => number, dim: number): Float32Array {
  const rows = x.length / dim;
  const out = new Float32Array(rows * (dim + 1));
  for (let b = 0; b < rows; b++) {
    out.set(x.subarray(b * dim, (b + 1) * dim), b * (dim + 1));
    out[b * (dim + 1) + dim] = t(b);
  }
  return out;
}
