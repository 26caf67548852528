/** The demo page for fingers and for large letters: sizes of targets, text that is widened, doubled, and reflowed. */
import type { Page } from 'puppeteer';
import { describe, expect, it } from 'vitest';
import { tooWide } from './access.js';
import { learned, type OpenDemo, particles } from './page.js';

const HASH = 'data=8gaussians&hidden=16&train=5&hidden2=16&train2=1&n=1000&steps=2&play=0';

/** Smallest target that WCAG 2.2 (2.5.8) allows, in CSS pixels; one that is smaller needs this much room around. */
const TARGET = 24;

/** What is smaller than it should be and has another target within the circle that would make up for that. */
const smallTargets = (page: Page): Promise<string[]> =>
  page.evaluate((least) => {
    const place = document.querySelector('dialog[open]') ?? document;
    const targets = [...place.querySelectorAll('button, input, select, summary, a, canvas.brush')]
      .filter((one) => one.checkVisibility() && !one.matches('.visually-hidden, .skip:not(:focus)'))
      .map((one) => ({ one, box: one.getBoundingClientRect() }));
    return targets
      .filter(({ one, box }) => {
        if (box.width >= least - 0.01 && box.height >= least - 0.01) return false;
        const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
        return targets.some(({ one: other, box: near }) => {
          if (other === one) return false;
          const [dx, dy] = [
            x - Math.min(near.right, Math.max(near.left, x)),
            y - Math.min(near.bottom, Math.max(near.top, y)),
          ];
          return Math.hypot(dx, dy) < least / 2;
        });
      })
      .map(({ one, box }) => `${one.outerHTML.slice(0, 60)} ${box.width} × ${box.height}`);
  }, TARGET);

/** Letters that are cut off, or that lie on other letters. */
const lost = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const place = document.querySelector('dialog[open]') ?? document;
    const shown = [...place.querySelectorAll<HTMLElement>('body *')].filter(
      (one) =>
        one.checkVisibility({ opacityProperty: true }) &&
        !one.closest('.visually-hidden, option, .skip, svg, .toast:not(.shown)') &&
        [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent!.trim() !== ''),
    );
    const clipped = shown
      .filter((one) => {
        const { overflowX, overflowY } = getComputedStyle(one);
        const wide = overflowX !== 'visible' && overflowX !== 'auto' && one.scrollWidth > one.clientWidth + 1;
        const high =
          overflowY !== 'visible' && overflowY !== 'auto' && one.scrollHeight > one.clientHeight + 1;
        return !one.matches('select, input') && (wide || high);
      })
      .map((one) => `cut off: ${one.outerHTML.slice(0, 80)}`);
    const boxes = shown.flatMap((one) => {
      const range = document.createRange();
      range.selectNodeContents(one);
      let { left, right, top, bottom } = range.getBoundingClientRect();
      // As much of it as what scrolls around it shows.
      for (let at = one as Element | null; at !== null; at = at.parentElement) {
        if (getComputedStyle(at).overflow === 'visible') continue;
        const box = at.getBoundingClientRect();
        [left, right] = [Math.max(left, box.left), Math.min(right, box.right)];
        [top, bottom] = [Math.max(top, box.top), Math.min(bottom, box.bottom)];
      }
      return one.matches('select, input') ? [] : [{ one, left, right, top, bottom }];
    });
    const words = (one: Element) => one.textContent!.slice(0, 40);
    const onto = boxes.flatMap((a, i) =>
      boxes
        .slice(i + 1)
        .filter(
          (b) =>
            !a.one.contains(b.one) &&
            !b.one.contains(a.one) &&
            Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 &&
            Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4 &&
            // What lies over all: on purpose, and it goes away.
            !a.one.closest('.toast') &&
            !b.one.closest('.toast, .pad'),
        )
        .map((b) => `“${words(a.one)}” lies on “${words(b.one)}”`),
    );
    return [...clipped, ...onto];
  });

/** Choices whose words are cut off: in the width that they would like to have there is more than there is room. */
const cutChoices = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('select')]
      .filter((one) => one.checkVisibility())
      .filter((one) => {
        const free = one.cloneNode(false) as HTMLSelectElement;
        free.append(new Option(one.selectedOptions[0]?.text ?? ''));
        free.style.cssText = 'position: absolute; visibility: hidden; width: auto';
        one.after(free);
        const wanted = free.offsetWidth;
        free.remove();
        return wanted > one.offsetWidth + 1;
      })
      .map((one) => `cut off: ${one.name} ${one.selectedOptions[0]?.text}`),
  );

/** How far the document scrolls beyond the window, and beyond everything that can be seen in it. */
const beyond = (page: Page): Promise<{ window: number; content: number }> =>
  page.evaluate(() => {
    const { scrollHeight } = document.documentElement;
    const bottoms = [...document.querySelectorAll('#app *')]
      .filter((one) => one.checkVisibility() && !one.closest('.visually-hidden'))
      .map((one) => {
        let { bottom } = one.getBoundingClientRect();
        // As much of it as what scrolls around it shows.
        for (let at = one.parentElement; at !== null && at !== document.body; at = at.parentElement)
          if (getComputedStyle(at).overflowY !== 'visible')
            bottom = Math.min(bottom, at.getBoundingClientRect().bottom);
        return bottom + scrollY;
      });
    return {
      window: scrollHeight - innerHeight,
      content: scrollHeight - Math.max(innerHeight, ...bottoms),
    };
  });

/** Calls for each view and dialog of a page. */
async function eachView(page: Page, look: (what: string) => Promise<void>): Promise<void> {
  await learned(page, 5);
  await particles(page);
  await page.$$eval('details', (all) => {
    for (const one of all) one.open = true;
  });
  await page.evaluate(() => globalThis.tributaryDemo.store.set({ sde: true, n: 0 }));
  await look('flow');
  await page.evaluate(() =>
    globalThis.tributaryDemo.store.set({ view: 'compare', family3: 'edm', family4: 'ddpm' }),
  );
  await page.waitForFunction(() => document.querySelectorAll('.compare .metrics thead th').length === 6);
  await look('compare');
  await page.evaluate(() => globalThis.tributaryDemo.store.set({ view: 'quiz' }));
  await (await page.waitForSelector('#guess-a'))!.click();
  await look('quiz');
  await page.evaluate(() => globalThis.tributaryDemo.store.set({ view: 'verify' }));
  await page.waitForSelector('#verify');
  await look('verify');
  await page.evaluate(() => globalThis.tributaryDemo.store.set({ view: 'flow' }));
  for (const id of ['draw', 'get-code']) {
    await page.$eval(`#${id}`, (button) => (button as HTMLElement).click());
    await page.waitForSelector('dialog[open]');
    await look(id);
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => document.querySelector('dialog') === null);
  }
}

const PHONE = [390, 844] as const;
const NARROW = [320, 640] as const;
const ON_ITS_SIDE = [844, 390] as const;
const DESKTOP = [1200, 760] as const;
const LOW = [1200, 500] as const;

export const sizes = (open: OpenDemo) =>
  describe('sizes', () => {
    it('has targets for fingers, and no letter on another, at every width', async () => {
      const { page, problems } = await open(HASH);
      const found: string[] = [];
      await eachView(page, async (what) => {
        for (const [width, height] of [DESKTOP, PHONE, NARROW, ON_ITS_SIDE]) {
          await page.setViewport({ width, height });
          const some = [
            ...(await tooWide(page)),
            ...(await smallTargets(page)),
            ...(await lost(page)),
            ...(await cutChoices(page)),
          ];
          found.push(...some.map((text) => `${what} at ${width}: ${text}`));
        }
      });
      expect(found).toEqual([]);
      expect(problems).toEqual([]);
      await page.close();
    });

    it('does not scroll into emptiness', async () => {
      const { page, problems } = await open(HASH);
      const found: string[] = [];
      await eachView(page, async (what) => {
        for (const [width, height] of [DESKTOP, LOW, PHONE, NARROW, ON_ITS_SIDE]) {
          await page.setViewport({ width, height });
          const { window, content } = await beyond(page);
          // What is wider than a phone scrolls inside.
          if (width > 800 && window !== 0) found.push(`${what} at ${width} × ${height}: by ${window}`);
          if (content > 1) found.push(`${what} at ${width} × ${height}: ${content} beyond what it holds`);
        }
      });
      expect(found).toEqual([]);
      expect(problems).toEqual([]);
      await page.close();
    });

    it('loses nothing with letters of twice the size, or with more room between them', async () => {
      const { page, problems } = await open(HASH);
      const client = await page.createCDPSession();
      const found: string[] = [];
      const spaced = async (on: boolean) =>
        page.evaluate((wanted) => {
          document.getElementById('spacing')?.remove();
          if (!wanted) return;
          const style = document.createElement('style');
          style.id = 'spacing';
          // WCAG 1.4.12.
          style.textContent =
            '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-bottom: 2em !important }';
          document.head.append(style);
        }, on);
      await eachView(page, async (what) => {
        for (const [width, height] of [DESKTOP, PHONE]) {
          await page.setViewport({ width, height });
          await spaced(true);
          const wider = [...(await tooWide(page)), ...(await lost(page))];
          await spaced(false);
          found.push(...wider.map((text) => `${what} at ${width}, spaced: ${text}`));
          // The browser's own setting: letters of 32 rather than 16 pixels.
          await client.send('Page.setFontSizes', { fontSizes: { standard: 32, fixed: 26 } });
          const larger = [...(await tooWide(page)), ...(await lost(page))];
          const size = await page.$eval('h2', (element) =>
            Number.parseFloat(getComputedStyle(element).fontSize),
          );
          expect(size).toBeGreaterThan(30);
          await client.send('Page.setFontSizes', { fontSizes: { standard: 16, fixed: 13 } });
          found.push(...larger.map((text) => `${what} at ${width}, twice: ${text}`));
        }
      });
      expect(found).toEqual([]);
      expect(problems).toEqual([]);
      await page.close();
    });

    it('leaves the particles room on every screen', async () => {
      const { page } = await open(HASH);
      await particles(page);
      for (const [[width, height], least] of [
        [DESKTOP, 500],
        [PHONE, 340],
        [NARROW, 270],
        [ON_ITS_SIDE, 180],
        [[667, 375], 270],
      ] as const) {
        await page.setViewport({ width, height });
        const box = (await (await page.$('.stage'))!.boundingBox())!;
        expect(box.height, `height at ${width} × ${height}`).toBeGreaterThan(least);
        expect(box.width, `width at ${width} × ${height}`).toBeGreaterThan(Math.min(300, width * 0.5));
      }
      await page.close();
    });
  });
