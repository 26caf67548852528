/** The demo page where a part of it is not to be had: no server any more, or a browser that forbids it. */
import { describe, expect, it } from 'vitest';
import { told } from './files.js';
import { learned, type OpenDemo, particles } from './page.js';

const HASH = 'data=8gaussians&hidden=16&train=5&n=100&steps=2&play=0';

const LINE =
  /^A part of this page could not be fetched: is its server there, and are you online\? Try again, or reload the page\.$/;

/** All but what a browser says by itself of a request that fails. */
const own = (problems: readonly string[]) =>
  problems.filter((text) => !/^failed: |^404: |Failed to load resource/.test(text));

declare global {
  // Whether the server of the test below has its worker again.
  var isBack: boolean;
}

export const unfetched = (open: OpenDemo) =>
  describe('what is not to be had', () => {
    it('a view that cannot be fetched says one line, and opens once the server is back', async () => {
      const { page, problems } = await open(HASH);
      await learned(page, 5);
      for (const view of ['quiz', 'verify'] as const) {
        await page.setOfflineMode(true);
        await page.locator(`#view-${view}`).click();
        const line = () => page.$eval('main [role=alert]', (element) => element.textContent);
        await page.waitForSelector('#again');
        expect(await line()).toMatch(LINE);
        await page.locator('#again').click();
        await page.waitForSelector('#again');
        expect(await line()).toMatch(LINE);
        await page.setOfflineMode(false);
        await page.locator('#again').click();
        await page.waitForSelector(view === 'quiz' ? '#guess-a' : '#bench');
        expect(await page.$('main [role=alert]')).toBeNull();
      }
      // And a file of a kind that is read by a script of its own.
      await page.setOfflineMode(true);
      await page.evaluate(() => {
        const transfer = new DataTransfer();
        transfer.items.add(new File(['0,0\n1,1\n'], 'two.csv'));
        document.dispatchEvent(
          new DragEvent('drop', { dataTransfer: transfer, cancelable: true, bubbles: true }),
        );
      });
      await told(page, LINE);
      expect(own(problems)).toEqual([]);
      await page.close();
    });

    it('particles whose worker cannot be fetched come with the next choice once it can', async () => {
      const { page, problems } = await open(HASH, {
        before: () => {
          const Real = Worker;
          globalThis.Worker = class extends Real {
            constructor(url: string | URL, options?: WorkerOptions) {
              const gone = /sampler/.test(String(url)) && !globalThis.isBack;
              super(gone ? '/assets/gone.js' : url, options);
            }
          };
        },
      });
      await told(
        page,
        /^A worker of this page did not start: is the page’s server there, .* reload the page\.$/,
      );
      expect(await page.evaluate(() => globalThis.tributaryDemo.stage.panes[0].runner!.sight(1))).toBeNull();
      await learned(page, 5);
      await page.evaluate(() => {
        globalThis.isBack = true;
        globalThis.tributaryDemo.store.set({ steps: 3 });
      });
      await particles(page);
      expect(own(problems)).toEqual([]);
      await page.close();
    });

    it('a browser that forbids workers is told of in one line', async () => {
      const { page, problems } = await open(`${HASH}&backend=cpu`, {
        webgpu: true,
        before: () => {
          const Real = Worker;
          globalThis.Worker = class extends Real {
            constructor(url: string | URL, options?: WorkerOptions) {
              if (/sampler|checker/.test(String(url)))
                throw new DOMException('blocked by policy', 'SecurityError');
              super(url, options);
            }
          };
        },
      });
      const line = /^This browser does not let the page start a worker: blocked by policy$/;
      await told(page, line);
      await learned(page, 5);
      // Who asks for samples hears the same rather than waiting for ever.
      expect(
        await page.evaluate(() =>
          globalThis.tributaryDemo.stage.panes[0].runner!.samples().then(
            () => '',
            (error: Error) => error.message,
          ),
        ),
      ).toMatch(line);
      await page.locator('#view-verify').click();
      await page.locator('#verify').click();
      expect(await page.$eval('.page .status', (element) => element.textContent)).toBe(
        'The check did not start. This browser does not let the page start a worker: blocked by policy',
      );
      expect(problems).toEqual([]);
      await page.close();
    });
  });
