/** What the page says it shows is what it shows: on a software adapter, which is late, and in time. */
import type { Page } from 'puppeteer';
import { describe, expect, it } from 'vitest';
import { pixels } from './contrast.js';
import { arrived, learned, type OpenDemo } from './page.js';

/** What the page says, and the particles' picture. */
async function look(page: Page) {
  const says = () =>
    page.evaluate(() => {
      const { stage } = globalThis.tributaryDemo;
      return {
        time: document.querySelector('.timebar output')!.textContent,
        busy: stage.element.ariaBusy === 'true',
        kind: stage.panes.at(-1)!.runner!.kind,
      };
    });
  const before = await says();
  const picture = await pixels(page, '.stage');
  return { before, after: await says(), picture };
}

type Picture = Awaited<ReturnType<typeof pixels>>;

/** Mean difference of two pictures, of 255. */
const apart = (a: Picture, b: Picture) =>
  a.reduce((sum, colour, i) => sum + colour.reduce((own, part, k) => own + Math.abs(part - b[i][k]), 0), 0) /
  (3 * a.length);

export const honest = (open: OpenDemo) =>
  describe('what the page says it shows', () => {
    for (const sde of [0, 1]) {
      it(`is seen on a late software adapter, ${sde ? 'ODE beside SDE' : 'ODE'}`, {
        timeout: 240_000,
      }, async () => {
        const hash = `backend=webgpu&n=20000&hidden=16&steps=${sde ? 3 : 6}&solver=heun&data=moons&train=300&play=0&t=1&sde=${sde}`;
        const { page, problems } = await open(hash, { webgpu: true, width: 700, height: 460 });
        const onCard = () =>
          page.waitForFunction(
            () => globalThis.tributaryDemo.stage.panes.every(({ runner }) => runner!.kind === 'webgpu'),
            { timeout: 90_000 },
          );
        await learned(page, 300);
        await onCard();
        for (const change of sde ? [{ seed: 3 }] : [{ seed: 3 }, { solver: 'midpoint' }]) {
          await page.evaluate((state) => globalThis.tributaryDemo.store.set(state), change);
          await new Promise((resolve) => setTimeout(resolve, 500));
          await learned(page, 300);
          await new Promise((resolve) => setTimeout(resolve, 1000));
          // For as long as the adapter takes for a trajectory of an untrained model and one of the last.
          const looks = [];
          for (const end = Date.now() + 20_000; Date.now() < end; ) {
            looks.push(await look(page));
            await new Promise((resolve) => setTimeout(resolve, 400));
          }
          await onCard();
          await arrived(page);
          const settled = await look(page);
          expect(settled.before).toEqual({ time: 't = 1.00', busy: false, kind: 'webgpu' });
          const claims = looks.filter(({ before, after }) =>
            [before, after].every(({ time, busy }) => time === 't = 1.00' && !busy),
          );
          expect(claims.length, JSON.stringify(change)).toBeGreaterThan(0);
          for (const { picture } of claims) expect(apart(picture, settled.picture)).toBeLessThan(1.5);
        }
        expect(problems).toEqual([]);
        await page.close();
      });
    }
  });
