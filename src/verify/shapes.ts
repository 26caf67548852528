/** Random shapes for every kernel's cross-check: one, odd, prime, larger than a workgroup. */
import type { KERNELS, KernelName } from '../backend/kernels.js';
import type { CounterRandom } from '../random/random.js';

const SIZES = [1, 2, 3, 5, 7, 16, 31, 63, 64, 65, 97, 127, 128, 129, 257];

/** Draws numbers one after another from an addressed generator. */
export class Drawer {
  private element = 0;

  constructor(private readonly random: CounterRandom) {}

  below(n: number): number {
    return this.random.integer(this.element++, n);
  }

  uniform(): number {
    return this.random.uniform(this.element++);
  }

  /** A size, at most `largest`. */
  size(largest = 257): number {
    const sizes = SIZES.filter((size) => size <= largest);
    return sizes[this.below(sizes.length)];
  }

  bits(): number {
    return this.below(2 ** 32 - 1);
  }
}

type Shapes = {
  readonly [K in KernelName]: (draw: Drawer) => { [P in keyof (typeof KERNELS)[K]['params']]: number };
};

/** Half of them of widths that are multiples of 4, for which there are kernels of their own. */
const linear = (draw: Drawer) => {
  const sizes = { batch: draw.size(), inputs: draw.size(129), outputs: draw.size(129) };
  if (draw.below(2) === 0) return sizes;
  return { ...sizes, inputs: 4 * Math.ceil(sizes.inputs / 4), outputs: 4 * Math.ceil(sizes.outputs / 4) };
};
const seed = (draw: Drawer) => ({
  seedLow: draw.bits(),
  seedHigh: draw.below(2 ** 21),
  stream: draw.below(15),
});

/** Columns of a wider matrix that a feature kernel fills. */
const placed = (draw: Drawer, width: number) => {
  const column = draw.below(5);
  return { column, stride: column + width + draw.below(5) };
};

const fourier = (draw: Drawer) => {
  const [dim, frequencies] = [1 + draw.below(5), draw.below(40)];
  return { batch: draw.size(), dim, frequencies, ...placed(draw, dim + 2 * frequencies) };
};

const embedded = (draw: Drawer) => {
  const width = draw.size(65);
  return { batch: draw.size(), rows: draw.size(31), width, ...placed(draw, width) };
};

export const RANDOM_SHAPES: Shapes = {
  linear_forward: (draw) => ({ ...linear(draw), hasResidual: draw.below(2) }),
  linear_backward_input: (draw) => ({ ...linear(draw), accumulate: draw.below(2) }),
  linear_backward_weight: (draw) => ({ ...linear(draw), accumulate: draw.below(2) }),
  linear_swiglu: linear,
  swiglu_forward: (draw) => ({ n: draw.size() * draw.size(31) }),
  swiglu_backward: (draw) => ({ n: draw.size() * draw.size(31) }),
  selu_forward: (draw) => ({ n: draw.size() * draw.size(31) }),
  selu_backward: (draw) => ({ n: draw.size() * draw.size(31) }),
  fourier_features: fourier,
  fourier_features_backward: (draw) => ({ ...fourier(draw), accumulate: draw.below(2) }),
  embedding: embedded,
  embedding_backward: (draw) => ({ ...embedded(draw), accumulate: draw.below(2) }),
  random_normal: (draw) => ({
    ...seed(draw),
    n: draw.size() * draw.size(31),
    dim: draw.size(),
    scale: 1 + draw.uniform(),
  }),
  batch_draw: (draw) => {
    const antithetic = draw.below(2);
    const batch = antithetic ? 2 * draw.size(129) : draw.size();
    const rows = draw.size() * draw.size(7);
    const paired = draw.below(2);
    return {
      seedLow: draw.bits(),
      seedHigh: draw.below(2 ** 21),
      batch,
      rows,
      sourceRows: paired ? rows : draw.below(2) * draw.size(),
      cells: draw.size() * draw.size(),
      timeSampling: draw.below(3),
      antithetic,
      epochs: draw.below(2),
      pairing: paired,
      classes: 1 + draw.below(10),
      labelDropout: draw.uniform(),
      heads: 1 + draw.below(2),
      weightStride: 320,
    };
  },
  interpolant_draw: (draw) => {
    const antithetic = draw.below(2);
    return {
      seedLow: draw.bits(),
      seedHigh: draw.below(2 ** 21),
      batch: antithetic ? 2 * draw.size(129) : draw.size(),
      dim: 1 + draw.below(7),
      rows: draw.size(),
      sourceRows: draw.below(2) * draw.size(),
      cells: draw.size(),
      antithetic,
      coupled: draw.below(2),
      heads: 1 + draw.below(2),
    };
  },
  endpoint_draw: (draw) => ({
    seedLow: draw.bits(),
    seedHigh: draw.below(2 ** 21),
    n: draw.size(),
    dim: 1 + draw.below(7),
    rows: draw.size(),
    sourceRows: draw.below(2) * draw.size(),
    antithetic: draw.below(2),
  }),
  pairwise_cost: (draw) => ({
    n: draw.size(129),
    dim: 1 + draw.below(7),
    rows: draw.size(),
    antithetic: draw.below(2),
    penalty: draw.below(2) * (1 + draw.uniform()),
  }),
  assignment: (draw) => ({ n: draw.size(129) }),
  sinkhorn_step: (draw) => ({
    n: draw.size(129),
    regularisation: 0.05 + draw.uniform(),
    transpose: draw.below(2),
    warm: draw.below(2),
    accumulate: draw.below(2),
    relaxation: 1 + 0.9 * draw.uniform(),
  }),
  marginal_error: (draw) => ({ n: draw.size(), regularisation: 0.5 + draw.uniform() }),
  plan_draw: (draw) => ({
    seedLow: draw.bits(),
    seedHigh: draw.below(2 ** 21),
    n: draw.size(129),
    regularisation: 0.5 + draw.uniform(),
  }),
  regression_loss: (draw) => ({
    batch: draw.size(),
    dim: draw.size(129),
    scale: draw.uniform(),
    weighted: draw.below(2),
  }),
  reduce_sum: (draw) => {
    const history = draw.below(2);
    const n = draw.size() * draw.size(31);
    // Squares in a history: a sum of normals may come close to 0, where no relative error means anything.
    return { n, chunk: history ? n : draw.size(), power: 2, history };
  },
  adamw: (draw) => ({
    n: draw.size() * draw.size(31),
    beta1: 0.8 + 0.19 * draw.uniform(),
    beta2: 0.9 + 0.099 * draw.uniform(),
    eps: 1e-8,
    weightDecay: 0.1 * draw.uniform(),
    clip: draw.below(2) * draw.uniform(),
  }),
  ema: (draw) => ({ n: draw.size() * draw.size(31) }),
  clock_advance: (draw) => ({ by: draw.below(1000) }),
  broadcast_time: (draw) => {
    const stride = draw.size(31);
    return { batch: draw.size(), stride, column: draw.below(stride) };
  },
  solver_update: (draw) => {
    const column = draw.below(5);
    return {
      ...seed(draw),
      n: draw.size() * draw.size(31),
      dim: draw.size(31),
      stride: column + 7 + draw.below(5),
      column,
      accumulate: draw.below(2),
    };
  },
  fused_sampler: (draw) => {
    const stages = 1 + draw.below(4);
    return {
      ...seed(draw),
      first: draw.below(2) * draw.below(70),
      n: draw.size(65),
      dim: 1 + draw.below(4),
      steps: 1 + draw.below(3),
      stages,
      stride: 8 * stages + 7 + draw.below(3),
      hidden: draw.size(31),
      inner: draw.size(31),
      blocks: draw.below(3),
      pointFrequencies: draw.below(9),
      timeFrequencies: draw.below(5),
      classes: draw.below(4),
      labelWidth: 1 + draw.below(6),
      unlabelled: draw.below(16),
    };
  },
  histogram_2d: (draw) => ({
    n: draw.size() * draw.size(31),
    nx: draw.size(),
    ny: draw.size(31),
    left: -2 * draw.uniform(),
    right: 2 * draw.uniform(),
    bottom: -draw.uniform(),
    top: 1 + draw.uniform(),
    accumulate: draw.below(2),
  }),
  moments: (draw) => ({ n: draw.size() * draw.size(31), dim: draw.size(31) }),
  swiglu_tangent: (draw) => ({ batch: draw.size(), directions: 1 + draw.below(8), width: draw.size(65) }),
  selu_tangent: (draw) => ({ batch: draw.size(), directions: 1 + draw.below(8), width: draw.size(65) }),
  fourier_features_tangent: (draw) => ({
    ...fourier(draw),
    batch: draw.size(65),
    directions: 1 + draw.below(8),
    clear: draw.below(2),
  }),
  // Many rows: one sum of normals may come close to 0, where no relative error means anything.
  divergence_trace: (draw) => ({ batch: 16 + draw.size(), dim: 1 + draw.below(8) }),
  row_dot: (draw) => ({ batch: 16 + draw.size(), dim: draw.size(129) }),
  random_sign: (draw) => ({ ...seed(draw), n: draw.size() * draw.size(31), dim: draw.size() }),
};
