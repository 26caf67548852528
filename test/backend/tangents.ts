/** The independent checks of tangents, divergences and their probes. */
import { expect } from 'vitest';
import type { Backend } from '../../src/backend/backend.js';
import { caseInputs } from '../../src/backend/cases.js';
import { contractOf } from '../../src/backend/kernels.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { runKernel } from './run.js';

type Params = Record<string, number>;
type Inputs = Record<string, Float64Array | Uint32Array>;

/** Rows [batch, width] moved by h along direction k of tangents [batch, directions, width]. */
function moved(
  values: ArrayLike<number>,
  tangents: ArrayLike<number>,
  width: number,
  directions: number,
  k: number,
  h: number,
): Float64Array {
  return Float64Array.from(values, (value, at) => {
    const row = Math.floor(at / width);
    return value + h * tangents[(row * directions + k) * width + (at % width)];
  });
}

/** d/dh of f at 0 by central differences with one Richardson step. */
async function difference(f: (h: number) => Promise<ArrayLike<number>>): Promise<Float64Array> {
  const step = 1e-3;
  const [a, b, c, d] = [await f(step), await f(-step), await f(step / 2), await f(-step / 2)];
  return Float64Array.from(a, (value, i) => (4 * ((c[i] - d[i]) / step) - (value - b[i]) / (2 * step)) / 3);
}

export const TANGENT_CHECKS: Record<string, (backend: Backend) => Promise<void>> = {
  swiglu_tangent: async (backend) => {
    const contract = contractOf('swiglu_tangent');
    for (const params of contract.cases as readonly Params[]) {
      const { batch, directions, width } = params;
      const inputs = caseInputs(contract, params, 4) as Record<string, Float64Array>;
      const { da } = await runKernel(backend, contract, params, inputs);
      for (let k = 0; k < directions; k++) {
        const along = async (h: number) => {
          const gate = moved(inputs.gate, inputs.dgate, width, directions, k, h);
          const up = moved(inputs.up, inputs.dup, width, directions, k, h);
          const n = batch * width;
          const a = new Float64Array(n);
          return (await runKernel(backend, contractOf('swiglu_forward'), { n }, { gate, up, a })).a;
        };
        (await difference(along)).forEach((value, at) => {
          const row = Math.floor(at / width);
          const got = da[(row * directions + k) * width + (at % width)];
          expect(Math.abs(got - value)).toBeLessThan(1e-7 * (1 + Math.abs(value)));
        });
      }
    }
  },

  selu_tangent: async (backend) => {
    const contract = contractOf('selu_tangent');
    for (const params of contract.cases as readonly Params[]) {
      const { batch, directions, width } = params;
      const inputs = caseInputs(contract, params, 4) as Record<string, Float64Array>;
      const { dy } = await runKernel(backend, contract, params, inputs);
      for (let k = 0; k < directions; k++) {
        const along = async (h: number) => {
          const x = moved(inputs.x, inputs.dx, width, directions, k, h);
          const n = batch * width;
          return (await runKernel(backend, contractOf('selu_forward'), { n }, { x, y: new Float64Array(n) }))
            .y;
        };
        (await difference(along)).forEach((value, at) => {
          const row = Math.floor(at / width);
          const got = dy[(row * directions + k) * width + (at % width)];
          expect(Math.abs(got - value)).toBeLessThan(1e-7 * (1 + Math.abs(value)));
        });
      }
    }
  },

  fourier_features_tangent: async (backend) => {
    const contract = contractOf('fourier_features_tangent');
    for (const params of contract.cases as readonly Params[]) {
      const { batch, directions, dim, frequencies, stride, column, clear } = params;
      const inputs = caseInputs(contract, params, 4) as Record<string, Float64Array>;
      const { dy } = await runKernel(backend, contract, params, inputs);
      const shape = { batch, dim, frequencies, stride, column };
      for (let k = 0; k < directions; k++) {
        const along = async (h: number) => {
          const x = moved(inputs.x, inputs.dx, dim, directions, k, h);
          const y = new Float64Array(batch * stride);
          const forward = { x, frequency: inputs.frequency, y };
          return (await runKernel(backend, contractOf('fourier_features'), shape, forward)).y;
        };
        (await difference(along)).forEach((value, at) => {
          const place = at % stride;
          const index = (Math.floor(at / stride) * directions + k) * stride + place;
          const own = place >= column && place < column + dim + 2 * frequencies;
          const expected = own ? value : clear ? 0 : inputs.dy[index];
          // The polynomials of sine and cosine are each right to 1e-10: their slopes are not one another.
          expect(Math.abs(dy[index] - expected)).toBeLessThan(1e-6 * (1 + Math.abs(expected)));
        });
      }
    }
  },

  // Powers of two keep the diagonal's elements apart.
  divergence_trace: async (backend) => {
    const contract = contractOf('divergence_trace');
    const tangent = Float64Array.from({ length: 2 * 9 }, (_, i) => 2 ** i);
    const { divergence } = await runKernel(
      backend,
      contract,
      { batch: 2, dim: 3 },
      { tangent, divergence: new Float64Array(3).fill(-1) },
    );
    expect(Array.from(divergence)).toEqual([1 + 16 + 256, 2 ** 9 + 2 ** 13 + 2 ** 17, -1]);
  },

  row_dot: async (backend) => {
    const contract = contractOf('row_dot');
    const { out } = await runKernel(
      backend,
      contract,
      { batch: 2, dim: 3 },
      {
        x: Float64Array.of(1, 2, 4, 1, 10, 100),
        y: Float64Array.of(1, 10, 100, 3, 5, 7),
        out: new Float64Array(3).fill(-1),
      },
    );
    expect(Array.from(out)).toEqual([421, 753, -1]);
  },

  random_sign: async (backend) => {
    const contract = contractOf('random_sign');
    const n = 40_000;
    const params = { seedLow: 5, seedHigh: 0, stream: STREAM.probe, n, dim: 2 };
    const draw = async (particle: number, step: number, length = n) => {
      const inputs: Inputs = {
        clock: Uint32Array.of(step, 0, particle, 0),
        out: new Float64Array(length),
      };
      return (await runKernel(backend, contract, { ...params, n: length }, inputs)).out;
    };
    const signs = await draw(0, 3);
    expect(signs.every((value) => Math.abs(value) === 1)).toBe(true);
    const bound = 4 / Math.sqrt(n);
    const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / n;
    expect(Math.abs(mean(signs))).toBeLessThan(bound);
    expect(Math.abs(mean(signs.map((value, i) => value * signs[(i + 1) % n])))).toBeLessThan(bound);
    const other = await draw(0, 4);
    expect(Math.abs(mean(signs.map((value, i) => value * other[i])))).toBeLessThan(bound);
    // A later tile continues the first, and a sign is the top bit of its word.
    expect(Array.from(await draw(100, 3, 200))).toEqual(Array.from(signs.slice(200, 400)));
    const random = new CounterRandom(5, STREAM.probe, 3);
    signs.slice(0, 20).forEach((value, i) => expect(value).toBe(random.bits(i) >>> 31 ? 1 : -1));
  },
};
