/** The demo page's quiz: who is right, whether the metrics say so, and what is seen of it. */
import type { Page } from 'puppeteer';
import { describe, expect, it } from 'vitest';
import type { OpenDemo } from './page.js';

const ROUNDS = 4;

/** What an answered pair shows. */
const answered = (page: Page) =>
  page.evaluate(() => {
    const texts = (selector: string) =>
      [...document.querySelectorAll(selector)].map((one) => one.textContent ?? '');
    const rows = [...document.querySelectorAll('.verdict tbody tr')].map((row) => [...row.children]);
    const deciding = rows.find((cells) => cells.some((cell) => cell.classList.contains('best')))!;
    return {
      question: texts('.page > .note')[0],
      answer: texts('.answer')[0],
      explanation: texts('.verdict > p')[0],
      legend: texts('.legend li'),
      captions: texts('.verdict figcaption'),
      best: deciding.findIndex((cell) => cell.classList.contains('best')),
      deciding: deciding.slice(1).map((cell) => (cell.textContent ?? '').split('/').map(Number.parseFloat)),
      scales: [...document.querySelectorAll('.verdict svg')].map((one) => one.getAttribute('viewBox')),
      dots: [...document.querySelectorAll('.verdict svg path')].map(
        (one) => one.getAttribute('d')!.split('M').length - 1,
      ),
    };
  });

export const quiz = (open: OpenDemo) =>
  describe('the quiz', () => {
    it('has both letters as right answers, and its verdicts, texts and charts agree', async () => {
      const { page, problems } = await open('view=quiz&hidden=16&train=1&n=100&steps=1&play=0');
      const right: string[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        await (await page.waitForSelector('#guess-a:not(:disabled)'))!.click();
        await page.waitForSelector('.verdict');
        const seen = await answered(page);
        const { question, answer, explanation, best, deciding } = seen;
        expect(question).toMatch(new RegExp(`^Pair ${round + 1} of ${ROUNDS}\\. .* A .*, B `));
        const [, verdict, letter] = /^(Right|No): ([AB]) is the better model\. /.exec(answer) ?? [];
        expect(verdict).toBe(letter === 'A' ? 'Right' : 'No');
        right.push(letter);
        expect(answer).toContain(`${right.filter((one) => one === 'A').length} of ${round + 1} so far`);
        // The marked metric, in units of what perfect samples score, is what the verdict says.
        const [[a], [b], floors] = deciding;
        const [floorA, floorB] = floors.map((floor) => Math.max(floor, 0.1));
        const better = a / floorA < b / (floorB ?? floorA) ? 'A' : 'B';
        expect(better, explanation).toBe(letter);
        expect('AB'[best - 1]).toBe(letter);
        // The legend's numbers are the text's, each with its letter.
        expect(seen.legend).toHaveLength(2);
        for (const text of seen.legend) {
          const [, name, loss] = /^([AB]): ([\d.]+) over its last 200 steps$/.exec(text) ?? [];
          expect(explanation).toMatch(
            new RegExp(`${name}’s (loss |curve |)(ends )?at ${loss.replace('.', '\\.')}[, :]`),
          );
        }
        expect(seen.captions.map((text) => text[0])).toEqual(['A', 'B']);
        // All that were judged, on one scale.
        expect(seen.dots).toEqual([1000, 1000]);
        expect(new Set(seen.scales).size).toBe(1);
        await page.locator('#next').click();
      }
      expect(new Set(right)).toEqual(new Set(['A', 'B']));
      expect(problems).toEqual([]);
      await page.close();
    });

    it('follows the theme, and keeps its score while other views are looked at', async () => {
      const { page, problems } = await open('view=quiz&hidden=16&train=1&n=100&steps=1&play=0');
      const answer = () => page.$eval('.answer', (element) => element.textContent);
      await (await page.waitForSelector('#guess-b'))!.click();
      await page.waitForSelector('.verdict svg');
      const ink = () => page.$eval('.verdict svg path', (path) => getComputedStyle(path).stroke);
      const dark = await ink();
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'light' }]);
      expect(await ink()).not.toBe(dark);
      await page.locator('#next').click();
      await (await page.waitForSelector('#guess-a:not(:disabled)'))!.click();
      const before = await answer();
      expect(before).toMatch(/ of 2 so far\.$/);
      await page.locator('#view-verify').click();
      await page.waitForSelector('#bench');
      await page.locator('#view-quiz').click();
      await page.waitForSelector('.verdict');
      expect(await answer()).toBe(before);
      expect(await page.$eval('.page > .note', (element) => element.textContent)).toMatch(/^Pair 2 of 4/);
      expect(await page.$$eval('#guess-a:disabled, #guess-b:disabled', (all) => all.length)).toBe(2);
      // Begun again, nothing is left of it.
      for (let round = 2; round < ROUNDS; round++) {
        await page.locator('#next').click();
        await (await page.waitForSelector('#guess-a:not(:disabled)'))!.click();
      }
      await page.locator('#next').click();
      await (await page.waitForSelector('#guess-a:not(:disabled)'))!.click();
      expect(await answer()).toMatch(/ of 1 so far\.$/);
      expect(problems).toEqual([]);
      await page.close();
    });
  });
