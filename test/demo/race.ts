/** The demo page's comparison with other libraries. */
import type { Page } from 'puppeteer';
import { describe, expect, it } from 'vitest';
import { axe, walk } from './access.js';
import { clipboardOf, told } from './files.js';
import type { OpenDemo } from './page.js';

const SMALL = 'backend=cpu&view=verify&n=100&steps=1&hidden=16&train=1&play=0';

/** Of the scripts that the page has fetched, how many hold tfjs: one of its flags tells. */
const holders = (page: Page) =>
  page.evaluate(async () => {
    const names = performance.getEntriesByType('resource').map(({ name }) => name);
    const scripts = [...new Set(names)].filter((name) => name.endsWith('.js'));
    const texts = await Promise.all(scripts.map(async (name) => (await fetch(name)).text()));
    return texts.filter((text) => text.includes('WEBGPU_CPU_FORWARD')).length;
  });

export const race = (open: OpenDemo) =>
  describe('the comparison with other libraries', () => {
    it('is offered only where there is WebGPU', async () => {
      const { page, problems } = await open('view=verify');
      await page.waitForSelector('#bench');
      await page.waitForFunction(() =>
        /graphics card/.test(document.querySelector('.status')?.textContent ?? ''),
      );
      expect(await page.$eval('#race', (element) => element.checkVisibility())).toBe(false);
      expect(problems).toEqual([]);
      await page.close();
    });

    it('fetches them on the click, agrees with them and shows a table that can be copied', async () => {
      const { page, problems } = await open(SMALL, { webgpu: true });
      const clipboard = await clipboardOf(page);
      const fetched: string[] = [];
      page.on('request', (request) => fetched.push(request.url()));
      await page.waitForSelector('#race', { visible: true });
      expect(await holders(page)).toBe(0);
      // What cannot be fetched is told of in one line, and asked for again later.
      await page.setOfflineMode(true);
      await page.locator('#race').click();
      await told(page, /^A part of this page could not be fetched: [^\n]*$/);
      await page.setOfflineMode(false);
      expect(problems.filter((text) => !/^failed: |Failed to load resource/.test(text))).toEqual([]);
      problems.length = 0;
      fetched.length = 0;
      await page.select('#race-width', '16');
      await page.locator('#race').click();
      await page.waitForSelector('#copy-race[aria-disabled="false"]');
      expect(fetched.length).toBeGreaterThan(0);
      expect(await holders(page)).toBe(1);
      const { origin } = new URL(page.url());
      expect(fetched.filter((url) => !url.startsWith(origin) && !url.startsWith('blob:'))).toEqual([]);
      const rows = await page.$$eval('.race tbody tr', (list) =>
        list.map((row) => [...row.children].map((cell) => cell.textContent ?? '')),
      );
      const systems = rows.filter((row) => row.length > 1);
      expect(rows.filter((row) => row.length === 1).map(([work]) => work)).toEqual([
        'Euler step, 512 particles, d = 2, hidden 16',
        'training step, d = 2, hidden 16, batch 128',
      ]);
      expect(systems.map(([name]) => name.split(' ')[0])).toEqual([
        'tributary',
        'jax-js',
        'tfjs',
        'tributary',
        'jax-js',
        'tfjs',
      ]);
      for (const [name, time, arithmetic, ratio] of systems) {
        expect(time, name).toMatch(/^[\d.]+ ms$/);
        expect(arithmetic, name).toMatch(/^[\d.]+ GFLOP\/s$/);
        expect(ratio, name).toMatch(/^[\d.]+×$/);
      }
      await page.locator('#copy-race').click();
      await told(page, /^Copied\.$/);
      const text = await clipboard();
      expect(text).toMatch(/^google swiftshader/);
      for (const [, time] of systems) expect(text).toContain(time);
      await page.evaluate(axe);
      expect(await walk(page, 'compared')).toEqual([]);
      expect(problems).toEqual([]);
      await page.close();
    });
  });
