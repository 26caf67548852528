/** The demo page for everyone: axe on each view, narrow and wide, dark and light. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { describe, expect, it } from 'vitest';
import { type OpenDemo, particles } from './page.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export const access = (open: OpenDemo) =>
  describe('axe finds nothing', () => {
    it.each([
      ['flow', 1200, 'dark'],
      ['flow', 390, 'light'],
      ['compare', 390, 'dark'],
      ['quiz', 1200, 'light'],
      ['verify', 390, 'light'],
      ['flow', 360, 'dark', '#draw'],
      ['flow', 360, 'light', '#get-code'],
    ] as [string, number, 'dark' | 'light', string?][])(
      'in the %s view at %i pixels, %s, after %s',
      async (view, width, scheme, press) => {
        const { page, problems } = await open(`view=${view}&n=1000&steps=4&hidden2=48&train2=1`, {
          width,
          scheme,
        });
        if (view === 'flow' || view === 'compare') await particles(page);
        if (view === 'quiz') {
          await (await page.waitForSelector('#guess-a'))!.click();
          await page.waitForSelector('.verdict');
        }
        if (view === 'verify') await page.waitForSelector('#verify');
        if (press) {
          await page.waitForFunction(() => globalThis.tributaryDemo.lesson.config !== null);
          await page.locator(press).click();
          await page.waitForSelector('dialog[open]');
        }
        await page.evaluate(axe);
        const { violations } = (await page.evaluate(
          `axe.run({ runOnly: ${JSON.stringify(RULES)} })`,
        )) as AxeResults;
        expect(
          violations.map(
            ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`,
          ),
        ).toEqual([]);
        expect(
          await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
        ).toBeLessThanOrEqual(0);
        expect(problems).toEqual([]);
        await page.close();
      },
    );
  });
