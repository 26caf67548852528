/** The WebGPU engine in headless Chrome. No Chrome or no adapter is a failure: nothing is skipped. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { KERNELS, type KernelName } from '../../src/backend/kernels.js';
import { useAdapter } from '../shared/lent.js';
import { often } from '../shared/walks.js';
import { check, type Harness, startHarness } from './browser.js';

let harness: Harness;
let opened: Awaited<ReturnType<Harness['open']>>;

beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness?.close());

useAdapter();
beforeEach(async () => {
  opened = await harness.open();
});
afterEach(async () => {
  await opened.page.browserContext().close();
  expect(opened.problems).toEqual([]);
});

describe('the kernels', () => {
  it('agree with the float64 reference, every one, on their cases and on random shapes', async () => {
    const rows = await check(opened.page, 'kernels', {}, often(1, 3));
    expect(rows.filter(({ ok }) => !ok)).toEqual([]);
    const covered = new Set(rows.map(({ kernel }) => kernel));
    expect((Object.keys(KERNELS) as KernelName[]).filter((name) => !covered.has(name))).toEqual([]);
  });

  it('agree with other tile sizes, and folded into rows of five workgroups', async () => {
    const tuning = {
      WORKGROUP_X: 4,
      WORKGROUP_Y: 2,
      TILE_K: 5,
      TILE_K4: 1,
      WORKGROUP_SIZE: 16,
      DISPATCH_ROW: 5,
    };
    const rows = await check(opened.page, 'kernels', tuning, often(0, 1));
    expect(rows.filter(({ ok }) => !ok)).toEqual([]);
  });

  it('add up: 200 training steps, and 100 steps of ODE and SDE samplers', async () => {
    const rows = await check(opened.page, 'runs');
    expect(rows.map(({ kernel }) => kernel)).toEqual([
      'training',
      'sampler heun',
      'sampler euler-maruyama',
      'sampler heun, guidance 2',
      'training, ot coupling',
      'fused sampler heun',
      'fused sampler heun, guidance 2',
      'training, edm',
      'sampler edm-churn',
      'fused sampler edm-churn',
      'sampler dpm-solver++',
    ]);
    expect(rows.filter(({ ok }) => !ok)).toEqual([]);
  });

  it('give the same bits twice after 200 steps', async () => {
    const result = await check(opened.page, 'determinism');
    expect(result).toMatchObject({ nonZero: true, again: true });
  });
});

describe('the orchestrator', () => {
  it('creates nothing in 10 000 steps after the first 100', async () => {
    const { before, after, average } = await check(opened.page, 'replays', 100, 10_000);
    expect(after).toEqual(before);
    expect(average).toEqual(new Array(64).fill(1));
  });

  it('compiles again into the memory of the plan before', async () => {
    expect(await check(opened.page, 'recompiling')).toBe(0);
  });

  it('keeps writes, runs and reads in order when none of them is awaited', async () => {
    expect(await check(opened.page, 'order')).toEqual({ before: 1, after: 7 });
  });

  it('times kernels', async () => {
    const { available, rows } = await check(opened.page, 'profile');
    expect(available).toBe(true);
    expect(rows).toMatchObject([{ kernel: 'ema', calls: 25 }]);
    expect(rows[0].ms).toBeGreaterThan(0);
  });

  it('works at default limits on a device of the page, which outlives it', async () => {
    const { rows, lost, limit } = await check(opened.page, 'givenDevice');
    expect(rows.every(({ ok }) => ok)).toBe(true);
    expect(lost).toBe(false);
    expect(limit).toBe(128 * 2 ** 20);
  });
});

describe('faults', () => {
  it('a device lost in the middle of training is a typed error; training resumes on another', async () => {
    const { errors, same, steps } = await check(opened.page, 'lostDevice');
    expect(errors.map(({ code }) => code)).toEqual(new Array(4).fill('device-lost'));
    expect(errors[0].message).toContain('resume from the last checkpoint');
    expect(steps).toBe(80);
    expect(same).toBe(true);
  });

  it('whatever waits for a destroyed engine gets an error', async () => {
    const errors = await check(opened.page, 'destroyed');
    expect(errors.map(({ code }) => code)).toEqual(new Array(4).fill('destroyed'));
  });

  it('a shader that does not compile is named with file, line and source', async () => {
    const { code, message } = await check(opened.page, 'brokenShader');
    expect(code).toBe('shader');
    expect(message).toContain('kernel broken');
    expect(message).toContain('broken.wgsl:14:');
    expect(message).toContain('out[id.x] = helped(1.5);');
    // Chrome also warns in the console about every shader that does not compile.
    opened.problems.splice(0);
  });

  it('shapes beyond the limits are refused before anything is allocated', async () => {
    const { array, plan, allocated } = await check(opened.page, 'limits');
    for (const { code, message } of [array, plan]) {
      expect(code).toBe('limits');
      expect(message).toMatch(/takes \d+ bytes, but this device binds at most \d+: use a smaller/);
    }
    expect(array.message).toContain('too large');
    expect(plan.message).toContain('activations');
    // The clock alone.
    expect(allocated).toBe(1);
  });

  it('a page closed during a step leaves neither browser nor server hanging', async () => {
    const own = await startHarness();
    const { page } = await own.open();
    const running = check(page, 'forever').catch((error: Error) => error);
    await page.waitForFunction("document.title === 'running'");
    await page.close();
    expect(await running).toBeInstanceOf(Error);
    // The browser still works.
    const next = await own.open();
    expect(await check(next.page, 'order')).toEqual({ before: 1, after: 7 });
    expect(next.problems).toEqual([]);
    await own.close();
  });
});
