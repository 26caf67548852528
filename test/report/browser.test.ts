import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'puppeteer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderReport } from '../../src/report/render.js';
import { freshPage, sharedBrowser } from '../shared/browser.js';
import { exampleReport } from './example.js';

let browser: Browser;
let folder: string;
let url: string;

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tributary-report-'));
  fs.writeFileSync(path.join(folder, 'report.html'), renderReport(exampleReport()));
  url = pathToFileURL(path.join(folder, 'report.html')).href;
  browser = await sharedBrowser('bare');
});

afterAll(async () => {
  await browser?.disconnect();
  fs.rmSync(folder, { recursive: true, force: true });
});

/** Opens the report and gathers everything that goes wrong, and everything that is fetched. */
async function open(width: number, scheme: 'light' | 'dark', javascript = true) {
  const page = await freshPage(browser);
  const problems: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('request', (request) => requests.push(request.url().slice(0, 40)));
  await page.setJavaScriptEnabled(javascript);
  await page.setViewport({ width, height: 900, deviceScaleFactor: 1 });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  await page.goto(url, { waitUntil: 'load' });
  if (process.env.REPORT_SCREENSHOTS) {
    const name = `report-${width}-${scheme}${javascript ? '' : '-noscript'}.png`;
    await page.screenshot({
      path: path.join(process.env.REPORT_SCREENSHOTS, name) as `${string}.png`,
      fullPage: true,
    });
  }
  return { page, problems, requests };
}

/** For each chart, the number of different colours on it: an empty canvas has one. */
function canvasColours(page: Page): Promise<number[]> {
  return page.$$eval('canvas', (canvases) =>
    canvases.map((canvas) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    }),
  );
}

const overflow = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

describe('a report in Chrome', () => {
  it.each<[number, 'light' | 'dark']>([
    [1280, 'light'],
    [1280, 'dark'],
    [390, 'light'],
    [390, 'dark'],
  ])('shows everything at %i pixels, %s', async (width, scheme) => {
    const { page, problems, requests } = await open(width, scheme);
    const images = await page.$$eval('img', (list) =>
      Promise.all(list.map((image) => image.decode().then(() => image.naturalWidth))),
    );
    expect(images).toEqual([440, 440, 440, 240, 240, 240, 240, 240]);
    const colours = await canvasColours(page);
    expect(colours).toHaveLength(2);
    expect(Math.min(...colours)).toBeGreaterThan(20);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(problems).toEqual([]);
    expect(requests.filter((request) => !/^(?:file|data):/.test(request))).toEqual([]);
    await page.browserContext().close();
  });

  it('redraws its charts when the window narrows and the colours change', async () => {
    const { page, problems } = await open(1280, 'light');
    const widths = () => page.$$eval('canvas', (list) => list.map((canvas) => canvas.clientWidth));
    const before = await widths();
    await page.setViewport({ width: 390, height: 800 });
    await page.waitForFunction(
      (old) => document.querySelector('canvas')!.clientWidth < old,
      {},
      before[0] - 50,
    );
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
    await page.waitForFunction(() => document.querySelectorAll('canvas').length === 2);
    expect(Math.max(...(await widths()))).toBeLessThanOrEqual(390);
    expect(Math.min(...(await canvasColours(page)))).toBeGreaterThan(20);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(problems).toEqual([]);
    await page.browserContext().close();
  });

  it('gives the numbers as tables without JavaScript', async () => {
    const { page } = await open(1280, 'light', false);
    // With scripts off, nothing can be evaluated in the page either, but its layout can be asked for.
    const tables = await page.$$('noscript table.plain tbody tr');
    expect(tables.length).toBe(24);
    expect((await tables[0].boundingBox())!.height).toBeGreaterThan(10);
    await page.browserContext().close();
  });

  it('does not run what is hidden in its texts', async () => {
    const input = exampleReport();
    const evil = `</script></style><script>document.title = 'owned'</script><img src=x onerror="document.title='owned'">`;
    input.title = evil;
    input.run = {
      ...input.run,
      family: evil,
      data: evil,
      command: evil,
      more: [{ name: evil, value: evil }],
    };
    input.labelNames = [evil, `"'&<!--`, 'c'];
    input.loss = { ...input.loss, name: evil, unit: evil };
    input.metrics = input.metrics.map((row) => ({
      ...row,
      name: evil,
      explanation: evil,
      unit: evil,
      published: { value: 1, source: evil },
    }));
    const file = path.join(folder, 'evil.html');
    fs.writeFileSync(file, renderReport(input));
    const page = await freshPage(browser);
    await page.goto(pathToFileURL(file).href, { waitUntil: 'load' });
    expect(await page.title()).toBe(evil);
    expect(await page.$eval('h1', (heading) => heading.textContent)).toBe(evil);
    expect(await page.$$eval('script', (list) => list.length)).toBe(3);
    expect(await page.$$eval('img', (list) => list.length)).toBe(8);
    expect(await page.$$eval('canvas', (list) => list.length)).toBe(2);
    await page.browserContext().close();
  });
});
