/** The demo page by keyboard alone: real Tab presses reach every control, it shows, and keys work it. */
import type { Page } from 'puppeteer';
import { describe, expect, it } from 'vitest';
import type { State } from '../../demo/src/state.js';
import { expectReached, press } from './keyboard_walk.js';
import { learned, type OpenDemo, particles } from './page.js';

declare global {
  // What has been read aloud, in the page.
  var said: string[];
}

const state = (page: Page): Promise<State> => page.evaluate(() => globalThis.tributaryDemo.store.state);

const active = (page: Page) =>
  page.evaluate(() => {
    const { id, className } = document.activeElement!;
    return id || className || document.activeElement!.tagName;
  });

const closed = (page: Page) => page.waitForFunction(() => document.querySelector('dialog') === null);

export const keyboard = (open: OpenDemo) =>
  describe('by keyboard alone', () => {
    it('reaches every control of every view in order, seen and with a ring', async () => {
      const { page, problems } = await open(
        'data=8gaussians&hidden=16&train=5&hidden2=16&train2=1&n=1000&steps=2&play=0',
      );
      await learned(page, 5);
      await particles(page);
      // What comes late pushes what has the focus off the screen.
      await page.waitForSelector('.learning .metrics tbody tr');
      await page.$$eval('details', (all) => {
        for (const one of all) one.open = true;
      });
      for (const [width, height] of [
        [1200, 760],
        [390, 844],
      ]) {
        await page.setViewport({ width, height });
        await expectReached(page);
      }
      for (const view of ['compare', 'quiz', 'verify'] as const) {
        await page.evaluate((to) => globalThis.tributaryDemo.store.set({ view: to }), view);
        if (view === 'compare') {
          await page.waitForFunction(() => globalThis.tributaryDemo.other?.history.evaluation != null);
          await page.waitForSelector('.compare .metrics tbody tr');
        }
        if (view === 'quiz') await page.waitForSelector('#guess-a');
        if (view === 'verify') await page.waitForSelector('#verify');
        await expectReached(page);
      }
      expect(problems).toEqual([]);
      await page.close();
    });

    it('works every kind of control with its keys', async () => {
      const { page, problems } = await open(
        'data=8gaussians&hidden=16&train=5&hidden2=16&train2=1&n=1000&steps=2&play=0',
      );
      await learned(page, 5);
      await particles(page);
      // Over the header to the particles, where arrows move the view and Tab leaves.
      await press(page, 'Tab');
      expect(await active(page)).toBe('skip');
      await press(page, 'Enter');
      expect(await active(page)).toBe('stage');
      await press(page, 'ArrowRight', 'ArrowUp', '+');
      expect((await state(page)).x).toBeGreaterThan(0);
      expect((await state(page)).y).toBeGreaterThan(0);
      const { span } = await state(page);
      expect(span).toBeGreaterThan(0);
      await page.keyboard.down('Control');
      await press(page, '+');
      await page.keyboard.up('Control');
      expect((await state(page)).span).toBe(span);
      await press(page, 'Tab', 'Enter', 'Tab', 'Space');
      expect((await state(page)).span).toBeCloseTo(span / 1.25, 3);
      await press(page, 'Tab', 'Enter', 'Tab', 'Tab', 'Tab', 'Enter');
      expect(await state(page)).toMatchObject({ x: 0, y: 0, span: 0 });
      // Closing what first visits see leaves the keyboard somewhere.
      await page.focus('.hints .close');
      await press(page, 'Enter');
      expect(await page.$eval('.hints', (element) => (element as HTMLElement).hidden)).toBe(true);
      expect(await active(page)).toBe('stage');
      await page.focus('#help');
      await press(page, 'Enter');
      expect(await page.$eval('.hints', (element) => (element as HTMLElement).hidden)).toBe(false);

      await page.focus('#play');
      await press(page, 'Space');
      expect((await state(page)).play).toBe(true);
      await press(page, 'Enter');
      expect((await state(page)).play).toBe(false);
      await page.focus('#time');
      await press(page, 'Home');
      expect((await state(page)).t).toBe(0);
      await press(page, 'ArrowRight', 'PageUp');
      const { t } = await state(page);
      expect(t).toBeGreaterThan(0.01);
      await press(page, 'End');
      expect((await state(page)).t).toBe(1);
      await page.focus('#speed');
      await press(page, 'ArrowDown');
      expect((await state(page)).speed).toBe(2);

      const { steps } = await state(page);
      await page.focus('[name=steps]');
      await press(page, 'ArrowRight');
      expect((await state(page)).steps).toBe(steps + 1);
      for (const name of ['truth', 'points', 'sde', 'trails'] as const) {
        await page.focus(`[name=${name}]`);
        await press(page, 'Space');
        expect((await state(page))[name]).toBe(true);
      }
      await page.focus('[name=field]');
      await press(page, 'ArrowDown');
      expect((await state(page)).field).toBe('arrows');
      await page.focus('[name=seed]');
      await press(page, 'ArrowUp', 'Enter');
      await page.waitForFunction(() => globalThis.tributaryDemo.store.state.seed === 1);
      const summary = await page.$('.group summary');
      await summary!.focus();
      await press(page, 'Enter');
      expect(await page.$eval('.group', (element) => (element as HTMLDetailsElement).open)).toBe(false);
      await press(page, 'Space');

      // What has learned stays where the keyboard is, and says so once.
      await page.waitForFunction(() => {
        const { lesson } = globalThis.tributaryDemo;
        return lesson.choice?.seed === 1 && lesson.bytes !== null && !lesson.running;
      });
      await page.evaluate(() => {
        // Everything that is read aloud from here on.
        globalThis.said = [];
        const seen = new MutationObserver((changes) => {
          for (const { target } of changes) globalThis.said.push(target.textContent ?? '');
        });
        for (const one of document.querySelectorAll('[role=status], [aria-live], [role=alert]')) {
          seen.observe(one, { childList: true, characterData: true, subtree: true });
        }
      });
      await page.evaluate(() => globalThis.tributaryDemo.store.set({ train: 200 }));
      await page.waitForFunction(() => globalThis.tributaryDemo.lesson.running);
      await page.focus('#train');
      await learned(page, 200);
      await page.waitForFunction(
        () => document.getElementById('train')!.getAttribute('aria-disabled') === 'true',
      );
      expect(await active(page)).toBe('train');
      expect(await page.evaluate(() => globalThis.said)).toEqual(['Learning', 'Learned, at step 200']);
      await press(page, 'Enter');
      expect(await page.evaluate(() => globalThis.tributaryDemo.lesson.running)).toBe(false);
      expect(problems).toEqual([]);
      await page.close();
    });

    it('draws, closes dialogs, guesses and verifies', async () => {
      const { page, problems } = await open('data=8gaussians&hidden=16&train=5&n=1000&steps=2&play=0');
      await learned(page, 5);
      await page.focus('#draw');
      await press(page, 'Enter');
      await page.waitForSelector('dialog.drawing[open]');
      expect(await active(page)).toBe('brush');
      await expectReached(page);
      await press(page, 'Escape');
      await closed(page);
      expect(await active(page)).toBe('draw');
      await press(page, 'Space');
      await page.waitForSelector('dialog.drawing[open]');
      const painted = () =>
        page.$eval('canvas.brush', (element) => {
          const { width, height } = element as HTMLCanvasElement;
          const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
          copy.drawImage(element as HTMLCanvasElement, 0, 0);
          const { data } = copy.getImageData(0, 0, width, height);
          return data.filter((value, i) => i % 4 === 3 && value > 0).length;
        });
      const before = await painted();
      await press(page, 'ArrowLeft', 'ArrowLeft', 'Space');
      const dot = await painted();
      expect(dot).toBeGreaterThan(before);
      await page.keyboard.down('Shift');
      await press(page, ...Array.from({ length: 8 }, () => 'ArrowDown' as const));
      await page.keyboard.up('Shift');
      expect(await painted()).toBeGreaterThan(1.5 * dot);
      await press(page, 'Tab', 'ArrowRight', 'Tab', 'Enter');
      await closed(page);
      await page.waitForFunction(() => globalThis.tributaryDemo.store.state.custom.startsWith('g.'));
      expect(await active(page)).toBe('draw');
      await page.waitForFunction(() => globalThis.tributaryDemo.lesson.bytes !== null);
      await page.focus('#get-code');
      await press(page, 'Enter');
      await page.waitForSelector('dialog.code[open]');
      await expectReached(page);
      await press(page, 'Escape');
      await closed(page);
      expect(await active(page)).toBe('get-code');

      await page.focus('#view-quiz');
      await press(page, 'Enter');
      await (await page.waitForSelector('#guess-b'))!.focus();
      await press(page, 'Space');
      expect(await active(page)).toBe('answer');
      await press(page, 'Tab');
      expect(await active(page)).toBe('next');
      await press(page, 'Enter');
      expect(await active(page)).toBe('H2');
      await press(page, 'Tab');
      expect(await active(page)).toBe('guess-a');

      await page.focus('#view-verify');
      await press(page, 'Enter');
      await (await page.waitForSelector('#bench'))!.focus();
      await press(page, 'Enter');
      await page.waitForFunction(() =>
        /particles × steps a second:/.test(document.querySelector('.page .status.lines')!.textContent!),
      );
      expect(await active(page)).toBe('bench');
      // Skips to this view's own matter, where there are no particles.
      await page.focus('.skip');
      await press(page, 'Enter');
      expect(await active(page)).toBe('main');
      // Help is in the same place of every view, and where there is something to do.
      await page.focus('#help');
      await press(page, 'Enter');
      expect((await state(page)).view).toBe('flow');
      await press(page, 'Space');
      expect((await state(page)).play).toBe(true);
      expect(problems).toEqual([]);
      await page.close();
    });
  });
