/** The demo page's check of the card and its benchmark. */
import type { Page } from 'puppeteer';
import { describe, expect, it } from 'vitest';
import { until } from '../shared/until.js';
import { clipboardOf, told } from './files.js';
import type { OpenDemo } from './page.js';

const status = (page: Page) => page.$eval('.status', (element) => element.textContent ?? '');

const resting = (page: Page, button: string) =>
  page.$eval(button, (element) => element.getAttribute('aria-disabled'));

const rows = (page: Page) =>
  page.$$eval('.checks tbody tr', (list) =>
    list.map((row) => [...row.children].map((cell) => cell.textContent ?? '')),
  );

const checkers = (page: Page) =>
  page
    .workers()
    .map((one) => one.url())
    .filter((url) => /checker/.test(url));

/** Presses the benchmark's button. @returns the lines that it writes, after the copy of them has been compared */
async function measured(page: Page): Promise<string[]> {
  const clipboard = await clipboardOf(page);
  await page.waitForSelector('#bench');
  expect(await resting(page, '#copy-bench')).toBe('true');
  await page.locator('#bench').click();
  await page.waitForSelector('#copy-bench[aria-disabled="false"]');
  const text = await page.$eval('.status.lines', (element) => element.textContent ?? '');
  await page.locator('#copy-bench').click();
  await told(page, /^Copied\.$/);
  expect(await clipboard()).toBe(text);
  return text.split('\n');
}

const SMALL = 'backend=webgpu&view=verify&n=100&steps=1&hidden=16&train=1';

const SPEED =
  /^([\d.]+)( k| M)? particles × steps a second: Heun, 128 wide, 2 blocks, ([\d,]+) particles, (\d+) steps in ([\d.]+) s, on (.+)$/;

/** What a line of the benchmark says. */
function speedOf(line: string) {
  const [, rate, unit, n, steps, seconds, device] = SPEED.exec(line) ?? [];
  return {
    rate: Number(rate) * (unit === ' k' ? 1e3 : unit === ' M' ? 1e6 : 1),
    n: Number(n.replace(/,/g, '')),
    ...{ steps: Number(steps), seconds: Number(seconds), device },
  };
}

export const checks = (open: OpenDemo) =>
  describe('the check of the card, and how fast it is', () => {
    it.each([
      ['no card', /^This browser finds no graphics card: turn hardware acceleration on [^\n]*$/, undefined],
      [
        'no WebGPU',
        /^This browser has no WebGPU: open this page in a current [^\n]*$/,
        () => Object.defineProperty(Navigator.prototype, 'gpu', { value: undefined }),
      ],
    ])('with %s it says what to do, and the benchmark measures the processor', async (_, line, before) => {
      const { page, problems } = await open('view=verify', before ? { before } : {});
      await page.waitForFunction(
        () => !/^(Looking|$)/.test(document.querySelector('.status')?.textContent ?? ''),
      );
      expect(await status(page)).toMatch(line);
      // Nothing to press, and no table of nothing.
      for (const selector of ['#verify', '.checks']) {
        expect(await page.$eval(selector, (element) => element.checkVisibility())).toBe(false);
      }
      const lines = await measured(page);
      expect(lines).toHaveLength(1);
      const { rate, n, steps, seconds, device } = speedOf(lines[0]);
      expect(n).toBe(1024);
      expect(device).toMatch(/^CPU, one thread/);
      expect(seconds).toBeGreaterThanOrEqual(2);
      expect(rate / ((n * steps) / seconds)).toBeCloseTo(1, 1);
      expect(problems).toEqual([]);
      await page.close();
    });

    it('measures the software adapter, steps and frames', async () => {
      const { page, problems } = await open(SMALL, { webgpu: true });
      const lines = await measured(page);
      const { rate, n, steps, seconds, device } = speedOf(lines[0]);
      expect(n).toBe(256);
      expect(device).toMatch(/swiftshader, a software adapter$/i);
      expect(rate / ((n * steps) / seconds)).toBeCloseTo(1, 1);
      expect(lines[1]).toMatch(
        /^A frame of 256 particles at 1280 × 720: network [\d.]+ ms, the rest [\d.]+ ms, by (timestamps|the processor’s clock)$/,
      );
      // By the page's clock and by the device's own, as the engine's profile has it: the same units, whatever else
      // the machine does between the two.
      const network = Number(/network ([\d.]+) ms/.exec(lines[1])?.[1]);
      expect(rate / ((1000 * n) / network)).toBeGreaterThan(1 / 50);
      expect(rate / ((1000 * n) / network)).toBeLessThan(50);
      expect(problems).toEqual([]);
      await page.close();
    });

    it('on the software adapter kernels agree, and leaving the view ends the check', async () => {
      const { page, problems } = await open(SMALL, { webgpu: true });
      await (await page.waitForSelector('#verify'))!.click();
      await page.waitForFunction(() => {
        const [, count] = /(\d+) comparisons so far/.exec(document.body.textContent ?? '') ?? [];
        return Number(count) >= 60;
      });
      const table = await rows(page);
      expect(checkers(page)).toHaveLength(1);
      expect(table.length).toBeGreaterThan(5);
      for (const [kernel, verdict, error, bound, shapes] of table) {
        expect(verdict, kernel).toBe('✓ agrees');
        expect(Number(shapes)).toBeGreaterThan(0);
        expect(Number(error)).toBeLessThanOrEqual(Number(bound) * 1.5);
      }
      await page.locator('#view-quiz').click();
      await page.locator('#view-verify').click();
      await page.waitForSelector('#verify:not([aria-disabled="true"])');
      expect(await rows(page)).toEqual([]);
      await until(
        () => checkers(page),
        (left) => left.length === 0,
        (left) => `these go on: ${left}`,
      );
      expect(problems).toEqual([]);
      await page.close();
    });

    it('shows what differs, and where', async () => {
      const { page, problems } = await open('view=verify&backend=cpu', { webgpu: true });
      await page.waitForSelector('#verify', { visible: true });
      expect(await page.$eval('.checks', (element) => element.checkVisibility())).toBe(false);
      // A card that is wrong, played by a worker of the test's own.
      await page.evaluate(() => {
        const row = (kernel: string, shape: string, error: number, bound: number) => ({
          ...{ kernel, shape, error, bound, absolute: error, ok: error <= bound },
        });
        const list = [
          row('adam', 'n 7', 1e-8, 1e-6),
          row('matmul', '3 × 5', 1e-8, 1e-6),
          row('matmul', '9 × 9', 1e-2, 1e-6),
        ];
        class Wrong {
          onmessage: ((event: { data: unknown }) => void) | null = null;
          postMessage() {
            const say = (data: unknown) => this.onmessage?.({ data });
            for (const one of list) say({ type: 'row', row: one });
            say({
              type: 'report',
              report: { adapter: 'a wrong card', software: false, ok: false, rows: list },
            });
          }
          terminate() {}
        }
        Object.assign(globalThis, { Worker: Wrong });
      });
      await page.locator('#verify').click();
      await page.waitForFunction(() =>
        /wrong card/.test(document.querySelector('.status')?.textContent ?? ''),
      );
      expect(await status(page)).toBe('1 of 3 comparisons differ on a wrong card.');
      expect(await rows(page)).toEqual([
        ['adam', '✓ agrees', '1.0e-8', '1e-6', '1'],
        ['matmul', '✗ differs at 9 × 9', '1.0e-2', '1e-6', '2'],
      ]);
      expect(problems).toEqual([]);
      await page.close();
    });
  });
