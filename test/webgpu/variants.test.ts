/** Kernels that have several shaders: which one a call takes, and that it does not matter but for the time. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { caseInputs } from '../../src/backend/cases.js';
import { Drawer } from '../../src/backend/drawer.js';
import { contractOf, KERNELS } from '../../src/backend/kernels.js';
import { createEngine } from '../../src/engine.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { difference, HALF_BOUND, runCase } from '../../src/verify/kernels.js';
import { WebGpuBackend } from '../../src/webgpu/backend.js';
import { fixedVariant, possibleVariants, tunableVariants, VARIANTS } from '../../src/webgpu/variants.js';
import { useAdapter } from '../shared/lent.js';

let backend: WebGpuBackend;
useAdapter();
beforeAll(async () => {
  backend = await WebGpuBackend.create();
});
afterAll(() => {
  expect(backend.uncapturedErrors).toEqual([]);
  backend.destroy();
});

const ADAPTERS = [
  { software: true, quads: true },
  { software: true, quads: false },
  { software: false, quads: true },
] as const;

/** The nearest float16, the even one of two; the largest where there is none. */
function half(value: number): number {
  const bounded = Math.min(65504, Math.max(-65504, Math.fround(value)));
  const step = 2 ** (Math.max(-14, Math.floor(Math.log2(Math.abs(bounded) || 1))) - 10);
  const count = Math.abs(bounded) / step;
  const below = Math.floor(count);
  const up = count - below > 0.5 || (count - below === 0.5 && below % 2 === 1);
  return Math.sign(bounded) * (below + (up ? 1 : 0)) * step;
}

const names = Object.keys(VARIANTS) as (keyof typeof VARIANTS)[];

/** Cases of the contract, and some drawn ones. */
const casesOf = (name: keyof typeof VARIANTS) => [
  ...contractOf(name).cases,
  ...Array.from({ length: 4 }, (_, i) =>
    contractOf(name).shape(new Drawer(new CounterRandom(5, STREAM.test, i))),
  ),
];

describe('variants', () => {
  it.each(names)('of %s add in the same order: the same bits', async (name) => {
    const contract = contractOf(name);
    let compared = 0;
    for (const params of casesOf(name)) {
      const inputs = caseInputs(contract, params, 3);
      const [first, ...others] = backend.variants(name, params).filter((other) => other !== 'staged_half');
      const expected = (await runCase(backend, contract, params, inputs, first)).written;
      for (const variant of others) {
        const { written } = await runCase(backend, contract, params, inputs, variant);
        expect(written, `${variant} against ${first} on ${JSON.stringify(params)}`).toEqual(expected);
        compared++;
      }
    }
    // Those that read fours need sizes that are multiples of four.
    const least = name === 'linear_swiglu' ? 6 : contract.cases.length;
    expect(compared).toBeGreaterThanOrEqual(least);
  });

  it('with halves give the bits that operands rounded to float16 give', async () => {
    const contract = contractOf('linear_forward');
    let compared = 0;
    for (const params of casesOf('linear_forward')) {
      if (!backend.variants('linear_forward', params).includes('staged_half')) continue;
      const inputs = caseInputs(contract, params, 3) as Record<string, Float64Array>;
      // Beside what rounds up and down: a tie, the smallest that is not 0, what is none, and what is too large.
      const odd = [1 + 2 ** -11, 2 ** -24, 2 ** -26, 1e6, -1e6];
      inputs.x.set(odd.slice(0, inputs.x.length));
      const rounded = { ...inputs, x: inputs.x.map(half), weight: inputs.weight.map(half) };
      const expected = await runCase(backend, contract, params, rounded, 'staged_vec4');
      const { written } = await runCase(backend, contract, params, inputs, 'staged_half');
      expect(written, JSON.stringify(params)).toEqual(expected.written);
      compared++;
    }
    expect(compared).toBeGreaterThanOrEqual(6);
  });

  it('with halves are taken where an engine is asked for them, and nowhere else', async () => {
    const asked = await WebGpuBackend.create({ half: true });
    try {
      const contract = contractOf('linear_forward');
      const params = { batch: 40, inputs: 24, outputs: 36, hasResidual: 0 };
      const inputs = caseInputs(contract, params, 5);
      const { written } = await runCase(asked, contract, params, inputs);
      const [{ variant, by }] = asked.choices();
      expect([variant, by]).toEqual(['staged_half', 'fixed']);
      expect(written).toEqual((await runCase(backend, contract, params, inputs, 'staged_half')).written);
      const { relative } = difference(
        written.y,
        (await runCase(backend, contract, params, inputs)).written.y,
      );
      expect(relative).toBeGreaterThan(1e-5);
      expect(relative).toBeLessThan(HALF_BOUND);
      // Sizes that are no multiples of 4, and gradients, go as ever.
      for (const adapter of ADAPTERS) {
        const half = { ...adapter, half: true };
        expect(tunableVariants('linear_forward', params, half)).toEqual(['staged_half']);
        expect(tunableVariants('linear_forward', params, adapter)).not.toContain('staged_half');
        const odd = { ...params, inputs: 23 };
        expect(fixedVariant('linear_forward', odd, half)).toBe(fixedVariant('linear_forward', odd, adapter));
        for (const name of ['linear_backward_input', 'linear_backward_weight'])
          expect(fixedVariant(name, params, half)).toBe(fixedVariant(name, params, adapter));
      }
    } finally {
      asked.destroy();
    }
    const half = 'yes' as unknown as boolean;
    await expect(createEngine({ backend: 'webgpu', half })).rejects.toThrow(
      'half is yes; it must be true or false',
    );
  });

  it.each(names)('of %s are each possible for some case and refused where they are not', async (name) => {
    const seen = new Set(casesOf(name).flatMap((params) => backend.variants(name, params)));
    expect([...seen].sort()).toEqual([...VARIANTS[name]].sort());
    const [contract, params] = [contractOf(name), contractOf(name).cases[1]];
    const run = (variant: string) =>
      runCase(backend, contract, params, caseInputs(contract, params, 1), variant);
    await expect(run('nonesuch')).rejects.toThrow('no variant nonesuch for this call; there are: direct');
    if (name === 'reduce_sum') return;
    await expect(run('staged_vec4')).rejects.toThrow('no variant staged_vec4 for this call; there are: ');
  });

  it('that are chosen are possible, for every kernel, case and kind of adapter', () => {
    for (const [name, { cases }] of Object.entries(KERNELS)) {
      for (const params of cases) {
        for (const adapter of ADAPTERS) {
          const possible = possibleVariants(name, params, adapter);
          const chosen = fixedVariant(name, params, adapter);
          if (possible.length === 0) expect(chosen).toBeNull();
          else expect(tunableVariants(name, params, adapter)).toContain(chosen);
          if (!adapter.quads) expect(possible).not.toContain('quads');
        }
      }
    }
  });

  it('are those that were measured on software, and that follow from their limits on cards', () => {
    const [software, plain, card] = ADAPTERS;
    const large = { batch: 4096, inputs: 512, outputs: 512 };
    const odd = { ...large, inputs: 511 };
    const narrow = { ...large, inputs: 8, outputs: 8 };
    for (const name of names.filter((name) => name !== 'reduce_sum')) {
      const staged = possibleVariants(name, large, card).includes('staged');
      expect(staged).toBe(name !== 'linear_swiglu');
      expect(fixedVariant(name, large, card)).toBe(staged ? 'staged_vec4' : 'direct');
      expect(fixedVariant(name, odd, card)).toBe(staged ? 'staged' : 'direct');
      expect(fixedVariant(name, large, software)).toBe('quads');
      expect(fixedVariant(name, narrow, software)).toBe('direct');
      expect(fixedVariant(name, large, plain)).toBe('direct');
      expect(fixedVariant(name, odd, software)).toBe('direct');
      expect(tunableVariants(name, large, card)).toEqual(
        staged ? ['direct', 'staged', 'staged_vec4'] : ['direct'],
      );
    }
    const sums = { n: 1000, chunk: 100 };
    expect(fixedVariant('reduce_sum', sums, card)).toBe('staged');
    expect(fixedVariant('reduce_sum', sums, software)).toBe('direct');
  });
});
