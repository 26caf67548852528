/**
 * Checks of the kernels that have no derivative, one under each kernel's name, against something that is not
 * the kernel: a closed form, statistics, or the definition written out naively.
 */
import { expect } from 'vitest';
import type { Backend } from '../../src/backend/backend.js';
import { caseInputs } from '../../src/backend/cases.js';
import { contractOf } from '../../src/backend/kernels.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
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

  interpolant_draw: async (backend) => {
    const contract = contractOf('interpolant_draw');
    for (const params of contract.cases) {
      const inputs = caseInputs(contract, params, 2);
      const drawn = await runKernel(backend, contract, params, inputs);
      const { batch, dim, rows, gamma, gammaScale: a, antithetic } = params;
      const data = inputs.data;
      for (let b = 0; b < batch; b++) {
        const t = drawn.t[b];
        expect(t).toBeGreaterThanOrEqual(params.timeMin);
        expect(t).toBeLessThanOrEqual(params.timeMax);
        if (params.timeSampling) {
          const draws = antithetic ? batch / 2 : batch;
          const cell = (t - params.timeMin) / (params.timeMax - params.timeMin);
          expect(Math.floor(cell * draws)).toBe(antithetic ? b >> 1 : b);
        }
        expect(drawn.drawnLabel[b]).toBeLessThanOrEqual(params.classes);
        // Solving x = (1−t)x0 + t·x1 + γz and velocity = x1 − x0 + γ̇z for x1 must give a point of the data.
        const g = gamma ? Math.sqrt(a * t * (1 - t)) : 0;
        const gDot = gamma ? (a * (1 - 2 * t)) / (2 * g) : 0;
        const recovered = Array.from({ length: dim }, (_, j) => {
          const z = gamma ? drawn.noise[b * dim + j] : 0;
          const x = drawn.x[b * dim + j] - g * z;
          const v = drawn.velocity[b * dim + j] - gDot * z;
          return { x1: x + (1 - t) * v, x0: x - t * v };
        });
        const distance = (row: number, key: 'x0' | 'x1') =>
          recovered.reduce((sum, point, j) => sum + Math.abs(point[key] - data[row * dim + j]), 0);
        const rowsOf1 = Array.from({ length: rows }, (_, row) => distance(row, 'x1'));
        const nearest = rowsOf1.indexOf(Math.min(...rowsOf1));
        expect(rowsOf1[nearest]).toBeLessThan(1e-9);
        const label = drawn.drawnLabel[b];
        if (params.labelDropout === 0) expect(label).toBe(inputs.label[nearest]);
        if (params.labelDropout === 1) expect(label).toBe(params.classes);
        if (params.sourceRows) {
          const fromSource = Array.from({ length: params.sourceRows }, (_, k) => distance(rows + k, 'x0'));
          expect(Math.min(...fromSource)).toBeLessThan(1e-9);
        }
        if (!gamma) recovered.forEach(({ x0 }, j) => expect(drawn.noise[b * dim + j]).toBeCloseTo(x0, 9));
        if (antithetic && b % 2) {
          expect(drawn.t[b]).toBe(drawn.t[b - 1]);
          for (let j = 0; j < dim; j++) {
            expect(drawn.noise[b * dim + j]).toBe(-drawn.noise[(b - 1) * dim + j]);
          }
        }
      }
    }
    // Statistics of a large batch: t uniform, every row drawn, base and latent independent standard normals.
    const n = 40_000;
    const rows = 5;
    const drawn = await runKernel(
      backend,
      contract,
      {
        seedLow: 3,
        seedHigh: 0,
        batch: n,
        dim: 1,
        rows,
        sourceRows: 0,
        path: 0,
        gamma: 1,
        gammaScale: 1,
        timeSampling: 0,
        timeMin: 0,
        timeMax: 1,
        antithetic: 0,
        classes: rows,
        labelDropout: 0.25,
      },
      {
        clock: Uint32Array.of(12, 0, 0, 0),
        data: new Float64Array(rows),
        label: Uint32Array.from({ length: rows }, (_, i) => i),
        x: new Float64Array(n),
        t: new Float64Array(n),
        velocity: new Float64Array(n),
        noise: new Float64Array(n),
        drawnLabel: new Uint32Array(n),
      },
    );
    const error = 4 / Math.sqrt(n);
    expect(Math.abs(mean(drawn.t) - 0.5)).toBeLessThan(error * Math.sqrt(1 / 12));
    expect(Math.abs(mean(drawn.noise))).toBeLessThan(error);
    expect(Math.abs(mean(drawn.noise.map((z) => z * z)) - 1)).toBeLessThan(error * Math.SQRT2);
    const bases = Float64Array.from(drawn.x, (x, i) => {
      const t = drawn.t[i];
      return (x - Math.sqrt(t * (1 - t)) * drawn.noise[i]) / (1 - t);
    });
    expect(Math.abs(mean(bases))).toBeLessThan(error);
    expect(Math.abs(mean(bases.map((x) => x * x)) - 1)).toBeLessThan(error * Math.SQRT2);
    expect(Math.abs(mean(bases.map((x, i) => x * drawn.noise[i])))).toBeLessThan(error);
    const share = (label: number) => drawn.drawnLabel.filter((value) => value === label).length / n;
    expect(Math.abs(share(rows) - 0.25)).toBeLessThan(error * Math.sqrt(0.25 * 0.75));
    for (let label = 0; label < rows; label++)
      expect(Math.abs(share(label) - 0.15)).toBeLessThan(error * 0.36);
  },

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

  ...METRIC_CHECKS,
  ...TANGENT_CHECKS,
};
