import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KERNELS, type KernelName } from '../../src/backend/kernels.js';
import { familyByName, familyNames } from '../../src/families/registry.js';
import { verifyRuns } from '../../src/verify/end_to_end.js';
import { verifyFamilies } from '../../src/verify/families.js';
import { verifyKernels } from '../../src/verify/kernels.js';
import { WebGpuBackend } from '../../src/webgpu/backend.js';
import { useAdapter } from '../shared/lent.js';
import { often } from '../shared/walks.js';

/** The same checks as in a browser on Dawn in Node. A machine without an adapter fails here: nothing is skipped. */
let backend: WebGpuBackend;
useAdapter();
beforeAll(async () => {
  backend = await WebGpuBackend.create();
});
afterAll(() => {
  expect(backend.uncapturedErrors).toEqual([]);
  backend.destroy();
});

describe('every kernel on Dawn agrees with the CPU', () => {
  it('on the shapes of its contract, and on random ones', async () => {
    const rows = await verifyKernels({ backend, seed: 1, randomShapes: often(1, 3) });
    expect(rows.filter((row) => !row.ok)).toEqual([]);
    const covered = new Set(rows.map((row) => row.kernel));
    expect((Object.keys(KERNELS) as KernelName[]).filter((name) => !covered.has(name))).toEqual([]);
  });

  it('over 200 training steps and 100 sampler steps', async () => {
    const rows = await verifyRuns({ backend, seed: 1 });
    expect(rows.filter((row) => !row.ok)).toEqual([]);
    expect(rows.length).toBe(11);
  });

  it('for every named family, trained and sampled', async () => {
    const rows = await verifyFamilies({ backend, seed: 1 });
    expect(rows.filter((row) => !row.ok)).toEqual([]);
    // What is fitted at once never sees the adapter.
    const trained = familyNames.filter((name) => familyByName(name).group !== 'baseline');
    expect(rows.length).toBe(2 * trained.length);
  });
});

it('says what to do when the machine has no adapter', async () => {
  const before = process.env.VK_ICD_FILENAMES;
  process.env.VK_ICD_FILENAMES = '/nowhere/driver.json';
  try {
    await expect(WebGpuBackend.create()).rejects.toMatchObject({
      code: 'no-adapter',
      message: expect.stringContaining('install a Vulkan driver'),
    });
  } finally {
    if (before === undefined) delete process.env.VK_ICD_FILENAMES;
    else process.env.VK_ICD_FILENAMES = before;
  }
});
