/** Particles in three.js, in headless Chrome: what counts is pixels. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Harness, startHarness } from '../browser/browser.js';
import { useAdapter } from '../shared/lent.js';
import type { ThreeChecks } from './page/main.js';

let harness: Harness;
let opened: Awaited<ReturnType<Harness['open']>>;

beforeAll(async () => {
  harness = await startHarness(fileURLToPath(new URL('./page', import.meta.url)));
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

async function check<K extends keyof ThreeChecks>(name: K, ...inputs: Parameters<ThreeChecks[K]>) {
  const call = `checks.${name}(...${JSON.stringify(inputs)})`;
  const result = (await opened.page.evaluate(call)) as Awaited<ReturnType<ThreeChecks[K]>>;
  expect(result.errors).toEqual([]);
  return result;
}

const isRed = ([red, green, blue, alpha]: number[]) => red > 150 && green < 20 && blue < 20 && alpha > 150;
const isBlue = ([red, green, blue]: number[]) => blue > 150 && green < 20 && red < 20;
const isEmpty = (pixel: number[]) => pixel[3] === 0;

describe('particles of the engine in three.js', () => {
  it.each([
    ['discs', 50],
    ['pixels', 5000],
  ])('%s are drawn from the engine’s buffer: new content shows by itself', async (_, n) => {
    const { before, after } = await check('live', n);
    expect(before.map(isRed)).toEqual([true, false]);
    expect(isEmpty(before[1])).toBe(true);
    expect(after.map(isRed)).toEqual([false, true]);
    expect(isEmpty(after[0])).toBe(true);
  });

  it('lie between two arrays, which outlive the view', async () => {
    const { pixels, x, again } = await check('between', 40);
    expect(pixels.map(isRed)).toEqual([false, true, false]);
    expect(x).toBe(-0.484375);
    expect(isRed(again)).toBe(true);
  });

  it('have colours by label and by value', async () => {
    const { byLabel, byValue } = await check('colours', 60);
    expect([isRed(byLabel[0]), isBlue(byLabel[1])]).toEqual([true, true]);
    expect([isBlue(byValue[0]), isRed(byValue[1])]).toEqual([true, true]);
  });

  it('may be plain numbers', async () => {
    const { before, after } = await check('uploaded', 50);
    expect(before.map(isRed)).toEqual([true, false]);
    expect(after.map(isRed)).toEqual([false, true]);
  });

  it('look alike in thousands and in hundreds of thousands', async () => {
    const { means } = await check('readable', [1000, 10_000, 200_000]);
    for (const mean of means) expect(mean).toBeGreaterThan(60);
    for (const mean of means) expect(Math.abs(mean - means[2])).toBeLessThan(0.15 * means[2]);
  });

  it('flow from an engine, a model and a scene, the same ones on the device and from the processor', async () => {
    const device = await check('flow', 'webgpu');
    const host = await check('flow', 'cpu');
    for (const { refused, reaches, lit, points, expected, shown, left } of [device, host]) {
      expect(refused).toMatch(/two states of these particles take \d+ bytes, more than 100/);
      // State by state, not all at once.
      expect(reaches.length).toBeGreaterThan(2);
      expect(lit).toBeGreaterThan(100);
      expect(points).toEqual(expected);
      expect([shown, left]).toEqual([1, 0]);
    }
    const apart = device.points.map((value, i) => Math.abs(value - host.points[i]));
    expect(Math.max(...apart)).toBeLessThan(1e-4);
  });

  it('are seen by whoever runs what the README prints', async () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const [training, scene] = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code);
    expect(scene).toContain('ParticleFlow.create');
    // As printed, but small enough for a software adapter.
    const smaller = [
      ['createEngine()', "createEngine({ backend: 'webgpu' })"],
      ['steps: 2000,', 'steps: 2000, batch: 64, network: { hidden: 16, inner: 32 },'],
      ['train(2000)', 'train(2)'],
      ['steps: 100', 'steps: 3'],
      ['const { points } = await sampler.sample({ n: 10_000 });', ''],
      ['engine.destroy();', ''],
      ['1_000_000', '2000'],
    ];
    let program = `${training}${scene}`.replace(/^import .*$/gm, '');
    for (const [printed, small] of smaller) {
      expect(program).toContain(printed);
      program = program.replace(printed, small);
    }
    const { size, seen } = await check('printed', program);
    expect(size).toEqual([120, 60]);
    expect(seen).toBeGreaterThan(300);
  });

  it('cost no buffer and no bind group a frame', async () => {
    const { before, created } = await check('frames');
    expect(before).toBeGreaterThan(0);
    expect(created).toBe(0);
  });
});
