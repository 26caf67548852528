/** The demo page for everyone: axe on each view and dialog, at each size, dark and light. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'puppeteer';
import { describe, expect, it } from 'vitest';
import type { State } from '../../demo/src/state.js';
import { WHOLE } from '../shared/walks.js';
import { learned, type OpenDemo, particles } from './page.js';

/** Run in the page, before {@link walk}. */
export const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** What another size, or the other theme, can change. */
const SIZE_RULES = ['color-contrast', 'target-size', 'scrollable-region-focusable'];
const COLOUR_RULES = ['color-contrast'];

/** Desktop, phone, the narrowest that WCAG asks to reflow at, and a phone on its side. */
const SIZES = [
  [1200, 760],
  [390, 844],
  [320, 640],
  [844, 390],
] as const;

const set = (page: Page, change: Partial<State>) =>
  page.evaluate((state) => globalThis.tributaryDemo.store.set(state), change);

async function findings(page: Page, options: string): Promise<string[]> {
  const { violations } = (await page.evaluate(`axe.run(${options})`)) as AxeResults;
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`,
  );
}

/** What must be scrolled sideways, once charts have followed the width. */
export const tooWide = (page: Page) =>
  page.evaluate(async () => {
    for (let i = 0; i < 3; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
    return [document.documentElement, ...document.querySelectorAll('aside, .page, dialog, .hints, .timebar')]
      .filter((element) => element.scrollWidth > element.clientWidth + 1)
      .map((element) => `${element.tagName}.${element.className} is ${element.scrollWidth} pixels wide`);
  });

/** Every finding in what is shown now, at all sizes in the dark, and in the light at all or at the usual two. */
export async function walk(page: Page, what: string): Promise<string[]> {
  const found: string[] = [];
  for (const [width, height] of SIZES) {
    await page.setViewport({ width, height });
    found.push(...(await tooWide(page)).map((text) => `${what} at ${width}: ${text}`));
    const isUsual = width === 1200 || width === 390;
    for (const value of WHOLE || isUsual ? ['dark', 'light'] : ['dark']) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value }]);
      const some = width === 1200 ? null : SIZE_RULES;
      const rules = value === 'light' ? COLOUR_RULES : some;
      const run = rules === null ? { runOnly: TAGS } : { runOnly: { type: 'rule', values: rules } };
      const options = JSON.stringify({ ...run, resultTypes: ['violations'] });
      found.push(...(await findings(page, options)).map((text) => `${what} at ${width}, ${value}: ${text}`));
    }
  }
  return found;
}

export const access = (open: OpenDemo) =>
  describe('axe finds nothing, wide and narrow, dark and light', () => {
    it('beside the particles: first visit, overlays, two solvers, two and four models', async () => {
      const { page, problems } = await open(
        'hidden=16&train=12&hidden2=16&train2=1&n=1000&steps=4&play=0&data=8gaussians',
      );
      await learned(page, 12);
      await particles(page);
      await page.evaluate(axe);
      const found: string[] = [];
      await page.$$eval('details', (all) => {
        for (const one of all) one.open = true;
      });
      // An address that says too much is answered by a message.
      await page.evaluate(() => {
        location.hash += '&nonsense=1';
      });
      await page.waitForSelector('.toast.shown');
      await set(page, { truth: true, points: true, field: 'arrows', trails: true });
      found.push(...(await walk(page, 'first visit')));
      await set(page, { sde: true, colour: 'speed' });
      await page.waitForFunction(() => globalThis.tributaryDemo.stage.panes.length === 2);
      found.push(...(await walk(page, 'ODE and SDE')));
      await set(page, { view: 'compare', hidden2: 16, train2: 1 });
      await page.waitForFunction(() => globalThis.tributaryDemo.other?.step === 1);
      found.push(...(await walk(page, 'two models')));
      await set(page, { family3: 'edm', family4: 'ddpm' });
      await page.waitForFunction(() => document.querySelectorAll('.compare .metrics thead th').length === 6);
      found.push(...(await walk(page, 'four models')));
      expect(found).toEqual([]);
      expect(problems).toEqual([]);
      await page.close();
    });

    it('in the quiz, in both dialogs, and where a card is verified', async () => {
      const { page, problems } = await open(
        'view=quiz&data=8gaussians&hidden=16&train=5&n=1000&steps=4&play=0',
      );
      await page.waitForSelector('#guess-a');
      await page.evaluate(axe);
      const found = await walk(page, 'quiz');
      await page.locator('#guess-a').click();
      await page.waitForSelector('.verdict');
      found.push(...(await walk(page, 'answer')));
      await page.locator('#view-verify').click();
      await page.waitForSelector('#verify');
      found.push(...(await walk(page, 'verify')));
      await page.locator('#view-flow').click();
      await learned(page, 5);
      // What comes with it moves what lies under it.
      await page.waitForSelector('.learning .metrics tbody tr');
      await page.locator('#draw').click();
      await page.waitForSelector('dialog.drawing[open]');
      await page.locator('#brush-done').click();
      await page.waitForSelector('dialog .toast.shown');
      found.push(...(await walk(page, 'brush')));
      await page.keyboard.press('Escape');
      await page.waitForFunction(() => document.querySelector('dialog') === null);
      await page.locator('#get-code').click();
      await page.waitForSelector('dialog.code[open]');
      found.push(...(await walk(page, 'code')));
      expect(found).toEqual([]);
      expect(problems).toEqual([]);
      await page.close();
    });

    it('in the table of a card that is being verified', async () => {
      const { page, problems } = await open('view=verify&backend=cpu', { webgpu: true });
      await page.locator('#verify').click();
      await page.waitForFunction(() => document.querySelectorAll('.checks tbody tr').length > 2);
      await page.evaluate(axe);
      expect(await walk(page, 'verified')).toEqual([]);
      expect(problems).toEqual([]);
      await page.close();
    });
  });
