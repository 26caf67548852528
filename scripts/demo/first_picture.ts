/**
 * How long until a first visitor sees particles of the shipped model: `npm run demo:first-picture`. Three visits with an
 * empty cache each, on the software adapter and on the processor alone; from the navigation to the first frame that is shown.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import puppeteer from 'puppeteer';
import { SOFTWARE } from '../../src/cli/browser.js';
import { findChrome } from '../../src/cli/chrome.js';
import { serveFolder } from '../../src/cli/static_server.js';

const VISITS = 3;
const folder = resolve('demo/dist');
const server = await serveFolder(folder, { '/': readFileSync(`${folder}/index.html`, 'utf8') });
const ways = [
  { title: 'processor, as a page chooses by itself', flags: ['--disable-gpu'], hash: '' },
  { title: 'software adapter (WebGPU)', flags: SOFTWARE, hash: 'backend=webgpu' },
];
for (const { title, flags, hash } of ways) {
  const times: number[] = [];
  for (let visit = 0; visit < VISITS; visit++) {
    const browser = await puppeteer.launch({
      executablePath: findChrome(),
      args: ['--no-sandbox', ...flags],
      protocolTimeout: 0,
    });
    const page = await browser.newPage();
    // In the page itself, so that no message between processes counts.
    await page.evaluateOnNewDocument(`(() => {
      const look = () => {
        const stage = globalThis.tributaryDemo?.stage;
        const shown = stage?.frames > 0 && stage.panes[0]?.runner?.sight(stage.t) != null;
        if (shown) globalThis.firstPicture = performance.now();
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    })()`);
    await page.goto(`${server.url}/#${hash}`);
    const found = await page.waitForFunction('globalThis.firstPicture', { timeout: 120_000 });
    times.push(Number(await found.jsonValue()));
    await browser.close();
  }
  process.stdout.write(`${title}: ${times.map((time) => `${(time / 1000).toFixed(2)} s`).join(', ')}\n`);
}
await server.close();
