/**
 * Checks of the kernels that have no derivative, one under each kernel's name, against something that is not
 * the kernel: a closed form, statistics, or the definition written out naively.
 */
import { expect } from 'vitest';
import type { Backend } from '../../src/backend/backend.js';
import { caseInputs } from '../../src/backend/cases.js';
import { contractOf } from '../../src/backend/kernels.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { COUPLING_CHECKS } from './coupling.js';
import { DENSITY_CHECKS } from './densities.js';
import { DRAW_CHECKS } from './draw.js';
import { checkFusedSampler } from './fused.js';
import { METRIC_CHECKS } from './metrics.js';
import { runKernel } from './run.js';
import { TANGENT_CHECKS } from './tangents.js';

type Check = (backend: Backend) => Promise<void>;

const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;

export const INDEPENDENT_CHECKS: Record<string, Check> = {
  random_normal: async (backend) => {
    const contract = contractOf('random_normal');
    for (const params of contract.cases) {
      const inputs = caseInputs(contract, params, 1);
      const { out } = await runKernel(backend, contract, params, inputs);
      const random = new CounterRandom(
        params.seedLow + params.seedHigh * 2 ** 32,
        params.stream,
        inputs.clock[0],
      );
      const first = inputs.clock[2] * params.dim;
      out.forEach((value, i) => {
        expect(value).toBeCloseTo(params.scale * random.normal(first + i), 12);
      });
    }
    // Tiling: the second tile of 100 particles continues the first.
    const params = { seedLow: 5, seedHigh: 0, stream: STREAM.start, n: 200, dim: 2, scale: 1 };
    const at = (particle: number, n: number) =>
      runKernel(
        backend,
        contract,
        { ...params, n },
        {
          clock: Uint32Array.of(0, 0, particle, 0),
          out: new Float64Array(n),
        },
      );
    const whole = (await at(0, 400)).out;
    const second = (await at(100, 200)).out;
    expect(Array.from(second)).toEqual(Array.from(whole.slice(200)));
  },

  rms_norm_forward: async (backend) => {
    const contract = contractOf('rms_norm_forward');
    for (const params of contract.cases) {
      const { batch, width, epsilon } = params;
      const inputs = caseInputs(contract, params, 6);
      const x = inputs.x as Float64Array;
      const { y } = await runKernel(backend, contract, params, inputs);
      // Along x, and of mean square q/(q + ε) where x is of mean square q.
      for (let b = 0; b < batch; b++) {
        const row = (of: ArrayLike<number>) => Array.from({ length: width }, (_, i) => of[b * width + i]);
        const square = mean(row(x).map((value) => value ** 2));
        expect(mean(row(y).map((value) => value ** 2))).toBeCloseTo(square / (square + epsilon), 12);
        row(y).forEach((value, i) => {
          expect(value * row(x)[0]).toBeCloseTo(row(y)[0] * row(x)[i], 12);
          expect(Math.sign(value)).toBe(Math.sign(row(x)[i]));
        });
      }
    }
  },

  column_dot: async (backend) => {
    const { out } = await runKernel(
      backend,
      contractOf('column_dot'),
      { rows: 3, cols: 2, accumulate: 0 },
      {
        x: Float64Array.of(1, 2, 4, 1, 10, 100),
        y: Float64Array.of(1, 10, 100, 3, 5, 7),
        out: new Float64Array(3).fill(-1),
      },
    );
    expect(Array.from(out)).toEqual([451, 723, -1]);
  },

  ...DRAW_CHECKS,
  ...DENSITY_CHECKS,

  reduce_sum: async (backend) => {
    const contract = contractOf('reduce_sum');
    for (const params of contract.cases) {
      const inputs = caseInputs(contract, params, 3);
      const { out } = await runKernel(backend, contract, params, inputs);
      const values = Array.from(inputs.x, (value) => value ** params.power);
      const whole = values.reduce((a, b) => a + b, 0);
      expect(mean(out) * out.length).toBeCloseTo(whole, 9);
      const firstChunk = values.slice(0, params.chunk).reduce((a, b) => a + b, 0);
      expect(out[0]).toBeCloseTo(firstChunk, 10);
    }
    const history = await runKernel(
      backend,
      contract,
      { n: 4, chunk: 4, power: 1, history: 1 },
      { clock: Uint32Array.of(0, 2, 0, 0), x: Float64Array.of(1, 2, 3, 4), out: new Float64Array(4) },
    );
    expect(Array.from(history.out)).toEqual([0, 0, 10, 0]);
  },

  // Against PyTorch in test/nn/pytorch.test.ts; here clipping, whose effect on one step is known exactly:
  // with v = m = 0 and bias corrections 1 − β the step is lr·g/(|g| + eps), whatever the clipped length.
  adamw: async (backend) => {
    const contract = contractOf('adamw');
    const gradient = Float64Array.of(3, -4, 0, 12);
    const run = (clip: number) =>
      runKernel(
        backend,
        contract,
        { n: 4, beta1: 0.9, beta2: 0.99, eps: 0, weightDecay: 0.5, clip },
        {
          clock: Uint32Array.of(1, 1, 0, 0),
          schedule: Float64Array.of(9, 9, 9, 9, 0.1, 1 - 0.9, 1 - 0.99, 9),
          normSquared: Float64Array.of(169),
          gradient,
          parameter: Float64Array.of(1, 1, 1, 1),
          m: new Float64Array(4),
          v: new Float64Array(4).fill(1e-300),
        },
      );
    const clipped = await run(1);
    const expected = [0.95 - 0.1, 0.95 + 0.1, 0.95, 0.95 - 0.1];
    clipped.parameter.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 12));
    clipped.m.forEach((value, i) => expect(value).toBeCloseTo((0.1 * gradient[i]) / 13, 12));
    const loose = await run(14);
    loose.m.forEach((value, i) => expect(value).toBeCloseTo(0.1 * gradient[i], 12));
    clipped.v.forEach((value, i) => expect(value).toBeCloseTo(0.01 * (gradient[i] / 13) ** 2, 12));
  },

  // After k steps towards a constant the distance has shrunk by decay^k.
  ema: async (backend) => {
    const contract = contractOf('ema');
    let average = Float64Array.of(5, -3);
    for (let k = 0; k < 10; k++) {
      const result = await runKernel(
        backend,
        contract,
        { n: 2 },
        {
          clock: Uint32Array.of(k, 0, 0, 0),
          schedule: Float64Array.of(0, 0, 0, 0.75),
          parameter: Float64Array.of(1, 1),
          average,
        },
      );
      average = Float64Array.from(result.average);
    }
    expect(average[0]).toBeCloseTo(1 + 4 * 0.75 ** 10, 12);
    expect(average[1]).toBeCloseTo(1 - 4 * 0.75 ** 10, 12);
  },

  clock_advance: async (backend) => {
    const { clock } = await runKernel(
      backend,
      contractOf('clock_advance'),
      { by: 3 },
      {
        clock: Uint32Array.of(0xfffffffe, 7, 9, 11),
      },
    );
    expect(Array.from(clock)).toEqual([1, 10, 9, 11]);
  },

  broadcast_time: async (backend) => {
    const { t } = await runKernel(
      backend,
      contractOf('broadcast_time'),
      { batch: 3, stride: 2, column: 1 },
      {
        clock: Uint32Array.of(0, 2, 0, 0),
        table: Float64Array.of(0, 1, 2, 3, 4, 5),
        t: new Float64Array(4).fill(-1),
      },
    );
    expect(Array.from(t)).toEqual([5, 5, 5, -1]);
  },

  solver_update: async (backend) => {
    const contract = contractOf('solver_update');
    const params = { seedLow: 2, seedHigh: 0, stream: STREAM.brownian, n: 4, dim: 2, stride: 8, column: 1 };
    const inputs = {
      clock: Uint32Array.of(6, 1, 3, 0),
      table: Float64Array.of(...new Array(9).fill(99), 2, 3, 5, 7, 0, 11, 0.5),
      x: Float64Array.of(1, 2, 3, 4),
      k1: Float64Array.of(1, 0, 0, 0),
      k2: Float64Array.of(0, 1, 0, 0),
      // Its coefficient is 0: it must not be read at all.
      k3: new Float64Array(4).fill(Number.NaN),
      k4: Float64Array.of(0, 0, 1, 0),
      y: Float64Array.of(10, 20, 30, 40),
    };
    const random = new CounterRandom(2, STREAM.brownian, 6);
    const noise = [6, 7, 8, 9].map((i) => 0.5 * random.normal(i));
    const kept = await runKernel(backend, contract, { ...params, accumulate: 1 }, inputs);
    const sums = [20 + 3 + 5, 40 + 6 + 7, 60 + 9 + 11, 80 + 12];
    kept.y.forEach((value, i) => expect(value).toBeCloseTo(sums[i] + noise[i], 12));
    const fresh = await runKernel(
      backend,
      contract,
      { ...params, accumulate: 0 },
      {
        ...inputs,
        y: new Float64Array(4).fill(Number.NaN),
      },
    );
    fresh.y.forEach((value, i) => expect(value).toBeCloseTo(sums[i] + noise[i] - 2 * inputs.y[i], 12));
  },

  fused_sampler: checkFusedSampler,

  // What the three kernels that it stands for make one after the other.
  linear_swiglu: async (backend) => {
    const contract = contractOf('linear_swiglu');
    for (const params of contract.cases) {
      const { batch, outputs } = params;
      const inputs = caseInputs(contract, params, 2);
      const { x, gateWeight, gateBias, upWeight, upBias, a } = inputs;
      const project = async (weight: typeof x, bias: typeof x) => {
        const arrays = {
          x,
          weight,
          bias,
          residual: new Float64Array(1),
          y: new Float64Array(batch * outputs),
        };
        const kernel = contractOf('linear_forward');
        return Float64Array.from((await runKernel(backend, kernel, { ...params, hasResidual: 0 }, arrays)).y);
      };
      const n = batch * outputs;
      const expected = await runKernel(
        backend,
        contractOf('swiglu_forward'),
        { n },
        { gate: await project(gateWeight, gateBias), up: await project(upWeight, upBias), a },
      );
      const made = await runKernel(backend, contract, params, inputs);
      for (let i = 0; i < n; i++) expect(made.a[i]).toBeCloseTo(expected.a[i], 12);
    }
  },

  gather_rows: async (backend) => {
    const contract = contractOf('gather_rows');
    for (const params of contract.cases) {
      const { cols, stride, column } = params;
      const { x, index, y } = caseInputs(contract, params, 3);
      const made = await runKernel(backend, contract, params, { x, index, y });
      const rows = Array.from({ length: params.rows }, (_, r) => index[r * stride + column]);
      const expected = rows.flatMap((row) =>
        Array.from(x as Float64Array).slice(row * cols, (row + 1) * cols),
      );
      expect(Array.from(made.y as Float64Array)).toEqual(expected);
    }
  },

  ...COUPLING_CHECKS,

  ...METRIC_CHECKS,
  ...TANGENT_CHECKS,
};
