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
          const axis = [...chart.querySelectorAll('text[text-anchor=middle]')].map((one) => one.textContent);
          return {
            axis,
            legend: [...chart.querySelectorAll('.legend li')].map((one) => one.textContent ?? ''),
            range: Math.max(...steps) / Math.min(...steps),
          };
        }),
      );
      expect(charts).toHaveLength(2);
      const [losses, excesses] = charts;
      expect(losses.axis).toEqual(excesses.axis);
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

    it('says what tells the models apart, and which one a button is for', async () => {
      const { page, problems } = await open(
        'view=compare&data=moons&family=stochastic-interpolant&path=trig&coupling=ot&solver=sde-heun&family2=stochastic-interpolant&family3=edm&hidden=16&hidden2=16&hidden3=16&train=2&train2=2&n=50&steps=2&play=0',
      );
      const titles = () => page.$$eval('.titles b', (list) => list.map((one) => one.textContent));
      await page.waitForFunction(() => document.querySelectorAll('.titles b').length === 3);
      expect(await titles()).toEqual([
        'A: stochastic-interpolant, 16 wide, path trig, coupling ot',
        'B: stochastic-interpolant, 16 wide',
        'C: edm, 16 wide',
      ]);
      // What not every family can.
      await page.evaluate(() =>
        globalThis.tributaryDemo.store.set({ family: 'edm', path: '', coupling: '', solver: 'edm-churn' }),
      );
      expect(await titles()).toEqual([
        'A: edm, 16 wide',
        'B: stochastic-interpolant, 16 wide, heun',
        'C: edm, 16 wide',
      ]);
      const words = () => page.$$eval('.learning h2, #reset', (list) => list.map((one) => one.textContent));
      expect(await words()).toEqual(['How model A learns', 'Start A over']);
      await page.locator('#view-flow').click();
      expect(await words()).toEqual(['How it learns', 'Start over']);
      expect(problems).toEqual([]);
      await page.close();
    });
  });
