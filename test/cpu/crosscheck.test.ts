/**
 * The WebAssembly kernels against the reference in float64: every kernel of the table, on its contract's cases
 * and on random shapes, by the norm of the difference of everything that it may have written.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { caseInputs } from '../../src/backend/cases.js';
import { Drawer } from '../../src/backend/drawer.js';
import type { KernelContract } from '../../src/backend/kernel.js';
import { contractOf, KERNELS } from '../../src/backend/kernels.js';
import { CpuBackend } from '../../src/cpu/backend.js';
import { SimdBackend } from '../../src/cpu/simd/backend.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { runKernel } from '../backend/run.js';

const BOUND = 1e-5;

type Params = Record<string, number>;

const reference = new CpuBackend('f64');
let fused: SimdBackend;
let plain: SimdBackend;
beforeAll(async () => {
  fused = await SimdBackend.create({ threads: 2 });
  plain = await SimdBackend.create({ threads: 1, relaxed: false });
});
afterAll(() => {
  fused.destroy();
  plain.destroy();
});

/** The contract's cases, and random ones. */
function shapes(contract: KernelContract): Params[] {
  const cases = contract.cases as readonly Params[];
  const own = Array.from({ length: 4 }, (_, k) =>
    contract.shape(new Drawer(new CounterRandom(20 + k, STREAM.test, contract.name.length))),
  );
  // Past the blocks of the products: the inner dimension, the samples, the outputs, the packed weights.
  const large =
    'inputs' in contract.params
      ? [
          [3, 1100, 9],
          [3, 9, 1100],
          [400, 10, 530],
          [390, 530, 515],
          [700, 200, 13],
        ].map(([batch, inputs, outputs], k) => ({ ...cases[k], batch, inputs, outputs }))
      : [];
  return [...cases, ...own, ...large];
}

/** The largest ‖actual − expected‖/‖expected‖ over the bindings; integers must be equal. */
async function error(backend: SimdBackend, contract: KernelContract, params: Params): Promise<number> {
  const inputs = caseInputs(contract, params, 11);
  const expected = await runKernel(reference, contract, params, inputs);
  const actual = await runKernel(backend, contract, params, inputs);
  let worst = 0;
  for (const [name, values] of Object.entries(expected)) {
    if (values instanceof Uint32Array) {
      expect(Array.from(actual[name]), name).toEqual(Array.from(values));
      continue;
    }
    let difference = 0;
    let norm = 0;
    values.forEach((value, i) => {
      difference += (actual[name][i] - value) ** 2;
      norm += value ** 2;
    });
    worst = Math.max(worst, Math.sqrt(difference / Math.max(norm, 1e-30)));
  }
  return worst;
}

describe('WebAssembly SIMD agrees with the reference', () => {
  for (const name of Object.keys(KERNELS)) {
    const contract = contractOf(name);
    it.each(shapes(contract).map((params) => [JSON.stringify(params), params] as const))(
      `${name} %s`,
      async (_, params) => {
        expect(await error(fused, contract, params)).toBeLessThan(BOUND);
        expect(await error(plain, contract, params)).toBeLessThan(BOUND);
      },
    );
  }

  it('the sigmoid is right to the ends of float32', async () => {
    const contract = contractOf('swiglu_forward');
    const gate = Float64Array.of(-200, -88, -87.3, -30, -1e-6, 0, 1e-6, 3, 30, 88, 200, 1e30, -1e30);
    const n = gate.length;
    const inputs = { gate: gate.map(Math.fround), up: new Float64Array(n).fill(1), a: new Float64Array(n) };
    const { a } = await runKernel(fused, contract, { n }, inputs);
    gate.forEach((g, i) => {
      const silu = g / (1 + Math.exp(-g));
      expect(Math.abs(a[i] - silu)).toBeLessThanOrEqual(1e-6 * Math.abs(silu) + 1e-30);
    });
  });
});
