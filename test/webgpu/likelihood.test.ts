import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backend/backend.js';
import { CpuBackend } from '../../src/cpu/backend.js';
import { scheduleByName } from '../../src/interpolant/schedule.js';
import { FlowDensity, type FlowDensityOptions } from '../../src/likelihood/flow_density.js';
import { networkBound } from '../../src/likelihood/network_bound.js';
import { solverByName } from '../../src/samplers/solvers.js';
import { uniformGrid } from '../../src/samplers/table.js';
import { WebGpuBackend } from '../../src/webgpu/backend.js';
import { normals, randomModel } from '../nn/network.js';
import { useAdapter } from '../shared/lent.js';

/** On Dawn in Node. A machine without an adapter fails here: nothing is skipped. */
let gpu: WebGpuBackend;
const reference = new CpuBackend('f64');
useAdapter();
beforeAll(async () => {
  gpu = await WebGpuBackend.create();
});
afterAll(() => {
  expect(gpu.uncapturedErrors).toEqual([]);
  gpu.destroy();
  reference.destroy();
});

const N = 37;

async function density(engine: Backend, options: Partial<FlowDensityOptions>, classes: number) {
  const model = randomModel(engine, { classes });
  const labels = classes > 0 ? Uint32Array.from({ length: N }, (_, i) => i % classes) : undefined;
  const own = { ...(labels ? { labels } : {}), probeIndex: 2 };
  const grid = uniformGrid(6).reverse();
  const flow = await FlowDensity.create(engine, model, model.store, {
    ...{ solver: solverByName('rk4'), grid, tile: 16, seed: 5, ...options },
  });
  const given = await flow.logDensity(normals(2 * N, 4), own);
  flow.destroy();
  const sampler = await FlowDensity.create(engine, model, model.store, {
    ...{ solver: solverByName('heun'), grid: uniformGrid(6), tile: 16, seed: 5, ...options },
  });
  const drawn = await sampler.sample(N, own);
  sampler.destroy();
  model.destroy();
  return [given.nats, given.points, drawn.nats, drawn.points];
}

describe('on a GPU', () => {
  it.each([
    ['exact', {}, 0],
    ['exact, guided', { guidance: 2 }, 3],
    ['hutchinson', { divergence: 'hutchinson' }, 0],
    ['hutchinson with normals, conditional', { divergence: 'hutchinson', probe: 'normal' }, 3],
  ] as const)('densities are the reference’s: %s', async (_, options, classes) => {
    const [expected, got] = [
      await density(reference, options, classes),
      await density(gpu, options, classes),
    ];
    expected.forEach((values, k) =>
      values.forEach((value, i) => expect(Math.abs(got[k][i] - value)).toBeLessThan(5e-5)),
    );
  });

  it('bounds are the reference’s', async () => {
    const points = normals(2 * 9, 4);
    const units = { offset: [1, 2], scale: 1.5 };
    const bound = async (engine: Backend) => {
      const model = randomModel(engine);
      const options = { units, schedule: scheduleByName('linear'), times: 4, tile: 128 };
      const result = await networkBound(engine, model, model.store, points, options);
      model.destroy();
      return result;
    };
    const [expected, got] = [await bound(reference), await bound(gpu)];
    expected.nats.forEach((value, i) => expect(Math.abs(got.nats[i] / value - 1)).toBeLessThan(1e-4));
  });
});
