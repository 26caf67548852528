/** What the browser keeps of a model that learns, and what happens where it keeps nothing, or something broken. */
import { describe, expect, it } from 'vitest';
import { until } from '../shared/until.js';
import { told } from './files.js';
import { digest, idle, kept, reload, spoil, steps } from './kept.js';
import { learned, type OpenDemo } from './page.js';

const LEARN = 'data=8gaussians&hidden=16&n=200&steps=3&play=0';

export const restore = (open: OpenDemo) =>
  describe('what the browser keeps', () => {
    it('a reload in the middle goes on, and ends with the bits of a run that nobody interrupted', async () => {
      const { page, problems } = await open(`${LEARN}&train=100000`);
      await page.waitForFunction(() => globalThis.tributaryDemo.lesson.step > 20);
      const there = await until(
        () => kept(page),
        (runs) => runs.length > 0,
        () => 'nothing is kept',
      );
      await reload(page);
      await page.waitForFunction((step) => globalThis.tributaryDemo.lesson.step >= step, {}, there[0].step);
      await page.locator('#train').click();
      await page.waitForFunction(() => !globalThis.tributaryDemo.lesson.running);
      await idle(page);
      const { step, losses } = await page.evaluate(() => {
        const { step, history } = globalThis.tributaryDemo.lesson;
        return { step, losses: history.loss.map(([at]) => at) };
      });
      // Each step once, from the first on, as far as none has been thinned out.
      expect(losses[0]).toBe(1);
      expect(new Set(losses).size).toBe(losses.length);
      expect(losses).toEqual([...losses].sort((a, b) => a - b));
      const whole = await open(`${LEARN}&train=${step}`);
      await learned(whole.page, step);
      expect(await digest(whole.page)).toBe(await digest(page));
      expect([...problems, ...whole.problems]).toEqual([]);
      await whole.page.close();
      await page.close();
    });

    it.each([
      ['no IndexedDB', 'indexedDB.open = () => { throw new DOMException("blocked", "SecurityError"); };'],
      [
        'a full disk',
        'IDBObjectStore.prototype.put = () => { throw new DOMException("full", "QuotaExceededError"); };',
      ],
    ])('with %s it says one line and goes on', async (_, script) => {
      const { page, problems } = await open(`${LEARN}&train=30&view=quiz`);
      await page.evaluateOnNewDocument(script);
      await reload(page);
      await told(page, /^This browser keeps no models, or its storage is full: a reload begins again\.$/);
      await learned(page, 30);
      expect(problems).toEqual([]);
      await page.close();
    });

    it('what is broken, or of another version, is forgotten: the model is learned again', async () => {
      const { page, problems } = await open(`${LEARN}&train=25`);
      await learned(page, 25);
      await idle(page);
      const model = await digest(page);
      for (const change of [
        (entry: Record<string, unknown>) => ({ ...entry, bytes: (entry.bytes as Uint8Array).slice(0, -8) }),
        (entry: Record<string, unknown>) => ({ ...entry, history: { loss: null } }),
        ({ step, bytes }: Record<string, unknown>) => ({ step, bytes }),
      ]) {
        await page.waitForFunction(() => globalThis.tributaryDemo.lesson.history.evaluation !== null);
        await until(
          () => kept(page),
          (runs) => runs.length > 0,
          () => 'nothing is kept',
        );
        await spoil(page, change);
        await reload(page);
        await told(page, /^What this browser had kept of this model is broken or of another version/);
        await learned(page, 25);
        expect(await page.evaluate(() => globalThis.tributaryDemo.lesson.history.loss.length)).toBe(25);
        expect(await digest(page)).toBe(model);
        await idle(page);
      }
      await reload(page);
      await page.waitForFunction(() => globalThis.tributaryDemo.lesson.bytes !== null);
      expect(await digest(page)).toBe(model);
      expect(problems).toEqual([]);
      await page.close();
    });

    it('two tabs at once: both learn, and both are kept', async () => {
      const { page, problems } = await open(`${LEARN}&train=40`);
      const second = await page.browserContext().newPage();
      second.on('pageerror', (error) => problems.push(String(error)));
      await second.goto(page.url().replace('train=40', 'train=90'));
      await learned(second, 90);
      await idle(second);
      await page.bringToFront();
      await learned(page, 40);
      await idle(page);
      await page.waitForFunction(() => !globalThis.tributaryDemo.lesson.running);
      await steps(page, [40, 90]);
      expect(problems).toEqual([]);
      await second.close();
      await page.close();
    });
  });
