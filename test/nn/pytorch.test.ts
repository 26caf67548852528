/**
 * The networks, their loss, every gradient and ten AdamW steps against PyTorch in float64 on the same numbers:
 * an implementation that shares nothing with ours.
 */
import { describe, expect, it } from 'vitest';
import { CLOCK_LENGTH } from '../../src/backend/clock.js';
import { SCHEDULE_COLUMNS } from '../../src/backend/contracts/optimizer.js';
import { Trace } from '../../src/backend/trace.js';
import { CpuBackend } from '../../src/cpu/backend.js';
import { Mlp } from '../../src/nn/mlp.js';
import { squaredError } from '../../src/nn/ops/loss.js';
import { AdamW, sum } from '../../src/nn/optimizer.js';
import { ParameterStore } from '../../src/nn/parameters.js';
import { scheduleRows } from '../../src/nn/schedule.js';
import { Tape } from '../../src/nn/tape.js';
import seluFixture from '../fixtures/pytorch_selu.json' with { type: 'json' };
import swigluFixture from '../fixtures/pytorch_swiglu.json' with { type: 'json' };

const FIXTURES = { swiglu: swigluFixture, selu: seluFixture } as const;

type Tensors = Record<string, { shape: number[]; data: number[] }>;

function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  let error = 0;
  let norm = 0;
  for (let i = 0; i < expected.length; i++) {
    error += (actual[i] - expected[i]) ** 2;
    norm += expected[i] ** 2;
  }
  return Math.sqrt(error / norm);
}

async function run(activation: keyof typeof FIXTURES, precision: 'f32' | 'f64') {
  const fixture = FIXTURES[activation];
  const engine = new CpuBackend(precision);
  const { batch, d_in, d_out, hidden, inner } = fixture.sizes;
  const specs = Object.entries(fixture.parameters as Tensors).map(([name, { shape, data }]) => ({
    name,
    shape,
    initial: Float64Array.from(data),
  }));
  const store = new ParameterStore(engine, specs, true);
  const config = {
    activation,
    dim: d_in - 1,
    outputs: d_out,
    hidden,
    inner,
    blocks: activation === 'selu' ? 3 : 2,
    pointFrequencies: 0,
    pointFrequencyScale: 0,
    timeFrequencies: 0,
    classes: 0,
    labelWidth: 0,
  };
  const network = new Mlp(engine, config, '', new Map());
  const { lr, betas, eps, weight_decay, steps } = fixture.adamw;
  const optimizer = {
    learningRate: lr,
    warmup: 0,
    decay: 'constant',
    beta1: betas[0],
    beta2: betas[1],
    eps,
    weightDecay: weight_decay,
    clip: 0,
    ema: 0,
  } as const;

  // PyTorch's three input columns are our point (2) and time (1).
  const rows = Array.from({ length: batch }, (_, b) => fixture.x.data.slice(b * d_in, (b + 1) * d_in));
  const x = engine.allocate(batch * (d_in - 1), 'x');
  engine.write(
    x,
    rows.flatMap((row) => row.slice(0, d_in - 1)),
  );
  const t = engine.allocate(batch, 't');
  engine.write(
    t,
    rows.map((row) => row[d_in - 1]),
  );
  const target = engine.allocate(batch * d_out, 'y');
  engine.write(target, fixture.y.data);
  const clock = engine.allocate(CLOCK_LENGTH, 'clock', 'u32');
  const losses = engine.allocate(steps, 'losses');
  const norms = engine.allocate(steps, 'norms');
  const schedule = engine.allocate(steps * SCHEDULE_COLUMNS, 'schedule');
  engine.write(schedule, scheduleRows(optimizer, 0, steps, steps));

  const forwardTrace = new Trace();
  const prediction = engine.allocate(batch * d_out, 'prediction');
  const gradientX = engine.allocate(batch * (d_in - 1), 'gradient x');
  const gradientT = engine.allocate(batch, 'gradient t');
  const trace = new Trace();
  for (const [recording, isStep] of [
    [forwardTrace, false],
    [trace, true],
  ] as const) {
    const tape = new Tape(recording);
    const point = isStep ? tape.constant(x, batch, d_in - 1) : tape.input(x, batch, d_in - 1);
    const time = isStep ? tape.constant(t, batch, 1) : tape.input(t, batch, 1);
    const output = network.forward(tape, store, point, time, null, isStep ? undefined : prediction);
    const rowLoss = squaredError(tape, output, target, 1 / (batch * d_out));
    sum(recording, clock, rowLoss, batch, losses, { history: true });
    if (!isStep) {
      tape.adoptGradient(point, gradientX);
      tape.adoptGradient(time, gradientT);
    }
    tape.backward();
    if (isStep) {
      const adam = new AdamW(engine, store);
      const norm = adam.record(recording, clock, schedule, optimizer);
      sum(recording, clock, norm, 1, norms, { history: true });
    }
  }
  const forward = await engine.compile(forwardTrace, 'forward');
  await forward.run(1);
  const first = {
    prediction: await engine.read(prediction),
    loss: (await engine.read(losses))[0],
    gradients: store.split((await engine.read(store.gradients!)) as Float64Array),
    gradientX: await engine.read(gradientX),
    gradientT: await engine.read(gradientT),
  };
  const step = await engine.compile(trace, 'step');
  const lossHistory: number[] = [];
  for (let k = 0; k < steps; k++) {
    engine.write(clock, [k, k, 0, 0]);
    await step.run(1);
  }
  lossHistory.push(...(await engine.read(losses)));
  const parameters = store.split((await engine.read(store.values)) as Float64Array);
  const normHistory = await engine.read(norms);
  engine.destroy();
  return { first, lossHistory, parameters, normHistory };
}

describe.each([
  ['swiglu', 'f64', 1e-12],
  ['swiglu', 'f32', 1e-6],
  ['selu', 'f64', 1e-12],
  ['selu', 'f32', 1e-6],
] as const)('the %s network in %s against PyTorch', (activation, precision, bound) => {
  const fixture = FIXTURES[activation];
  const results = run(activation, precision);

  it('forward and loss', async () => {
    const { first } = await results;
    expect(relativeError(first.prediction, fixture.forward.data)).toBeLessThan(bound);
    expect(Math.abs(first.loss / fixture.loss - 1)).toBeLessThan(bound);
  });

  it.each(Object.keys(fixture.gradients))('gradient of %s', async (name) => {
    const { first } = await results;
    const expected = (fixture.gradients as Tensors)[name];
    expect(relativeError(first.gradients.get(name)!, expected.data)).toBeLessThan(bound);
  });

  it('gradient of the input', async () => {
    const { first } = await results;
    const { data } = fixture.gradient_x;
    const joined = Array.from({ length: first.gradientT.length }, (_, b) => [
      ...first.gradientX.slice(2 * b, 2 * b + 2),
      first.gradientT[b],
    ]).flat();
    expect(relativeError(joined, data)).toBeLessThan(bound);
  });

  it('ten AdamW steps: losses and every parameter', async () => {
    const { lossHistory, parameters, normHistory } = await results;
    expect(relativeError(lossHistory, fixture.adamw.losses)).toBeLessThan(bound);
    for (const [name, { data }] of Object.entries(fixture.adamw.parameters as Tensors)) {
      expect(relativeError(parameters.get(name)!, data)).toBeLessThan(bound);
    }
    const norm = Math.hypot(...Object.values(fixture.gradients as Tensors).flatMap(({ data }) => data));
    expect(Math.abs(Math.sqrt(normHistory[0]) / norm - 1)).toBeLessThan(bound);
  });
});
