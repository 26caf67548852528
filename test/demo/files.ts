/** Files that go into the demo page and come out of it. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'puppeteer';
import { afterAll } from 'vitest';
import { borrowForTest } from '../shared/lent.js';
import { until } from '../shared/until.js';

export interface Taken {
  readonly name: string;
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Lets a page save files. @returns what presses a button and waits for the file that it gives */
export async function downloads(page: Page): Promise<(button: string) => Promise<Taken>> {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-downloads-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const client = await page.browser().target().createCDPSession();
  const { id } = page.browserContext();
  await client.send('Browser.setDownloadBehavior', {
    behavior: 'allow',
    downloadPath: folder,
    ...(id === undefined ? {} : { browserContextId: id }),
  });
  return async (button) => {
    const before = new Set(readdirSync(folder));
    await page.locator(button).click();
    const saved = () =>
      readdirSync(folder).find(
        (one) => !before.has(one) && !one.endsWith('.crdownload') && !one.startsWith('.'),
      );
    const whole = (name: string | undefined) =>
      name !== undefined && !existsSync(join(folder, `${name}.crdownload`));
    const name = (await until(saved, whole, () => `${button} gave no file`)) as string;
    // Out of the way: another file may have the same name.
    const path = join(mkdtempSync(join(folder, 'taken-')), name);
    renameSync(join(folder, name), path);
    return { name, path, bytes: readFileSync(path) };
  };
}

export interface Given {
  readonly name: string;
  readonly content: string | Uint8Array;
  readonly type?: string;
}

/** Drops files on the page, or, with none, `text`. */
export const drop = (page: Page, files: readonly Given[], text = '') =>
  page.evaluate(
    (list, words) => {
      const transfer = new DataTransfer();
      if (words !== '') transfer.setData('text/plain', words);
      for (const { name, type, bytes } of list) {
        const content = Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0));
        transfer.items.add(new File([content], name, { type }));
      }
      document.body.dispatchEvent(
        new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: transfer }),
      );
    },
    files.map(({ name, content, type = '' }) => ({
      ...{ name, type },
      bytes: Buffer.from(content as string).toString('base64'),
    })),
    text,
  );

/** Waits for the line that the page says, and gives it. */
export async function told(page: Page, pattern: RegExp): Promise<string> {
  const fits = (text: string) => pattern.test(text);
  const lines = await until(
    () => page.evaluate(() => globalThis.linesShown),
    (shown) => shown.some(fits),
    (shown) => `the page says '${shown.join("', '")}', and not ${pattern}`,
  );
  const line = lines.findIndex(fits);
  // Nothing that was said before is taken for an answer to what comes.
  await page.evaluate((count) => globalThis.linesShown.splice(0, count), line + 1);
  return lines[line];
}

/** Forgets what the page has said. */
export const hush = (page: Page) =>
  page.evaluate(() => {
    const toast = document.querySelector('.toast');
    if (toast !== null) toast.textContent = '';
    globalThis.linesShown.length = 0;
  });

/** Lets a page use the clipboard, for the rest of the test. @returns what reads it */
export async function clipboardOf(page: Page): Promise<() => Promise<string>> {
  await borrowForTest('/clipboard');
  const { origin } = new URL(page.url());
  await page
    .browserContext()
    .overridePermissions(origin, ['clipboard-read', 'clipboard-write', 'clipboard-sanitized-write']);
  await page.bringToFront();
  return () => page.evaluate(() => navigator.clipboard.readText());
}
