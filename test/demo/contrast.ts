/** Colours of the demo page as they are seen, and WCAG's contrast between them. */
import { decode } from 'fast-png';
import type { Page } from 'puppeteer';

export type Rgb = readonly [number, number, number];

/** WCAG's relative luminance of sRGB of 0 to 255. */
function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

export function contrast(a: Rgb, b: Rgb): number {
  const [low, high] = [luminance(a), luminance(b)].sort((one, other) => one - other);
  return (high + 0.05) / (low + 0.05);
}

/** A colour as the browser computes it, of an element's property, on the page. */
export const colourOf = (page: Page, selector: string, property: string): Promise<Rgb> =>
  page.$eval(
    selector,
    (element, name) => {
      // Whatever the notation, a canvas says what it is.
      const context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })!;
      // Highlight, as browsers have it, lets a little through.
      const ground = getComputedStyle(document.body).backgroundColor;
      for (const colour of [ground, getComputedStyle(element).getPropertyValue(name)]) {
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
      }
      const { data } = context.getImageData(0, 0, 1, 1);
      return [data[0], data[1], data[2]] as const;
    },
    property,
  );

/** What the screen shows of an element, without its border and its corners. */
export async function pixels(page: Page, selector: string): Promise<Rgb[]> {
  const { x, y, width, height } = (await (await page.$(selector))!.boundingBox())!;
  const clip = { x: x + 8, y: y + 3, width: width - 16, height: height - 6 };
  const { data, channels } = decode(await page.screenshot({ clip }));
  return Array.from({ length: data.length / channels }, (_, i) => [
    data[channels * i],
    data[channels * i + 1],
    data[channels * i + 2],
  ]);
}

/** The contrast that a share of an element's pixels reaches at least against a colour. */
export function reached(seen: readonly Rgb[], ground: Rgb, share: number): number {
  const all = seen.map((colour) => contrast(colour, ground)).sort((a, b) => b - a);
  return all[Math.floor(share * (all.length - 1))];
}
