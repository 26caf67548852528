/** The fused sampler on Dawn: the same samples as the layers' kernels one by one, however it is cut up. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backend/backend.js';
import { caseInputs } from '../../src/backend/cases.js';
import { contractOf } from '../../src/backend/kernels.js';
import { CpuBackend } from '../../src/cpu/backend.js';
import { alike, Model } from '../../src/model/model.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { Sampler } from '../../src/samplers/sampler.js';
import { solverByName } from '../../src/samplers/solvers.js';
import { solverTable, uniformGrid } from '../../src/samplers/table.js';
import { difference, KERNEL_BOUND, runCase } from '../../src/verify/kernels.js';
import { WebGpuBackend } from '../../src/webgpu/backend.js';
import { SHADERS } from '../../src/webgpu/shaders.js';
import { randomModel } from '../nn/network.js';
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

/** A software adapter takes a kernel a layer unless it is told. */
const ONE_KERNEL = { fused: true } as const;
const STEPS = 10;
const SEED = 4;

async function modelOf(classes: number, dim = 2): Promise<Model> {
  const network = {
    ...{ dim, outputs: dim, hidden: 24, inner: 40, blocks: 2, classes, labelWidth: 5 },
    ...{ pointFrequencies: 6, pointFrequencyScale: 0.4, timeFrequencies: 3 },
  };
  const model = new Model(backend, alike(['velocity'], network), 9, false);
  const random = new CounterRandom(12, STREAM.test);
  // The output layer starts at zero.
  const values = (await backend.read(model.store.values)).map((value, i) => value + 0.1 * random.normal(i));
  backend.write(model.store.values, values);
  return model;
}

const tableOf = (name: string, steps = STEPS, guidance = 1) =>
  solverTable(solverByName(name), uniformGrid(steps), undefined, { guidance });

const labelsOf = (n: number, classes: number) =>
  classes > 0 ? { labels: Uint32Array.from({ length: n }, (_, i) => (7 * i) % (classes + 1)) } : {};

describe('the fused sampler', () => {
  // Guidance 0 asks without a label only; with others rk4 makes more evaluations a step than the kernel has room for.
  const cases = ['euler', 'heun', 'euler-maruyama', 'rk4'].flatMap((solver) => [
    [solver, 0, 1] as const,
    ...(solver === 'rk4' ? [1, 0] : [1, 0, 2.5]).map((guidance) => [solver, 3, guidance] as const),
  ]);

  it.each(cases)(
    '%s with %i classes and guidance %f gives the samples of the sampler that is not fused',
    async (name, classes, guidance) => {
      const model = await modelOf(classes);
      const table = tableOf(name, STEPS, guidance);
      // Tiles of 50 and a rest, none a multiple of a workgroup's tile.
      const [n, tile] = [121, 50];
      const options = { n, frames: [0, 3, 4, STEPS], ...labelsOf(n, classes) };
      const fused = await Sampler.create(backend, model, model.store, table, SEED, tile, ONE_KERNEL);
      const plain = await Sampler.create(backend, model, model.store, table, SEED, tile, { fused: false });
      expect([fused.fused, plain.fused]).toEqual([true, false]);
      const got = await fused.sample(options);
      const expected = await plain.sample(options);
      expect(difference(got.points, expected.points).relative).toBeLessThan(1e-5);
      expect(difference(got.points, expected.frames[0]).relative).toBeGreaterThan(0.1);
      expected.frames.forEach((frame, f) =>
        expect(difference(got.frames[f], frame).relative).toBeLessThan(1e-5),
      );
      // Not cut up by frames, with the particles all together: the same bits.
      const whole = await Sampler.create(backend, model, model.store, table, SEED, 128, ONE_KERNEL);
      const again = await whole.sample({ ...options, frames: [] });
      expect(again.points).toEqual(got.points);
      expect((await whole.sample({ ...options, frames: [] })).points).toEqual(got.points);
      const left = await backend.read(whole.particles);
      expect(Float64Array.from(left.subarray(0, 2 * n))).toEqual(got.points);
      for (const sampler of [fused, plain, whole]) sampler.destroy();
      if (guidance !== 1) {
        const usual = await Sampler.create(
          backend,
          model,
          model.store,
          tableOf(name),
          SEED,
          tile,
          ONE_KERNEL,
        );
        const { points } = await usual.sample({ ...options, frames: [] });
        expect(difference(points, got.points).relative).toBeGreaterThan(1e-3);
        usual.destroy();
      }
      model.destroy();
    },
  );

  it('creates nothing in its second run', async () => {
    const model = await modelOf(0);
    const sampler = await Sampler.create(backend, model, model.store, tableOf('heun'), SEED, 64, ONE_KERNEL);
    const options = { n: 100, frames: [1, 5] };
    await sampler.sample(options);
    const before = { ...backend.counters };
    await sampler.sample(options);
    expect(backend.counters).toEqual(before);
    sampler.destroy();
    model.destroy();
  });

  it('sees parameters that have changed since it was made', async () => {
    const model = await modelOf(0);
    const sampler = await Sampler.create(backend, model, model.store, tableOf('euler'), SEED, 64, ONE_KERNEL);
    await sampler.sample({ n: 10 });
    backend.write(model.store.values, new Float64Array(model.store.length));
    const { points, frames } = await sampler.sample({ n: 10, frames: [0] });
    expect(points).toEqual(frames[0]);
    sampler.destroy();
    model.destroy();
  });

  it('says why when it is asked for and impossible', async () => {
    const wide = await modelOf(0, 5);
    const create = (model: Model, name: string, fused?: boolean) =>
      Sampler.create(
        backend,
        model,
        model.store,
        tableOf(name),
        SEED,
        64,
        fused === undefined ? {} : { fused },
      );
    await expect(create(wide, 'euler', true)).rejects.toThrow('cannot be fused: points have 5 coordinates');
    expect((await create(wide, 'euler')).fused).toBe(false);
    const labelled = await modelOf(3);
    const guided = tableOf('rk4', STEPS, 2);
    await expect(
      Sampler.create(backend, labelled, labelled.store, guided, SEED, 64, { fused: true }),
    ).rejects.toThrow('cannot be fused: rk4 has 8 stages');
    const two = new Model(backend, alike(['velocity', 'denoiser'], wide.network), 1, false);
    expect((await create(two, 'euler-maruyama')).fused).toBe(false);
    for (const model of [wide, two, labelled]) model.destroy();
  });

  it.each([
    [{ norm: 'rms' }, 'blocks behind a norm'],
    [{ dim: 3, outputs: 3, bottleneck: 2 }, 'ends behind a bottleneck'],
  ] as const)(
    'leaves a network of %o to the layers’ kernels, which draw as the reference does',
    async (own, what) => {
      const cpu = new CpuBackend('f64');
      const [model, expected] = [backend, cpu].map((engine) => randomModel(engine, own, 6));
      const table = tableOf('heun');
      await expect(
        Sampler.create(backend, model, model.store, table, SEED, 64, { fused: true }),
      ).rejects.toThrow(`cannot be fused: the kernel does not know ${what}`);
      const drawn = async (engine: Backend, of: Model) => {
        const sampler = await Sampler.create(engine, of, of.store, table, SEED, 64);
        expect(sampler.fused).toBe(false);
        const { points } = await sampler.sample({ n: 100 });
        sampler.destroy();
        of.destroy();
        return points;
      };
      const [got, reference] = [await drawn(backend, model), await drawn(cpu, expected)];
      expect(difference(got, reference).relative).toBeLessThan(1e-5);
      cpu.destroy();
    },
  );
});

// The software adapter runs four invocations to the next barrier before it starts the next four: an order in which
// a missing barrier shows at once.
describe('the barriers of the fused kernel', () => {
  const contract = contractOf('fused_sampler');
  const shader = SHADERS.fused_sampler;
  const params = {
    ...{
      seedLow: 1,
      seedHigh: 0,
      stream: STREAM.brownian,
      first: 0,
      n: 37,
      dim: 2,
      steps: 2,
      stages: 2,
      stride: 23,
    },
    ...{
      hidden: 13,
      inner: 21,
      blocks: 2,
      pointFrequencies: 3,
      timeFrequencies: 2,
      classes: 2,
      labelWidth: 3,
      unlabelled: 2,
    },
  };
  const errorOf = async (name: string, source: string): Promise<number> => {
    const inputs = caseInputs(contract, params, 4);
    Object.assign(SHADERS, { fused_sampler: { ...shader, name, source } });
    try {
      const { written } = await runCase(backend, contract, params, inputs);
      const expected = await runCase(new CpuBackend('f64'), contract, params, inputs);
      return difference(written.x, expected.written.x).relative;
    } finally {
      Object.assign(SHADERS, { fused_sampler: shader });
    }
  };
  const pieces = shader.source.split('workgroupBarrier();');

  it('are six, and with them the kernel is right for any number of invocations', async () => {
    expect(pieces.length - 1).toBe(6);
    const size = 'WORKGROUP_SIZE: u32 = 64u';
    expect(shader.source).toContain(size);
    for (const invocations of [16, 64, 256]) {
      const source = shader.source.replace(size, `WORKGROUP_SIZE: u32 = ${invocations}u`);
      const small = { ...shader.overrides, WORKGROUP_SIZE: invocations };
      Object.assign(shader.overrides, small);
      try {
        expect(await errorOf(`of ${invocations}`, source)).toBeLessThan(KERNEL_BOUND);
      } finally {
        Object.assign(shader.overrides, { WORKGROUP_SIZE: 64 });
      }
    }
  });

  // A barrier that one order hides shows in the other, with a group's last lanes in front.
  const reversed = (source: string) =>
    source.replaceAll('local_index % LANES', '(LANES - 1u - local_index % LANES)');

  it('do in the reverse order too', async () => {
    expect(reversed(shader.source)).not.toBe(shader.source);
    expect(await errorOf('reversed', reversed(shader.source))).toBeLessThan(KERNEL_BOUND);
  });

  it.each([0, 1, 2, 3, 4, 5])('number %i is needed', async (k) => {
    const [before, after] = [pieces.slice(0, k + 1), pieces.slice(k + 1)];
    const without = [before, after].map((part) => part.join('workgroupBarrier();')).join('');
    const source = k === 0 ? reversed(without) : without;
    expect(await errorOf(`without ${k}`, source)).toBeGreaterThan(100 * KERNEL_BOUND);
  });
});
