/** The demo page's comparison: curves of families whose numbers lie far apart. */
import { describe, expect, it } from 'vitest';
import type { OpenDemo } from './page.js';

export const compare = (open: OpenDemo) =>
  describe('the comparison', () => {
    it('keeps the losses readable beside an excess a hundred times as large', async () => {
      const { page, problems } = await open(
        'view=compare&data=moons&family2=ddpm&family3=score-sde-ve&hidden=16&train=60&train2=60&n=100&steps=2&play=0',
      );
      await page.waitForFunction(() => {
        const { first, others } = globalThis.tributaryDemo.lessons;
        const all = [first, ...others];
        return all.length === 3 && all.every(({ history, running }) => history.excess.length > 0 && !running);
      });
      await page.waitForFunction(
        () => document.querySelectorAll('.compare .chart')[1]?.querySelectorAll('.plot path').length === 3,
      );
      const charts = await page.$$eval('.compare .chart', (list) =>
        list.map((chart) => {
          const steps = [...chart.querySelectorAll('text[text-anchor=end]')].map((one) =>
            Number(one.textContent),
          );
          return {
            legend: [...chart.querySelectorAll('.legend li')].map((one) => one.textContent ?? ''),
            range: Math.max(...steps) / Math.min(...steps),
          };
        }),
      );
      expect(charts).toHaveLength(2);
      const [losses, excesses] = charts;
      for (const { legend } of charts) expect(legend.map((text) => text[0])).toEqual(['A', 'B', 'C']);
      const last = (text: string) => Number(text.slice(2));
      // Without these there would be nothing to tell apart.
      expect(Math.max(...excesses.legend.map(last)) / Math.min(...losses.legend.map(last))).toBeGreaterThan(
        30,
      );
      expect(losses.range).toBeLessThanOrEqual(20);
      expect(problems).toEqual([]);
      await page.close();
    });
  });
