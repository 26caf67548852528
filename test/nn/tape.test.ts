/**
 * The tape against finite differences in float64: random graphs over all of its operations, in which any tensor may
 * be used by several of them, twice by one, and by several losses.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { combine as combineKernel, fill } from '../../src/backend/contracts/combine.js';
import type { DeviceArray } from '../../src/backend/kernel.js';
import { Trace } from '../../src/backend/trace.js';
import { CpuBackend } from '../../src/cpu/backend.js';
import { selu, swiglu } from '../../src/nn/ops/activation.js';
import { affine, combine, multiply } from '../../src/nn/ops/arithmetic.js';
import {
  gaussianLogDensity,
  gaussianSample,
  mixtureJoint,
  mixtureLogDensity,
} from '../../src/nn/ops/density.js';
import { writeEmbedding, writeFourierFeatures } from '../../src/nn/ops/features.js';
import { linear } from '../../src/nn/ops/linear.js';
import { squaredError } from '../../src/nn/ops/loss.js';
import { columnScale, rmsNorm } from '../../src/nn/ops/norm.js';
import { clamp, exp, log, sigmoid, softplus, square, tanh } from '../../src/nn/ops/pointwise.js';
import {
  joinColumns,
  logSoftmax,
  reduceColumns,
  reduceRows,
  repeatRows,
  reshape,
  rowDot,
  rowScale,
  rowSum,
  takeColumns,
} from '../../src/nn/ops/rows.js';
import { type Parameter, ParameterStore } from '../../src/nn/parameters.js';
import { Tape, type Tensor } from '../../src/nn/tape.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { upload } from '../backend/run.js';

const engine = new CpuBackend('f64');
afterAll(() => engine.destroy());

const ROWS = 4;
const COLS = 3;

/** The same graph for the same seed, whatever the values. */
class Graph {
  private drawn = 0;
  /** All [ROWS, COLS]. */
  readonly pool: Tensor[] = [];
  private readonly losses: { rows: DeviceArray; count: number; scale: number }[] = [];

  constructor(
    readonly tape: Tape,
    private readonly seed: number,
    private readonly get: (name: string) => Parameter,
    private readonly constants: Readonly<Record<string, DeviceArray>>,
  ) {}

  below(n: number): number {
    return new CounterRandom(this.seed, STREAM.test, 500).integer(this.drawn++, n);
  }

  pick(): Tensor {
    return this.pool[this.below(this.pool.length)];
  }

  /** Bounded and smooth, so that deep graphs stay where differences say something. */
  tame(x: Tensor): Tensor {
    return tanh(this.tape, x);
  }

  column(): Tensor {
    return takeColumns(this.tape, this.pick(), this.below(COLS), 1);
  }

  /** One of the operations, made [ROWS, COLS] again. */
  grow(kind: keyof typeof OPERATIONS): void {
    this.pool.push(OPERATIONS[kind](this));
  }

  parameter = (name: string): Tensor => this.tape.parameter(this.get(name));
  layer = (name: string) => ({ weight: this.get(`${name}.weight`), bias: this.get(`${name}.bias`) });
  table = (): Parameter => this.get('table');
  constant = (name: string): DeviceArray => this.constants[name];
  noise = (): Tensor => this.tape.constant(this.constants.noise, ROWS, COLS);

  lose(tensor: Tensor, scale: number): void {
    this.tape.minimise(tensor, scale);
    this.losses.push({ rows: tensor.data, count: tensor.rows * tensor.cols, scale });
  }

  loseSquares(prediction: Tensor): void {
    const rows = squaredError(this.tape, prediction, this.constants.target, 0.3);
    this.losses.push({ rows, count: prediction.rows, scale: 1 });
  }

  /** Σ scale·rows over all losses, as one number of the device. */
  total(): DeviceArray {
    const { trace } = this.tape;
    // A tape of its own: what it adds up is not differentiated.
    const tape = new Tape(trace);
    const array = trace.temporary(1, 'total');
    trace.call(fill, { y: array }, { n: 1, value: 0, accumulate: 0 });
    let sum = tape.constant(array, 1, 1);
    for (const { rows, count, scale } of this.losses)
      sum = combine(tape, 1, sum, scale, rowSum(tape, tape.constant(rows, 1, count)));
    return sum.data;
  }
}

const OPERATIONS = {
  combine: (g: Graph) => combine(g.tape, 0.7, g.pick(), -0.4, g.pick(), 0.1),
  affine: (g: Graph) => affine(g.tape, -0.8, g.pick(), 0.2),
  multiply: (g: Graph) => multiply(g.tape, g.tame(g.pick()), g.tame(g.pick())),
  linear: (g: Graph) => linear(g.tape, g.pick(), g.layer('square')),
  residual: (g: Graph) => linear(g.tape, g.pick(), g.layer('square'), { residual: g.pick() }),
  swiglu: (g: Graph) => swiglu(g.tape, g.pick(), g.pick()),
  selu: (g: Graph) => selu(g.tape, affine(g.tape, 1, sigmoid(g.tape, g.pick()), 0.3)),
  exp: (g: Graph) => exp(g.tape, g.tame(g.pick())),
  log: (g: Graph) => log(g.tape, affine(g.tape, 1, sigmoid(g.tape, g.pick()), 0.3)),
  softplus: (g: Graph) => softplus(g.tape, g.pick()),
  tanh: (g: Graph) => tanh(g.tape, g.pick()),
  sigmoid: (g: Graph) => sigmoid(g.tape, g.pick()),
  square: (g: Graph) => square(g.tape, g.tame(g.pick())),
  // Half of a row far inside, half of it far outside.
  clamp: (g: Graph) => clamp(g.tape, affine(g.tape, 0.1, g.tame(g.pick()), g.below(2)), -0.5, 0.5),
  row_scale: (g: Graph) => rowScale(g.tape, g.pick(), g.tame(g.column())),
  row_dot: (g: Graph) => rowScale(g.tape, g.pick(), g.tame(rowDot(g.tape, g.pick(), g.pick()))),
  join_columns: (g: Graph) => joinColumns(g.tape, [g.column(), g.column(), g.column()]),
  join_same: (g: Graph) => {
    const column = g.column();
    return joinColumns(g.tape, [column, takeColumns(g.tape, g.pick(), 1, 1), column]);
  },
  repeat_and_reduce: (g: Graph) => {
    const many = repeatRows(g.tape, g.pick(), 2);
    return reduceRows(g.tape, g.below(2) ? 'sum' : 'logsumexp', multiply(g.tape, many, g.tame(many)), 2);
  },
  shared_row: (g: Graph) => repeatRows(g.tape, reduceRows(g.tape, 'logsumexp', g.pick(), ROWS), ROWS),
  reduce_columns: (g: Graph) => {
    const wide = joinColumns(g.tape, [g.pick(), g.pick()]);
    return reduceColumns(g.tape, g.below(2) ? 'sum' : 'logsumexp', wide, 2);
  },
  reshape: (g: Graph) => reshape(g.tape, reshape(g.tape, g.pick(), COLS, ROWS), ROWS, COLS),
  // Of rows of which none is near 0, where a difference's step would turn them round.
  rms_norm: (g: Graph) => rmsNorm(g.tape, affine(g.tape, 0.5, g.tame(g.pick()), 1)),
  column_scale: (g: Graph) => columnScale(g.tape, g.pick(), g.parameter('row')),
  log_softmax: (g: Graph) => logSoftmax(g.tape, g.pick()),
  fourier_features: (g: Graph) => {
    const x = g.pick();
    const into = g.tape.result(ROWS, COLS + 4, 'features', x.needsGradient);
    writeFourierFeatures(g.tape, x, { array: g.constant('frequency'), count: 2 }, into, 0);
    return linear(g.tape, into, g.layer('wide'));
  },
  embedding: (g: Graph) => {
    const into = g.tape.result(ROWS, COLS, 'embedded', true);
    writeEmbedding(g.tape, g.constant('label'), g.table(), into, 0);
    return multiply(g.tape, into, g.tame(g.pick()));
  },
  parameter: (g: Graph) => combine(g.tape, 1, g.pick(), 1, repeatRows(g.tape, g.parameter('row'), ROWS)),
  gaussian_sample: (g: Graph) => gaussianSample(g.tape, g.pick(), g.tame(g.pick()), g.noise()),
  shared_sample: (g: Graph) => gaussianSample(g.tape, g.pick(), g.parameter('row'), g.noise()),
  gaussian_log_density: (g: Graph) => {
    const density = gaussianLogDensity(g.tape, g.pick(), g.pick(), g.tame(g.pick()));
    return rowScale(g.tape, g.pick(), g.tame(density));
  },
  same_mean_and_variance: (g: Graph) => {
    const both = g.tame(g.pick());
    return rowScale(g.tape, g.pick(), g.tame(gaussianLogDensity(g.tape, both, both, both)));
  },
  mixture_log_density: (g: Graph) => {
    const [logits, mean, logvar] = ['logits', 'means', 'logvars'].map(g.parameter);
    return rowScale(g.tape, g.pick(), g.tame(mixtureLogDensity(g.tape, g.pick(), { logits, mean, logvar })));
  },
  /** As an aggregate posterior has them: the points themselves are the components' means. */
  mixture_of_itself: (g: Graph) => {
    const x = g.pick();
    const logits = reshape(g.tape, g.column(), 1, ROWS);
    const joint = mixtureJoint(g.tape, x, { logits, mean: x, logvar: g.tame(g.pick()) });
    return takeColumns(g.tape, logSoftmax(g.tape, joint), 1, COLS);
  },
  mixture_of_rows: (g: Graph) => {
    const [mean, logvar] = [0, 1].map(() => joinColumns(g.tape, [g.tame(g.pick()), g.tame(g.pick())]));
    const logits = takeColumns(g.tape, g.pick(), 0, 2);
    return rowScale(g.tape, g.pick(), g.tame(mixtureLogDensity(g.tape, g.pick(), { logits, mean, logvar })));
  },
};

const KINDS = Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[];

const PARAMETERS = {
  'square.weight': [COLS, COLS],
  'square.bias': [COLS],
  'wide.weight': [COLS, COLS + 4],
  'wide.bias': [COLS],
  table: [3, COLS],
  row: [COLS],
  logits: [5],
  means: [5, COLS],
  logvars: [5, COLS],
};

const normals = (n: number, step: number, scale = 0.5) => {
  const random = new CounterRandom(31, STREAM.test, step);
  return Float64Array.from({ length: n }, (_, i) => scale * random.normal(i));
};

/** The loss of a graph, and its gradients to the input and to every parameter. */
class Case {
  private readonly store: ParameterStore;
  private readonly x: DeviceArray;
  private readonly constants: Record<string, DeviceArray>;

  constructor(
    private readonly record: (graph: Graph) => void,
    private readonly seed: number,
  ) {
    const specs = Object.entries(PARAMETERS).map(([name, shape], i) => ({
      ...{
        name,
        shape,
        initial: normals(
          shape.reduce((a, b) => a * b, 1),
          100 * seed + i,
        ),
      },
    }));
    this.store = new ParameterStore(engine, specs, true);
    this.x = upload(engine, 'x', normals(ROWS * COLS, 100 * seed + 50));
    this.constants = {
      noise: upload(engine, 'noise', normals(ROWS * COLS, 100 * seed + 51, 1)),
      target: upload(engine, 'target', normals(ROWS * COLS, 100 * seed + 52)),
      frequency: upload(engine, 'frequency', normals(2 * COLS, 100 * seed + 53, 0.2)),
      zeros: upload(engine, 'zeros', new Float64Array(COLS + 4)),
      directions: upload(engine, 'directions', normals(ROWS * 2 * COLS, 100 * seed + 54, 1)),
      ones: upload(
        engine,
        'ones',
        Float64Array.from({ length: ROWS * COLS }, (_, i) => 2 - (i % COLS)),
      ),
      label: upload(engine, 'label', Uint32Array.of(0, 2, 1, 2)),
    };
  }

  private build() {
    const trace = new Trace();
    const tape = new Tape(trace, this.constants.zeros);
    const input = tape.input(this.x, ROWS, COLS);
    const graph = new Graph(tape, this.seed, (name) => this.store.get(name), this.constants);
    graph.pool.push(input);
    this.record(graph);
    const loss = graph.total();
    return { trace, tape, input, loss };
  }

  private async run(trace: Trace, results: readonly DeviceArray[]): Promise<ArrayLike<number>[]> {
    const kept = results.map((array) => engine.allocate(array.length, 'kept'));
    results.forEach((x, i) => {
      const n = x.length;
      trace.call(combineKernel, { x, z: x, y: kept[i] }, { n, a: 1, b: 0, c: 0, accumulate: 0 });
    });
    const plan = await engine.compile(trace, 'case');
    await plan.run(1);
    const values = await Promise.all(kept.map((array) => engine.read(array)));
    plan.destroy();
    for (const array of kept) engine.free(array);
    return values;
  }

  async loss(): Promise<number> {
    const { trace, loss } = this.build();
    return (await this.run(trace, [loss]))[0][0];
  }

  /** Largest error of the gradients along random directions, relative to the gradient's length. */
  async worst(): Promise<number> {
    engine.write(this.store.gradients as DeviceArray, new Float64Array(this.store.length));
    const { trace, tape, input } = this.build();
    tape.backward();
    const toInput = tape.gradientOf(input);
    const [dx = new Float64Array(ROWS * COLS)] = await this.run(trace, toInput ? [toInput] : []);
    const dp = await engine.read(this.store.gradients as DeviceArray);
    let worst = 0;
    for (const [array, gradient] of [
      [this.x, dx],
      [this.store.values, dp],
    ] as const) {
      const at = (await engine.read(array)).slice();
      for (let trial = 0; trial < 2; trial++) {
        const v = normals(at.length, 7 + trial, 1);
        const along = async (h: number) => {
          engine.write(
            array,
            Float64Array.from(at, (value, i) => value + h * v[i]),
          );
          return this.loss();
        };
        const central = async (h: number) => ((await along(h)) - (await along(-h))) / (2 * h);
        const numeric = (4 * (await central(5e-4)) - (await central(1e-3))) / 3;
        engine.write(array, at);
        let [analytic, norm] = [0, 0];
        for (let i = 0; i < at.length; i++) {
          analytic += gradient[i] * v[i];
          norm += gradient[i] ** 2;
        }
        worst = Math.max(worst, Math.abs(analytic - numeric) / Math.max(1, Math.sqrt(norm)));
      }
    }
    return worst;
  }

  destroy(): void {
    this.store.destroy();
    for (const array of [this.x, ...Object.values(this.constants)]) engine.free(array);
  }
}

const check = async (seed: number, record: (graph: Graph) => void) => {
  const one = new Case(record, seed);
  const worst = await one.worst();
  one.destroy();
  return worst;
};

// Fourier features are polynomials right to 1e-10, whose slopes are not one another.
const BOUND = 1e-7;

describe('gradients agree with differences', () => {
  it.each(KINDS)('through %s of a tensor that others use too', async (kind) => {
    const worst = await check(1 + KINDS.indexOf(kind), (graph) => {
      graph.pool.push(linear(graph.tape, graph.pool[0], graph.layer('square')));
      graph.grow(kind);
      graph.grow(kind);
      graph.pool.push(multiply(graph.tape, graph.pick(), graph.tame(graph.pick())));
      const last = graph.pool[graph.pool.length - 1];
      for (const one of graph.pool) graph.lose(one, 1 / ROWS);
      graph.loseSquares(last);
    });
    expect(worst).toBeLessThan(BOUND);
  });

  it.each(KINDS)('through %s of one tensor alone, as every one of its inputs', async (kind) => {
    const worst = await check(200 + KINDS.indexOf(kind), (graph) => {
      graph.grow(kind);
      graph.lose(graph.pool[1], 0.5);
    });
    expect(worst).toBeLessThan(BOUND);
  });

  it.each(Array.from({ length: 60 }, (_, seed) => 1000 + seed))('through random graph %i', async (seed) => {
    const kinds: string[] = [];
    const worst = await check(seed, (graph) => {
      kinds.length = 0;
      const size = 3 + graph.below(10);
      for (let k = 0; k < size; k++) {
        kinds.push(KINDS[graph.below(KINDS.length)]);
        graph.grow(kinds[k] as keyof typeof OPERATIONS);
        graph.pool.push(graph.tame(graph.pool[graph.pool.length - 1]));
        if (graph.below(4) === 0) graph.loseSquares(graph.pick());
        if (graph.below(4) === 0) graph.lose(graph.pick(), 0.2);
      }
      graph.lose(graph.pool[graph.pool.length - 1], 1 / ROWS);
    });
    expect(worst, kinds.join(', ')).toBeLessThan(BOUND);
  });
});

/** Those whose tangents are differentiated. */
const MOVING = {
  linear: OPERATIONS.linear,
  residual: OPERATIONS.residual,
  swiglu: OPERATIONS.swiglu,
  fourier_features: OPERATIONS.fourier_features,
  column_scale: OPERATIONS.column_scale,
  // A constant added to what moves, so that no row is near 0.
  rms_norm: (g: Graph) =>
    rmsNorm(
      g.tape,
      linear(g.tape, g.pick(), g.layer('square'), {
        residual: g.tape.constant(g.constant('ones'), ROWS, COLS),
      }),
    ),
};
const MOVING_KINDS = Object.keys(MOVING) as (keyof typeof MOVING)[];

describe('gradients of what is made of tangents agree with differences', () => {
  it.each(Array.from({ length: 30 }, (_, seed) => 2000 + seed))('through random graph %i', async (seed) => {
    const kinds: string[] = [];
    const worst = await check(seed, (graph) => {
      const { tape } = graph;
      const [x] = graph.pool;
      tape.setTangent(x, graph.constant('directions'), 2);
      kinds.length = 0;
      const size = 2 + graph.below(6);
      for (let k = 0; k < size; k++) {
        const kind = MOVING_KINDS[graph.below(MOVING_KINDS.length)];
        kinds.push(kind);
        graph.pool.push(MOVING[kind](graph));
      }
      // One that does not move with x, where another does.
      graph.pool.push(tape.constant(graph.constant('target'), ROWS, COLS));
      graph.grow('swiglu');
      graph.grow('residual');
      tape.forward();
      for (const tensor of graph.pool) {
        const tangent = tape.tangentTensor(tensor);
        if (tangent !== null && graph.below(2)) graph.lose(square(tape, tangent), 0.2);
      }
      const last = tape.tangentTensor(graph.pool[size]) as Tensor;
      graph.lose(softplus(tape, last), 1 / ROWS);
      graph.loseSquares(tanh(tape, graph.pool[size]));
    });
    expect(worst, kinds.join(', ')).toBeLessThan(BOUND);
  });
});

describe('the tape', () => {
  const input = (tape: Tape, rows = 2, cols = 2) => {
    const array = engine.allocate(rows * cols, 'x');
    return tape.input(array, rows, cols);
  };

  it('says which tensor does not fit, and what would', () => {
    const tape = new Tape(new Trace());
    const [x, z] = [input(tape), input(tape, 3, 2)];
    expect(() => multiply(tape, x, z)).toThrow('multiply: x [3, 2] should be [2, 2]');
    expect(() => rowScale(tape, x, z)).toThrow('row_scale: x [3, 2] should be [2, 1]');
    expect(() => takeColumns(tape, x, 1, 2)).toThrow('columns 1 … 2 of 2');
    expect(() => reshape(tape, x, 3, 2)).toThrow('reshape: [2, 2] into [3, 2]');
    expect(() => reduceRows(tape, 'sum', z, 2)).toThrow('3 rows in groups of 2');
    expect(() => clamp(tape, x, 1, 1)).toThrow('low 1 should be below high 1');
    const parts = { logits: input(tape, 1, 3), mean: input(tape, 4, 2), logvar: input(tape, 3, 2) };
    expect(() => mixtureJoint(tape, x, parts)).toThrow('mixture_joint: x [1, 3] should be [2, 3]');
  });

  it('loses no tangents: what carries none says so', () => {
    const tape = new Tape(new Trace());
    const x = input(tape);
    tape.setTangent(x, engine.allocate(4, 'tangents'), 1);
    exp(tape, x);
    expect(() => tape.forward()).toThrow('exp carries no tangents');
  });

  it('does not compute what nobody wants', () => {
    const trace = new Trace();
    const tape = new Tape(trace);
    const constant = tape.constant(engine.allocate(4, 'data'), 2, 2);
    const y = multiply(tape, exp(tape, constant), constant);
    tape.minimise(y, 1);
    const before = trace.calls.length;
    tape.backward();
    expect(trace.calls.length).toBe(before);
  });
});
