/** Screenshots of every view for docs/: `npm run demo:screenshots`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { decode, encode } from 'fast-png';
import puppeteer, { type Page } from 'puppeteer';
import { SOFTWARE } from '../../src/cli/browser.js';
import { findChrome } from '../../src/cli/chrome.js';
import { serveFolder } from '../../src/cli/static_server.js';

interface Shot {
  readonly name: string;
  readonly hash: string;
  readonly width: number;
  readonly height: number;
  readonly scheme: 'dark' | 'light';
  /** Script in the page before the picture. */
  readonly before?: string;
  /** Script that is true once the page is ready. */
  readonly ready: string;
}

const PANES = 'tributaryDemo.stage.panes.every(({ runner }) => runner?.reach === 1)';
const LEARNED = `${PANES} && !tributaryDemo.lesson.running && tributaryDemo.lesson.history.evaluation !== null`;
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

const views: readonly (Omit<Shot, 'width' | 'height' | 'scheme' | 'name'> & { name: string })[] = [
  { name: 'flow', hash: 'play=0&t=0.72&n=20000', ready: LEARNED },
  {
    name: 'field',
    hash: 'data=moons&train=2500&play=0&t=0.45&n=20000&truth=1&field=streamlines',
    ready: `${LEARNED} && (globalThis.waited = (globalThis.waited ?? 0) + 1) > 40`,
  },
  { name: 'sde', hash: 'sde=1&epsilon=1.5&steps=60&play=0&n=8000&colour=speed&t=0.85', ready: LEARNED },
  {
    name: 'compare',
    hash: 'view=compare&train2=3000&family3=edm&play=0&n=8000',
    ready: `${LEARNED} && tributaryDemo.lessons.others[0]?.history.evaluation != null`,
  },
  {
    name: 'quiz',
    hash: 'view=quiz',
    ready: `document.querySelector('.verdict') !== null || (document.getElementById('guess-a')?.click(), false)`,
  },
  {
    name: 'verify',
    hash: 'view=verify',
    ready: `/(agree|differ) on /.test(document.querySelector('.status')?.textContent) || (globalThis.begun ??= (document.getElementById('verify')?.click(), 1), false)`,
  },
];

const shots: Shot[] = views.flatMap((view, i) => [
  { ...view, ...DESKTOP, name: `demo-${view.name}-desktop`, scheme: i % 2 === 0 ? 'dark' : 'light' },
  { ...view, ...PHONE, name: `demo-${view.name}-phone`, scheme: i % 2 === 0 ? 'light' : 'dark' },
]);

const LEVELS = 31;
const STEP = 255 / LEVELS;

/** Five bits a channel are enough for a picture in a repository. */
function smaller(png: Uint8Array): Uint8Array {
  const { width, height, data, channels } = decode(png);
  const coarse = new Uint8Array(3 * width * height);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++)
      coarse[3 * i + c] = Math.round((Math.round(data[channels * i + c] / STEP) * 255) / LEVELS);
  }
  return encode({ width, height, data: coarse, channels: 3, depth: 8 }, { zlib: { level: 9 } });
}

async function take(page: Page, url: string, shot: Shot): Promise<void> {
  const deviceScaleFactor = shot.width > 800 ? 0.75 : 0.9;
  await page.setViewport({ width: shot.width, height: shot.height, deviceScaleFactor });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: shot.scheme }]);
  await page.goto(`${url}/#${shot.hash}`);
  await page.waitForFunction(`globalThis.tributaryDemo?.machine != null && (${shot.ready})`, {
    timeout: 180_000,
  });
  await new Promise((done) => setTimeout(done, 1200));
  writeFileSync(`docs/${shot.name}.png`, smaller(await page.screenshot()));
  process.stdout.write(`${shot.name}\n`);
}

const wanted = process.argv[2] ?? '';
const folder = resolve('demo/dist');
const server = await serveFolder(folder, { '/': readFileSync(`${folder}/index.html`, 'utf8') });
const browser = await puppeteer.launch({
  executablePath: findChrome(),
  args: ['--no-sandbox', ...SOFTWARE],
  protocolTimeout: 0,
});
mkdirSync('docs', { recursive: true });
for (const shot of shots.filter(({ name }) => name.includes(wanted))) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  page.on('pageerror', (error) => process.stderr.write(`${shot.name}: ${error}\n`));
  await page.evaluateOnNewDocument(() => localStorage.setItem('tributary-seen', '1'));
  await take(page, server.url, shot);
  await context.close();
}
await browser.close();
await server.close();
