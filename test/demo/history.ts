/** The browser's Back and Forward between the demo page's views. */
import type { Page } from 'puppeteer';
import { describe, expect, it } from 'vitest';
import { learned, type OpenDemo } from './page.js';

const shown = (page: Page, view: string) =>
  page.waitForFunction(
    (wanted) =>
      globalThis.tributaryDemo.store.state.view === wanted &&
      document.querySelector(`#view-${wanted}`)?.getAttribute('aria-current') === 'page',
    {},
    view,
  );

const now = (page: Page) =>
  page.evaluate(() => {
    const { lesson, store } = globalThis.tributaryDemo;
    return {
      ...{ data: store.state.data, steps: store.state.steps, length: history.length },
      ...{ same: lesson.bytes === (globalThis as { kept?: unknown }).kept, step: lesson.step },
      hash: location.hash,
    };
  });

export const histories = (open: OpenDemo) =>
  describe('back and forth', () => {
    it('goes through the views that were looked at, and nothing begins again', async () => {
      const { page, problems } = await open(
        'data=moons&hidden=16&hidden2=16&train=30&train2=5&n=200&steps=3&play=0',
      );
      await learned(page, 30);
      await page.waitForFunction(() => globalThis.tributaryDemo.lesson.history.evaluation !== null);
      await page.evaluate(() => Object.assign(globalThis, { kept: globalThis.tributaryDemo.lesson.bytes }));
      const { length } = await now(page);
      for (const view of ['compare', 'quiz', 'verify']) {
        await page.locator(`#view-${view}`).click();
        await shown(page, view);
      }
      // A view that is there already, and other choices, are no steps.
      await page.locator('#view-verify').click();
      await page.evaluate(() => globalThis.tributaryDemo.store.set({ steps: 7 }));
      await page.waitForFunction(() => location.hash.includes('steps=7'));
      expect((await now(page)).length).toBe(length + 3);
      for (const view of ['quiz', 'compare', 'flow']) {
        await page.goBack();
        await shown(page, view);
        const seen = await now(page);
        // The choices of today in the view of then, in the address too.
        expect(seen).toMatchObject({ data: 'moons', steps: 7, same: true, step: 30, length: length + 3 });
        expect(seen.hash).toContain('steps=7');
        expect(seen.hash.includes('view=')).toBe(view !== 'flow');
      }
      for (const view of ['compare', 'quiz', 'verify']) {
        await page.goForward();
        await shown(page, view);
      }
      expect(await now(page)).toMatchObject({ same: true, step: 30 });
      // At once, before any address is written by the way.
      await page.evaluate(() => {
        globalThis.tributaryDemo.store.set({ view: 'flow' });
        history.back();
      });
      await shown(page, 'verify');
      await page.goForward();
      await shown(page, 'flow');
      expect(problems).toEqual([]);
      await page.close();
    });

    it('out of a reloaded page too', async () => {
      const { page, problems } = await open('data=moons&hidden=16&train=5&n=100&steps=2&play=0');
      await page.locator('#view-quiz').click();
      await shown(page, 'quiz');
      await page.reload();
      await page.waitForFunction(() => globalThis.tributaryDemo?.machine != null);
      await page.goBack();
      await shown(page, 'flow');
      expect(await page.evaluate(() => globalThis.tributaryDemo.store.state.data)).toBe('moons');
      expect(problems).toEqual([]);
      await page.close();
    });
  });
