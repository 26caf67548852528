/** Addresses in the page itself: each ends in a picture or in one line, and leaves the page alive for the next. */
import type { HTTPRequest, Page } from 'puppeteer';
import { describe, expect, it } from 'vitest';
import { often } from '../shared/walks.js';
import { addresses } from './addresses.js';
import { told } from './files.js';
import { learned, type OpenDemo } from './page.js';

/** Of a key that is named twice the last counts: what only takes long is made small. */
const SMALL =
  'hidden=16&hidden2=16&hidden3=16&hidden4=16&train=2&train2=2&n=200&steps=3&play=0&t=1&fit=0&x=0&y=0&span=0&backend=cpu';

/** Those that the page was found dead at, and their kind: parts that no model has together, in every view. */
const DEAD = ['path=ve&gamma=sqrt', 'head=score&path=ve&gamma=sqrt&coupling=sinkhorn&family=ddpm'].flatMap(
  (address) => ['', '&view=compare', '&sde=1&colour=logp&field=arrows&truth=1'].map((more) => address + more),
);

interface Outcome {
  readonly ends?: string[];
  readonly lines?: string[];
  readonly view?: string;
}

/** What the page has come to, once it has: pictures, lines, or another view than particles. */
const outcome = async (page: Page): Promise<Outcome> => {
  const handle = await page.waitForFunction((): Outcome | false => {
    const alert = document.querySelector('main [role=alert]');
    if (alert !== null) return { lines: [alert.textContent ?? ''] };
    const { stage, store, lessons, machine } = globalThis.tributaryDemo;
    if (machine === null) return false;
    const { view } = store.state;
    if (view === 'quiz' || view === 'verify')
      return document.querySelector('#guess-a, #verify') !== null && { view };
    if (stage.element.ariaBusy === 'true' || stage.panes.length === 0) return false;
    const ends = stage.panes.map(({ runner, empty }) => {
      if (empty) return 'empty';
      if (runner?.failed) return 'failed';
      return runner !== null && !runner.pending && runner.reach === 1 ? 'picture' : '';
    });
    if (ends.includes('')) return false;
    const lines = [document.querySelector('.toast')?.textContent ?? ''];
    for (const { problem } of [lessons.first, ...lessons.others]) lines.push(problem);
    return { ends, lines: lines.filter((line) => line !== '') };
  });
  return (await handle.jsonValue()) as Outcome;
};

/** Pixels on which particles are seen, in each pane. */
const painted = (page: Page) =>
  page.evaluate(() => {
    const { stage } = globalThis.tributaryDemo;
    stage.repaint();
    const canvas = stage.canvas as HTMLCanvasElement;
    const copy = new OffscreenCanvas(canvas.width, canvas.height);
    const context = copy.getContext('2d', { willReadFrequently: true })!;
    context.drawImage(canvas, 0, 0);
    const scale = canvas.width / stage.element.clientWidth;
    return stage.boxes().map(({ x, y, width, height }) => {
      const [left, top, right, down] = [x, y, width, height].map((side) => Math.floor(side * scale));
      const { data } = context.getImageData(left, top, right, down);
      let pixels = 0;
      for (let i = 3; i < data.length; i += 4) if (data[i] > 10) pixels++;
      return pixels;
    });
  });

async function judge(page: Page, address: string): Promise<string> {
  const { ends = [], lines = [], view } = await outcome(page);
  if (view !== undefined) return view;
  for (const line of lines) expect(line, address).toMatch(/^[^\n]{1,400}$/);
  const pixels = ends.includes('picture') ? await painted(page) : [];
  ends.forEach((end, pane) => {
    // A picture, or else a line that says why there is none.
    if (end === 'picture' && pixels[pane] > 0) return;
    expect(lines.length, `${address}: pane ${pane} is ${end} and nothing is said`).toBeGreaterThan(0);
  });
  return ends.join();
}

export const walks = (open: OpenDemo) =>
  describe('addresses of all keys and values', () => {
    it('end in a picture or in one line, one after the other in one page', async () => {
      const { page, problems } = await open(`${SMALL}&data=8gaussians`);
      const seen = new Set<string>();
      for (const address of [...DEAD, ...addresses(often(10, 30), 2)]) {
        await page.evaluate((hash) => {
          document.querySelector('.toast')!.textContent = '';
          location.hash = hash;
        }, `${address}&${SMALL}`);
        seen.add(await judge(page, address));
      }
      expect(seen.size).toBeGreaterThan(2);
      // After all of them the page learns whatever is chosen.
      await page.evaluate((hash) => {
        location.hash = hash;
      }, `${SMALL}&data=8gaussians&family=ddpm`);
      await learned(page, 2);
      expect(await judge(page, 'the last')).toBe('picture');
      expect(problems).toEqual([]);
      await page.close();
    });

    it('end so where the page is opened at them, and a choice leads out', async () => {
      for (const address of [DEAD[1], DEAD[3], ...addresses(often(2, 6), 3)]) {
        const { page, problems } = await open(`${address}&${SMALL}`);
        await judge(page, address);
        await page.evaluate(() =>
          globalThis.tributaryDemo.store.set({
            ...{ view: 'flow', data: '8gaussians', family: 'flow-matching', sde: false, label: -1 },
            ...{ path: '', gamma: '', head: '', coupling: '', solver: 'heun', guidance: 1 },
          }),
        );
        await learned(page, 2);
        expect(await judge(page, `${address}, and out`)).toBe('picture');
        expect(problems).toEqual([]);
        await page.close();
      }
    });

    it('what nothing foresaw is said in one line, and what follows goes on', async () => {
      const { page } = await open(`${SMALL}&data=8gaussians`);
      await learned(page, 2);
      // As a script of the page's server: of one that a test runs a browser tells the page nothing.
      await page.setRequestInterception(true);
      const answered = (request: HTTPRequest) =>
        request.url().endsWith('/stray.js')
          ? request.respond({
              contentType: 'text/javascript',
              body: "Promise.reject(new Error('out of the blue'))",
            })
          : request.continue();
      page.on('request', answered);
      await page.addScriptTag({ url: '/stray.js' });
      await told(page, /^Something on this page went wrong: out of the blue\. Choose again, or reload/);
      // What workers fetch from here on is nobody's to hold up.
      page.off('request', answered);
      await page.setRequestInterception(false);
      await page.evaluate(() => {
        const { store } = globalThis.tributaryDemo;
        store.on(() => {
          throw new Error('one that follows fails');
        });
        store.set({ family: 'edm' });
      });
      await told(page, /^one that follows fails$/);
      await learned(page, 2);
      expect(await judge(page, 'edm')).toBe('picture');
      await page.close();
    });
  });
