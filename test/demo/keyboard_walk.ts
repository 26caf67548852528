/** A keyboard's way through the demo page: where Tab goes, whether that is seen, and what it misses. */
import type { KeyInput, Page } from 'puppeteer';
import { expect } from 'vitest';

declare global {
  // Where the focus has been, in the page.
  var stops: Element[];
}

interface Stop {
  readonly name: string;
  /** Whether it has come to where it was before. */
  readonly again: boolean;
  readonly shown: boolean;
  readonly ring: boolean;
}

export const press = async (page: Page, ...keys: KeyInput[]) => {
  for (const key of keys) await page.keyboard.press(key);
};

/** What has the focus: its name, whether it can be seen, and whether its ring differs from how it looks without. */
const focused = (page: Page): Promise<Stop | null> =>
  page.evaluate(async () => {
    const element = document.activeElement as HTMLElement | null;
    if (element === null || element === document.body) return null;
    const look = () => {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
      return [outlineStyle, Number.parseFloat(outlineWidth) > 0, boxShadow].join();
    };
    const stop = look();
    const box = element.getBoundingClientRect();
    // WCAG 2.4.11: at least a part of it lies on top.
    const shown = [0.5, 0.1, 0.9].some((share) => {
      const [x, y] = [box.left + box.width * share, box.top + box.height * share];
      const top = document.elementFromPoint(x, y);
      return top !== null && (element.contains(top) || top.contains(element));
    });
    const labels = (element as HTMLInputElement).labels;
    const name = element.getAttribute('aria-label') ?? labels?.[0]?.textContent ?? element.textContent ?? '';
    element.blur();
    const ring = look() !== stop;
    element.focus({ preventScroll: true });
    const again = stops.includes(element);
    if (!again) stops.push(element);
    return { name: name.slice(0, 40), shown, ring, again };
  });

/** Presses Tab until the focus has gone round, and says where it was. */
async function tabThrough(page: Page, key: 'Tab' | 'back' = 'Tab'): Promise<Stop[]> {
  const stops: Stop[] = [];
  // From the beginning of the page or its dialog, or the end.
  await page.evaluate((end) => {
    const start = document.createElement('span');
    start.tabIndex = -1;
    const place = document.querySelector('dialog[open]') ?? document.body;
    place.insertBefore(start, end ? null : place.firstChild);
    start.focus();
    start.remove();
    globalThis.stops = [];
  }, key === 'back');
  for (let i = 0; i < 120; i++) {
    if (key === 'back') await page.keyboard.down('Shift');
    await press(page, 'Tab');
    if (key === 'back') await page.keyboard.up('Shift');
    const stop = await focused(page);
    if (stop !== null && !stop.again) stops.push(stop);
    else if (stops.length > 0) return stops;
  }
  throw new Error(`the keyboard does not get round: ${stops.map(({ name }) => name).join(', ')}`);
}

/** What a pointer can work, and that is shown, and that the focus has not been on. */
const missed = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const place = document.querySelector('dialog[open]') ?? document;
    return [
      ...place.querySelectorAll<HTMLElement>('a, button, input, select, summary, .stage, canvas.brush, pre'),
    ]
      .filter((one) => one.checkVisibility() && !one.classList.contains('visually-hidden'))
      .filter((one) => !stops.includes(one))
      .map((one) => one.outerHTML.slice(0, 80));
  });

/** Holds the page, as it is, to all that is asked of a keyboard's way through it. */
export async function expectReached(page: Page): Promise<void> {
  const stops = await tabThrough(page);
  expect(await missed(page)).toEqual([]);
  // In the order in which it is read.
  const astray = await page.evaluate(() =>
    globalThis.stops
      .filter((one, i, all) => i > 0 && !(all[i - 1].compareDocumentPosition(one) & 4))
      .map((one) => one.outerHTML.slice(0, 80)),
  );
  expect(astray).toEqual([]);
  expect(stops.filter(({ name }) => name.trim() === '')).toEqual([]);
  expect(stops.filter(({ ring }) => !ring)).toEqual([]);
  expect(stops.filter(({ shown }) => !shown)).toEqual([]);
  expect((await tabThrough(page, 'back')).length).toBe(stops.length);
}
