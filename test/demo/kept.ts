/** The models that a browser keeps, looked at and changed from outside of the page. */
import { createHash } from 'node:crypto';
import type { JSHandle, Page } from 'puppeteer';
import { until } from '../shared/until.js';

/** Of the model that the page shows. */
export async function digest(page: Page): Promise<string> {
  await page.waitForFunction(() => globalThis.tributaryDemo.lesson.bytes !== null);
  const bytes = await page.evaluate(() => [...globalThis.tributaryDemo.lesson.bytes!]);
  return createHash('sha256').update(Uint8Array.from(bytes)).digest('hex');
}

/** The kept runs' steps, as IndexedDB holds them. */
export const kept = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<{ key: string; step: number }[]>((resolve, reject) => {
        const request = indexedDB.open('tributary-demo');
        request.onerror = () => reject(request.error);
        request.onsuccess = () => {
          const runs = request.result.transaction('runs').objectStore('runs');
          const [keys, values] = [runs.getAllKeys(), runs.getAll()];
          values.onsuccess = () => {
            request.result.close();
            resolve(keys.result.map((key, i) => ({ key: String(key), step: values.result[i].step })));
          };
        };
      }),
  );

type Entry = Record<string, unknown>;

/** Changes every kept run. */
export async function spoil(page: Page, change: (entry: Entry) => Entry): Promise<void> {
  // By DevTools: the page's own policy lets no text become a function.
  const changes = await page.evaluateHandle(`(${change})`);
  await page.evaluate(
    (changed) =>
      new Promise<void>((resolve, reject) => {
        const request = indexedDB.open('tributary-demo');
        request.onerror = () => reject(request.error);
        request.onsuccess = () => {
          const transaction = request.result.transaction('runs', 'readwrite');
          const cursor = transaction.objectStore('runs').openCursor();
          cursor.onsuccess = () => {
            cursor.result?.update(changed(cursor.result.value));
            cursor.result?.continue();
          };
          transaction.onabort = () => reject(transaction.error ?? new Error('the change was aborted'));
          transaction.oncomplete = () => {
            request.result.close();
            resolve();
          };
        };
      }),
    changes as JSHandle<(entry: Entry) => Entry>,
  );
}

/** Loads the page again. */
export const reload = async (page: Page) => {
  await page.reload();
  await page.waitForFunction(() => globalThis.tributaryDemo?.machine != null);
};

/** Waits until the model has been judged. */
export const idle = (page: Page) =>
  page.waitForFunction(() => globalThis.tributaryDemo.lesson.history.evaluation !== null);

/** Waits until the runs that are kept are at just these steps. */
export async function steps(page: Page, wanted: readonly number[]): Promise<void> {
  await until(
    async () => (await kept(page)).map(({ step }) => step).sort((a, b) => a - b),
    (found) => found.join() === wanted.join(),
    (found) => `runs are kept at steps ${found}, and not ${wanted}`,
  );
}
