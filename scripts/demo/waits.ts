/**
 * What a visitor of the demo page waits for: `npm run demo:waits`. The first picture of the shipped model, three visits
 * with an empty cache each; and from a move of the time slider until the particles of that time are shown. On the
 * processor alone, and on the software adapter. Writes bench/results/demo-waits-DATE.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { resolve } from 'node:path';
import puppeteer, { type Page } from 'puppeteer';
import { SOFTWARE } from '../../src/cli/browser.js';
import { findChrome } from '../../src/cli/chrome.js';
import { serveFolder } from '../../src/cli/static_server.js';

const VISITS = 3;
const MOVES = 60;
const PARTICLES = [4000, 20_000];
const SIZE = { width: 1280, height: 800 };

/** Runs before the page's own scripts, so that no message between processes counts. */
const WATCH = `(() => {
  const look = () => {
    const stage = globalThis.tributaryDemo?.stage;
    const shown = stage?.frames > 0 && stage.panes[0]?.runner?.sight(stage.t) != null;
    if (shown) globalThis.firstPicture = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})()`;

/** Milliseconds from a move of the slider until the picture is painted, on the device too. */
const SCRUB = `(async () => {
  const { stage, machine } = tributaryDemo;
  const slider = document.getElementById('time');
  const times = [];
  for (let move = 0; move < ${MOVES}; move++) {
    const start = performance.now();
    slider.value = String((move * 0.618) % 1);
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    // The stage asked for its frame before: it is painted when this one runs.
    await new Promise(requestAnimationFrame);
    await machine.engine?.gpu.queue.onSubmittedWorkDone();
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  return { median: times[times.length >> 1], worst: times.at(-1) };
})()`;

const load = loadavg()[0].toFixed(1);
const folder = resolve('demo/dist');
const server = await serveFolder(folder, { '/': readFileSync(`${folder}/index.html`, 'utf8') });
const WAYS = [
  { title: 'processor, as a page chooses by itself', flags: ['--disable-gpu'], hash: 'play=0' },
  { title: 'software adapter (WebGPU)', flags: SOFTWARE, hash: 'backend=webgpu&play=0' },
];

async function visit<T>(
  flags: readonly string[],
  hash: string,
  then: (page: Page) => Promise<T>,
): Promise<T> {
  const browser = await puppeteer.launch({
    executablePath: findChrome(),
    args: ['--no-sandbox', ...flags],
    protocolTimeout: 0,
    defaultViewport: SIZE,
  });
  const page = await browser.newPage();
  await page.evaluateOnNewDocument(WATCH);
  await page.goto(`${server.url}/#${hash}`);
  const result = await then(page);
  await browser.close();
  return result;
}

const lines: string[] = [];
for (const { title, flags, hash } of WAYS) {
  const times: number[] = [];
  for (let count = 0; count < VISITS; count++) {
    times.push(
      await visit(flags, hash, async (page) => {
        const found = await page.waitForFunction('globalThis.firstPicture', { timeout: 120_000 });
        return Number(await found.jsonValue());
      }),
    );
  }
  const seconds = times.map((time) => (time / 1000).toFixed(2)).join(', ');
  const scrubs: string[] = [];
  for (const n of PARTICLES) {
    const { median, worst } = await visit(flags, `${hash}&n=${n}`, async (page) => {
      const known =
        'tributaryDemo?.machine != null && tributaryDemo.stage.panes.every((p) => p.runner?.reach === 1)';
      await page.waitForFunction(known, { timeout: 600_000 });
      return (await page.evaluate(SCRUB)) as { median: number; worst: number };
    });
    scrubs.push(`${median.toFixed(0)} / ${worst.toFixed(0)}`);
  }
  lines.push(`| ${[title, seconds, ...scrubs].join(' | ')} |`);
  process.stderr.write(`${lines.at(-1)}\n`);
}
await server.close();

const date = new Date().toISOString().slice(0, 10);
const scrubbed = PARTICLES.map((n) => `${n.toLocaleString('en')} particles scrubbed, ms`);
const head = ['where', 'first picture, s', ...scrubbed];
const text = `# What a visitor of the demo page waits for, ${date}

By \`npm run demo:waits\`, ${SIZE.width} × ${SIZE.height} pixels. The first picture: from the navigation to the first frame
that shows the shipped model's particles, ${VISITS} visits with an empty cache. Scrubbing: from a move of the time slider until
the particles of that time are painted, the wait for the next frame (up to 17 ms) included: median / worst of ${MOVES}
moves over the whole slider. The states of all steps are kept, so that a move computes none of them anew. When it
began, ${load} processes wanted the ${availableParallelism()} cores of the machine.

| ${head.join(' | ')} |
| ${head.map((_, i) => (i === 0 ? '---' : '---:')).join(' | ')} |
${lines.join('\n')}
`;
const file = `bench/results/demo-waits-${date}.md`;
writeFileSync(file, text);
process.stdout.write(`${text}\n${file}\n`);
