/** What the page says it shows is what it shows: on a software adapter, which is late, and in time. */
import type { Page } from 'puppeteer';
import { describe, expect, it } from 'vitest';
import { until } from '../shared/until.js';
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

type Look = Awaited<ReturnType<typeof look>>;
type Picture = Look['picture'];

/** Whether the page has said all the while that the data's end of the present choice is seen. */
const isClaim = ({ before, after }: Look) =>
  [before, after].every(({ time, busy }) => time === 't = 1.00' && !busy);

/** Whether the adapter has moved the last model's particles to their end, in every pane. */
const onCard = (page: Page) =>
  page.evaluate(() =>
    globalThis.tributaryDemo.stage.panes.every(({ runner }) => {
      const { gpu } = runner as unknown as { gpu: { settled: boolean } };
      return runner!.kind === 'webgpu' && gpu.settled;
    }),
  );

/** Keeps the adapter late, as one that computes for long: what is seen stays as it is. @returns what lets it go */
async function heldLate(page: Page): Promise<() => Promise<void>> {
  const hold = (held: boolean) =>
    page.evaluate((is) => {
      for (const { runner } of globalThis.tributaryDemo.stage.panes)
        if (is) Object.defineProperty(runner, 'late', { value: true, configurable: true });
        else delete (runner as { late?: boolean }).late;
    }, held);
  await hold(true);
  return () => hold(false);
}

/** Milliseconds within which the page paints what it knows, or says that it has not. */
const PATIENCE = 500;

/** Waits until the processor has moved the last model's particles to their end, and they should be seen. */
async function onProcessor(page: Page) {
  await page.waitForFunction(() =>
    globalThis.tributaryDemo.stage.panes.every(
      ({ runner }) => (runner as unknown as { cpu: { settled: boolean } }).cpu.settled,
    ),
  );
  await new Promise((resolve) => setTimeout(resolve, PATIENCE));
  await framesPass(page);
}

const framesPass = (page: Page) =>
  page.evaluate(async () => {
    for (let i = 0; i < 3; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
  });

/** Mean difference of two pictures, of 255. */
const apart = (a: Picture, b: Picture) =>
  a.reduce((sum, colour, i) => sum + colour.reduce((own, part, k) => own + Math.abs(part - b[i][k]), 0), 0) /
  (3 * a.length);

export const honest = (open: OpenDemo) =>
  describe('what the page says it shows', () => {
    for (const sde of [0, 1]) {
      it(`is seen on a late software adapter, ${sde ? 'ODE beside SDE' : 'ODE'}`, async () => {
        const hash = `backend=webgpu&n=8000&hidden=16&steps=${sde ? 3 : 6}&solver=heun&data=moons&train=60&play=0&t=1&sde=${sde}`;
        const { page, problems } = await open(hash, { webgpu: true, width: 700, height: 460 });
        await learned(page, 60);
        for (const change of sde ? [{ seed: 3 }] : [{ seed: 3 }, { solver: 'midpoint' }]) {
          const release = await heldLate(page);
          await page.evaluate((state) => globalThis.tributaryDemo.store.set(state), change);
          await learned(page, 60);
          await onProcessor(page);
          expect(isClaim(await look(page)), 'what the adapter keeps from being seen').toBe(false);
          await release();
          await onProcessor(page);
          // From the processor's picture of the last model to the adapter's, which takes seconds.
          const looks: Look[] = [];
          await until(
            async () => {
              looks.push(await look(page));
              return (await onCard(page)) && looks.some(isClaim);
            },
            (done) => done,
            () => 'the adapter does not come to its end',
          );
          await arrived(page);
          // Painted as well.
          await framesPass(page);
          const settled = await look(page);
          expect(settled.before).toEqual({ time: 't = 1.00', busy: false, kind: 'webgpu' });
          const claims = looks.filter(isClaim);
          for (const { picture } of claims) expect(apart(picture, settled.picture)).toBeLessThan(1.5);
        }
        expect(problems).toEqual([]);
        await page.close();
      });
    }
  });
