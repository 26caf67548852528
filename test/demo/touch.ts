/** The demo page on a phone: fingers on the stage move it, and do not keep the page from scrolling. */
import type { CDPSession, Page } from 'puppeteer';
import { describe, expect, it } from 'vitest';
import { pause, until } from '../shared/until.js';
import { learned, type OpenDemo, particles } from './page.js';

type Finger = readonly [number, number];

const PAUSE_MS = 20;

/** Fingers that go down together, along straight lines, and up. */
async function gesture(client: CDPSession, from: readonly Finger[], to: readonly Finger[], steps = 10) {
  const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', share: number | null) =>
    client.send('Input.dispatchTouchEvent', {
      type,
      touchPoints:
        share === null
          ? []
          : from.map(([x, y], id) => ({
              ...{ id, x: x + (to[id][0] - x) * share, y: y + (to[id][1] - y) * share },
            })),
    });
  await send('touchStart', 0);
  for (let i = 1; i <= steps; i++) {
    await send('touchMove', i / steps);
    await pause(PAUSE_MS);
  }
  // Held still: a finger that leaves while it moves flings, and the next tap only ends that.
  await pause(5 * PAUSE_MS);
  if (steps > 1) await send('touchMove', 1);
  await send('touchEnd', null);
}

const sight = (page: Page) =>
  page.evaluate(() => {
    const { view } = globalThis.tributaryDemo.stage;
    const { scrollY: scrolled, visualViewport } = window;
    return { x: view.center[0], y: view.center[1], span: view.span, scrolled, zoom: visualViewport!.scale };
  });

/** Waits until nothing that a finger has moved moves on. */
async function settled(page: Page): Promise<void> {
  let before = '';
  await until(
    async () => {
      await pause(150);
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
      return JSON.stringify(await sight(page));
    },
    (now) => {
      const same = now === before;
      before = now;
      return same;
    },
    (now) => `the page moves on and on: ${now}`,
  );
}

export const touch = (open: OpenDemo) =>
  describe('on a phone', () => {
    it('scrolls the page with one finger, and moves and zooms the particles sideways and with two', async () => {
      const { page, problems } = await open('data=8gaussians&hidden=16&train=5&n=1000&steps=2&play=0', {
        width: 390,
      });
      await page.setViewport({ width: 390, height: 844, hasTouch: true, isMobile: true });
      await page.waitForFunction(() => globalThis.tributaryDemo?.machine != null);
      await learned(page, 5);
      await particles(page);
      const client = await page.createCDPSession();
      const box = (await (await page.$('.stage'))!.boundingBox())!;
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      const home = await sight(page);

      // Up and down belong to the page.
      await gesture(client, [[x, y]], [[x, y - 150]]);
      await settled(page);
      const scrolled = await sight(page);
      expect(scrolled.scrolled).toBeGreaterThan(80);
      expect({ ...scrolled, scrolled: 0 }).toEqual(home);
      await page.evaluate(() => scrollTo(0, 0));
      await settled(page);

      // Sideways, and then wherever it goes, to the particles.
      await gesture(client, [[x, y]], [[x - 100, y]]);
      const moved = await sight(page);
      expect(moved.x).toBeGreaterThan(0.1 * home.span);
      expect(moved).toMatchObject({ scrolled: 0, span: home.span });

      // Two fingers that part: twice as near, and not the page.
      const apart = [
        [x - 40, y - 40],
        [x + 40, y + 40],
      ] as const;
      const further = [
        [x - 80, y - 80],
        [x + 80, y + 80],
      ] as const;
      await gesture(client, apart, further);
      const near = await sight(page);
      expect(near.span / moved.span).toBeCloseTo(0.5, 1);
      expect(near).toMatchObject({ scrolled: 0, zoom: 1 });
      await gesture(client, further, apart);
      expect((await sight(page)).span / moved.span).toBeCloseTo(1, 1);
      // Two fingers beside each other move it up.
      const before = await sight(page);
      const side = [
        [x - 40, y],
        [x + 40, y],
      ] as const;
      await gesture(
        client,
        side,
        side.map(([a, b]) => [a, b + 90] as const),
      );
      const up = await sight(page);
      expect(up.y).toBeGreaterThan(before.y + 0.1 * before.span);
      expect(up.scrolled).toBe(0);

      // Two taps show everything.
      for (let i = 0; i < 2; i++) await gesture(client, [[x, y]], [[x, y]], 1);
      await page.waitForFunction(() => globalThis.tributaryDemo.store.state.span === 0);
      expect(await sight(page)).toEqual(home);

      // One finger, no gesture: a button for each of them.
      await page.tap('.pad summary');
      const tap = async (label: string) => {
        await page.tap(`.pad button[aria-label^="${label}"]`);
        return sight(page);
      };
      expect((await tap('Zoom in')).span).toBeLessThan(home.span);
      expect((await tap('Left')).x).toBeLessThan(0);
      expect((await tap('Up')).y).toBeGreaterThan(0);
      expect(await tap('All')).toEqual(home);
      expect((await tap('Right')).x).toBeGreaterThan(0);
      expect((await tap('Down')).y).toBeLessThan(0);
      expect((await tap('Zoom out')).span).toBeGreaterThan(home.span);
      await page.tap('.pad summary');

      // Time, and play.
      await page.tap('#play');
      await page.waitForFunction(() => globalThis.tributaryDemo.stage.playing);
      const slider = (await (await page.$('#time'))!.boundingBox())!;
      await page.touchscreen.tap(slider.x + 0.25 * slider.width, slider.y + slider.height / 2);
      const { t, play } = await page.evaluate(() => globalThis.tributaryDemo.store.state);
      expect(t).toBeCloseTo(0.25, 1);
      expect(play).toBe(false);

      // A tap on the drawing is a dot, a finger along it a line, and the dialog stays where it is.
      await page.tap('.hints button:nth-child(2)');
      const area = (await (await page.waitForSelector('canvas.brush'))!.boundingBox())!;
      await gesture(client, [[area.x + 60, area.y + 60]], [[area.x + 60, area.y + 60]], 1);
      await gesture(client, [[area.x + 60, area.y + 120]], [[area.x + 60, area.y + 220]]);
      expect((await (await page.$('canvas.brush'))!.boundingBox())!.y).toBe(area.y);
      await page.tap('#brush-done');
      await page.waitForFunction(() => globalThis.tributaryDemo.store.state.custom.startsWith('g.'));
      expect(problems).toEqual([]);
      await page.close();
    });
  });
