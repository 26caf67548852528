/** What axe does not see: colours on canvases and in drawings, the system's own colours, and what moves by itself. */
import type { Page } from 'puppeteer';
import { describe, expect, it } from 'vitest';
import type { State } from '../../demo/src/state.js';
import { pause, until } from '../shared/until.js';
import { colourOf, contrast, pixels, reached } from './contrast.js';
import { idle } from './kept.js';
import { arrived, learned, type OpenDemo, particles } from './page.js';

const scheme = (page: Page, value: 'dark' | 'light') =>
  page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value }]);

const drawn = (page: Page) =>
  page.evaluate(async () => {
    for (let i = 0; i < 6; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
    await Promise.all(document.getAnimations().map(({ finished }) => finished));
  });

/** Waits until what lies over the particles is there, or is gone. */
async function overlays(page: Page, change: Partial<State>, wanted: boolean): Promise<void> {
  await page.evaluate((state) => globalThis.tributaryDemo.store.set(state), change);
  await page.waitForFunction(
    (some) => {
      const { overlay } = globalThis.tributaryDemo.stage;
      const copy = new OffscreenCanvas(overlay.width, overlay.height);
      const context = copy.getContext('2d', { willReadFrequently: true })!;
      context.drawImage(overlay, 0, 0);
      return context.getImageData(0, 0, copy.width, copy.height).data.some((one) => one > 0) === some;
    },
    {},
    wanted,
  );
}

const now = (page: Page) =>
  page.evaluate(() => {
    const { stage } = globalThis.tributaryDemo;
    return { t: stage.t, playing: stage.playing };
  });

/** Waits until the last model is on the stage, to its end, and painted. @returns the frames that were painted */
async function still(page: Page): Promise<number> {
  await page.evaluate(() =>
    Promise.all(globalThis.tributaryDemo.stage.panes.map(({ runner }) => runner!.samples())),
  );
  const painted = async () => {
    const before = await page.evaluate(() => globalThis.tributaryDemo.stage.frames);
    await drawn(page);
    return { before, after: await page.evaluate(() => globalThis.tributaryDemo.stage.frames) };
  };
  const { after } = await until(
    painted,
    (frames) => frames.before === frames.after,
    (frames) => `the stage is painted again and again: ${JSON.stringify(frames)}`,
  );
  return after;
}

const aWhile = () => pause(700);

export const sight = (open: OpenDemo) =>
  describe('what can be seen', () => {
    it('has contrast in charts, titles, overlays and rings, dark and light', async () => {
      const { page, problems } = await open('hidden=16&train=40&n=1000&steps=4&play=0&sde=1&data=8gaussians');
      await learned(page, 40);
      await page.waitForFunction(() => globalThis.tributaryDemo.lesson.history.excess.length > 0);
      await arrived(page);
      // With the metrics the curves are drawn for the last time.
      await idle(page);
      await page.waitForSelector('.legend path');
      for (const value of ['dark', 'light'] as const) {
        await scheme(page, value);
        await drawn(page);
        const card = await colourOf(page, '.learning', 'background-color');
        for (const [chart, curves] of [
          ['.learning figure:nth-of-type(1)', 1],
          ['.learning figure:nth-of-type(2)', 2],
        ] as const) {
          expect(await page.$$(`${chart} .plot path`)).toHaveLength(curves);
          for (let i = 1; i <= curves; i++) {
            const line = await colourOf(page, `${chart} .plot path:nth-of-type(${i})`, 'stroke');
            expect(contrast(line, card), `${chart}, curve ${i}, ${value}`).toBeGreaterThan(3);
            expect(await colourOf(page, `${chart} .legend li:nth-child(${i}) path`, 'stroke')).toEqual(line);
          }
        }
        const numbers = await colourOf(page, '.learning .plot text', 'fill');
        expect(contrast(numbers, card), `numbers, ${value}`).toBeGreaterThan(4.5);
        // Borders that tell what can be pressed, and the ring of what has the focus.
        for (const [selector, property, ground] of [
          ['#more', 'border-top-color', '.learning'],
          ['.field select', 'border-top-color', '.group'],
          ['.pad summary', 'border-top-color', '.stage'],
          ['#play', 'background-color', '.left'],
        ] as const) {
          const [line, under] = [
            await colourOf(page, selector, property),
            await colourOf(page, ground, 'background-color'),
          ];
          expect(contrast(line, under), `${selector}, ${value}`).toBeGreaterThan(3);
        }
        await page.focus('#more');
        const ring = await colourOf(page, '#more', 'outline-color');
        expect(contrast(ring, card), `ring, ${value}`).toBeGreaterThan(3);
        // A title where the particles are thickest: its ground keeps what shines through from its letters.
        await page.evaluate(() => {
          const { view } = globalThis.tributaryDemo.stage;
          view.set({ center: [0, -0.45 * view.span], span: view.span });
        });
        await drawn(page);
        const ink = await colourOf(page, '.titles b', 'color');
        await page.$eval('.titles b', (title) => {
          (title as HTMLElement).style.color = 'transparent';
        });
        const behind = await pixels(page, '.titles b');
        await page.$eval('.titles b', (title) => {
          (title as HTMLElement).style.color = '';
        });
        expect(reached(behind, ink, 1), `title, ${value}`).toBeGreaterThan(4.5);
        await page.keyboard.press('Tab');
        await page.evaluate(() => globalThis.tributaryDemo.stage.view.reset());
      }
      expect(problems).toEqual([]);
      await page.close();
    });

    it('shows the true density, the training points and the field on particles of any colour', async () => {
      const { page } = await open('n=1000&steps=4&play=0&data=8gaussians&hidden=16&train=5', {
        ...{ width: 900, height: 420 },
      });
      await learned(page, 5);
      await arrived(page);
      // The overlays' canvas alone, on the particles' colours one after the other.
      for (const value of ['dark', 'light'] as const) {
        await scheme(page, value);
        for (const change of [{ truth: true }, { points: true }, { field: 'arrows' as const }]) {
          await overlays(page, { truth: false, points: false, field: 'none' }, false);
          await overlays(page, change, true);
          const worst = await page.evaluate(() => {
            const { stage } = globalThis.tributaryDemo;
            const { width, height } = stage.overlay;
            const context = new OffscreenCanvas(width, height).getContext('2d', {
              willReadFrequently: true,
            })!;
            const ground = getComputedStyle(stage.element).backgroundColor;
            const palette = stage.panes[0].palette.map(
              (colour) => `rgb(${colour.map((part) => Math.round(255 * part)).join(' ')})`,
            );
            return [ground, ...palette].map((colour) => {
              context.fillStyle = colour;
              context.fillRect(0, 0, width, height);
              context.drawImage(stage.overlay, 0, 0);
              const { data } = context.getImageData(0, 0, width, height);
              const under = [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
              // The darkest and the lightest that is there: a line and its halo.
              const light = (i: number) => {
                const [red, green, blue] = [0, 1, 2].map((k) => {
                  const share = data[i + k] / 255;
                  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
                });
                return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
              };
              const all: number[] = [];
              for (let i = 0; i < data.length; i += 4) {
                if (under.some((part, k) => Math.abs(part - data[i + k]) > 12)) all.push(light(i));
              }
              all.sort((a, b) => a - b);
              const at = (share: number) => all[Math.floor(share * (all.length - 1))];
              const base = light(0);
              const ratio = (a: number, b: number) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
              return Math.max(ratio(at(0.98), at(0.02)), ratio(at(0.98), base), ratio(at(0.02), base));
            });
          });
          for (const ratio of worst) {
            expect(ratio, `${Object.keys(change)}, ${value}`).toBeGreaterThan(3);
          }
        }
      }
      await page.close();
    });

    it('goes with the colours of the system', async () => {
      const { page, problems } = await open('data=8gaussians&hidden=16&train=40&n=1000&steps=4&play=0&sde=1');
      await learned(page, 40);
      await page.waitForSelector('.legend path');
      const client = await page.createCDPSession();
      for (const value of ['dark', 'light']) {
        await client.send('Emulation.setEmulatedMedia', {
          features: [
            { name: 'forced-colors', value: 'active' },
            { name: 'prefers-color-scheme', value },
          ],
        });
        await drawn(page);
        expect(await page.evaluate(() => matchMedia('(forced-colors: active)').matches)).toBe(true);
        const ground = await colourOf(page, 'body', 'background-color');
        for (const [selector, property] of [
          ['.learning .plot path', 'stroke'],
          ['.learning figure:nth-of-type(2) .plot path:nth-of-type(2)', 'stroke'],
          ['#more', 'border-top-color'],
          ['.status', 'color'],
          ['.titles b', 'color'],
          ['nav [aria-current]', 'border-top-color'],
        ]) {
          const ratio = contrast(await colourOf(page, selector, property), ground);
          expect(ratio, `${selector}, ${value}`).toBeGreaterThan(3);
        }
        // What is drawn on the one button without words.
        const icon = await colourOf(page, '#play svg', 'fill');
        const button = await colourOf(page, '#play', 'background-color');
        expect(contrast(icon, button), `play, ${value}`).toBeGreaterThan(3);
        await page.focus('#more');
        await page.keyboard.press('Tab');
        const ring = await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle);
        expect(ring).not.toBe('none');
      }
      expect(problems).toEqual([]);
      await page.close();
    });

    it('moves nothing by itself for those who want calm, and plays when they ask', async () => {
      for (const view of ['flow', 'compare'] as const) {
        const hash = `view=${view}&data=8gaussians&hidden=16&train=5&hidden2=16&train2=1&n=1000&steps=2`;
        const { page, problems } = await open(hash, { calm: true });
        await learned(page, 5);
        if (view === 'compare') await page.waitForFunction(() => globalThis.tributaryDemo.other?.step === 1);
        await arrived(page);
        await idle(page);
        const frames = await still(page);
        const before = await now(page);
        expect(before).toEqual({ t: 1, playing: false });
        await aWhile();
        expect(await now(page)).toEqual(before);
        expect(await page.evaluate(() => globalThis.tributaryDemo.stage.frames)).toBe(frames);
        const moving = await page.evaluate(() =>
          [...document.querySelectorAll('*')]
            .filter((one) => {
              const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(one);
              return transitionDuration !== '0s' || animationName !== 'none' || scrollBehavior !== 'auto';
            })
            .map((one) => one.outerHTML.slice(0, 80)),
        );
        expect(moving).toEqual([]);
        await page.keyboard.press('Space');
        await page.waitForFunction(() => {
          const { stage } = globalThis.tributaryDemo;
          return stage.playing && stage.t > 0 && stage.t < 1;
        });
        expect(problems).toEqual([]);
        await page.close();
      }
    });

    it('comes to rest when calm is asked for in the middle', async () => {
      const { page } = await open('data=8gaussians&hidden=16&train=5&n=1000&steps=2');
      await particles(page);
      await page.waitForFunction(() => globalThis.tributaryDemo.stage.playing);
      await page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
      await page.waitForFunction(() => !globalThis.tributaryDemo.stage.playing);
      const { t } = await now(page);
      await aWhile();
      expect((await now(page)).t).toBe(t);
      await page.close();
    });
  });
