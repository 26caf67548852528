/** The demo page on the CPU path: what every browser can do. */
import type { Page } from 'puppeteer';
import { describe, expect, it } from 'vitest';
import type { State } from '../../demo/src/state.js';
import { familyByName } from '../../src/families/registry.js';
import { arrived, learned, type OpenDemo, particles } from './page.js';

const state = (page: Page): Promise<State> => page.evaluate(() => globalThis.tributaryDemo.store.state);

/** Different colours on the canvas of particles: an empty one has one. */
const colours = (page: Page) =>
  page.evaluate(() => {
    const { canvas } = globalThis.tributaryDemo.stage;
    const context = canvas!.getContext('2d') as CanvasRenderingContext2D;
    const { data } = context.getImageData(0, 0, canvas!.width, canvas!.height);
    return new Set(new Uint32Array(data.buffer)).size;
  });

/** Mean distance of the particles from the origin, at the time shown. */
const spread = (page: Page) =>
  page.evaluate(() => {
    const { stage } = globalThis.tributaryDemo;
    const { from, to, fraction, count } = stage.panes[0].runner!.sight(stage.t)!;
    let sum = 0;
    for (let i = 0; i < 2 * count; i += 2) {
      const at = (k: number) => {
        const [a, b] = [from as Float32Array, to as Float32Array].map((points) => points[i + k]);
        return a + (b - a) * fraction;
      };
      sum += Math.hypot(at(0), at(1)) / count;
    }
    return sum;
  });

const slide = (page: Page, id: string, value: number) =>
  page.$eval(
    `#${id}`,
    (element, to) => {
      (element as HTMLInputElement).value = String(to);
      element.dispatchEvent(new Event('input', { bubbles: true }));
    },
    value,
  );

export const visits = (open: OpenDemo) =>
  describe('the demo page without WebGPU', () => {
    it('shows the shipped model at once, says what it runs on, and plays', async () => {
      const { page, problems } = await open('');
      await particles(page);
      expect(await page.$eval('.remark', (element) => element.textContent)).toMatch(
        /(no WebGPU|No graphics card).*processor/,
      );
      await arrived(page);
      expect(await page.evaluate(() => globalThis.tributaryDemo.lesson.step)).toBe(6000);
      await page.waitForFunction(() => globalThis.tributaryDemo.stage.t > 0.3);
      expect(await colours(page)).toBeGreaterThan(50);
      expect(await page.$$eval('.hints button', (list) => list.length)).toBe(4);
      expect(problems).toEqual([]);
      await page.close();
    });

    it('holds still for those who want calm', async () => {
      const { page } = await open('', { calm: true });
      await arrived(page);
      expect(await state(page)).toMatchObject({ play: false, t: 1 });
      await page.close();
    });

    it('trains, pauses, goes on after a reload, trains more, and starts over', async () => {
      const hash = 'data=8gaussians&hidden=16&train=80&n=1000&steps=6&play=0';
      const { page, problems } = await open(hash);
      await learned(page, 80);
      const history = () =>
        page.evaluate(() => {
          const { history } = globalThis.tributaryDemo.lesson;
          return {
            losses: history.loss.length,
            last: history.loss.at(-1)?.[0],
            excess: history.excess.length,
            metrics: Object.keys(history.evaluation?.result.metrics ?? {}),
          };
        });
      await page.waitForFunction(() => globalThis.tributaryDemo.lesson.history.evaluation !== null);
      const before = await history();
      expect(before).toMatchObject({ losses: 80, last: 80 });
      expect(before.excess).toBeGreaterThan(0);
      expect(before.metrics).toContain('sliced_w2');
      await page.waitForSelector('.metrics tbody tr');
      const model = () =>
        page.evaluate(async () => {
          const { bytes } = globalThis.tributaryDemo.lesson;
          const hash = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
          return [...new Uint8Array(hash)].join();
        });
      const digest = await model();

      await page.reload();
      await page.waitForFunction(() => globalThis.tributaryDemo?.lesson.bytes != null);
      expect(await page.evaluate(() => globalThis.tributaryDemo.lesson.step)).toBe(80);
      expect(await model()).toBe(digest);
      expect((await history()).losses).toBe(80);

      await page.locator('#more').click();
      await page.waitForFunction(() => globalThis.tributaryDemo.lesson.step > 100);
      expect((await state(page)).train).toBe(1080);
      await page.locator('#train').click();
      await page.waitForFunction(() => !globalThis.tributaryDemo.lesson.running);
      await page.evaluate(() => globalThis.tributaryDemo.store.set({ train: 80 }));
      await page.locator('#reset').click();
      await learned(page, 80);
      // The same seed gives the same model, from whichever step it is looked at.
      await page.waitForFunction(() => globalThis.tributaryDemo.lesson.history.loss.length === 80);
      expect(await model()).toBe(digest);
      expect(problems).toEqual([]);
      await page.close();
    });

    it('trains as far as it is told while another model is being opened', async () => {
      const { page, problems } = await open('data=8gaussians&hidden=16&train=5&n=1000&steps=2&play=0');
      await learned(page, 5);
      await page.evaluate(() => {
        const { store } = globalThis.tributaryDemo;
        store.set({ seed: 1 });
        store.set({ train: 25 });
      });
      await learned(page, 25);
      expect(await page.evaluate(() => globalThis.tributaryDemo.lesson.choice?.seed)).toBe(1);
      expect(problems).toEqual([]);
      await page.close();
    });

    it('opens only the last of many choices in a row', async () => {
      const { page, problems } = await open('hidden=16&train=20&n=300&steps=2&play=0&data=8gaussians');
      await learned(page, 20);
      await page.evaluate(async () => {
        const { lesson, store } = globalThis.tributaryDemo;
        const own = lesson as unknown as { receive(data: { type: string }): void };
        const receive = own.receive.bind(lesson);
        Object.assign(globalThis, { opened: 0 });
        own.receive = (data) => {
          if (data.type === 'opened') (globalThis as unknown as { opened: number }).opened++;
          receive(data);
        };
        // They reach the worker in one burst, however slow the page is.
        const { worker } = lesson as unknown as { worker: Worker };
        const held: { type: string }[] = [];
        worker.postMessage = (message: { type: string }) => void held.push(message);
        let opens = 0;
        for (const family of ['ddpm', 'edm', 'ot-cfm', 'sf2m', 'ddim', 'score-sde-ve', 'flow-matching-vp']) {
          store.set({ family });
          opens++;
          while (held.filter(({ type }) => type === 'open').length < opens)
            await new Promise((resolve) => setTimeout(resolve, 0));
        }
        Reflect.deleteProperty(worker, 'postMessage');
        for (const message of held) worker.postMessage(message);
      });
      await learned(page, 20);
      expect(await page.evaluate(() => globalThis.tributaryDemo.lesson.choice?.family)).toBe(
        'flow-matching-vp',
      );
      expect(
        await page.evaluate(() => (globalThis as unknown as { opened: number }).opened),
      ).toBeLessThanOrEqual(3);
      expect(problems).toEqual([]);
      await page.close();
    });

    it('scrubs forth and back at once', async () => {
      const { page, problems } = await open('n=1000&steps=8&play=0');
      await arrived(page);
      const data = await spread(page);
      await slide(page, 'time', 0);
      expect(await page.evaluate(() => globalThis.tributaryDemo.stage.t)).toBe(0);
      // Distances of standard normals in the plane have mean √(π/2).
      expect(Math.abs((await spread(page)) - Math.sqrt(Math.PI / 2))).toBeLessThan(0.06);
      await slide(page, 'time', 1);
      expect(await spread(page)).toBe(data);
      expect(Math.abs(data - Math.sqrt(Math.PI / 2))).toBeGreaterThan(0.3);
      await page.focus('.stage');
      await page.keyboard.press('Space');
      await page.waitForFunction(() => globalThis.tributaryDemo.stage.playing);
      await page.keyboard.press('ArrowRight');
      expect((await state(page)).x).toBeGreaterThan(0);
      await page.keyboard.press('0');
      expect(await state(page)).toMatchObject({ x: 0, y: 0, span: 0 });
      expect(problems).toEqual([]);
      await page.close();
    });

    it('takes every choice, and an address gives them all back', async () => {
      const { page, problems } = await open('hidden=16&train=10&n=1000&steps=6&play=0');
      await particles(page);
      const names = await page.$$eval('.controls [name]', (list) =>
        list.map((one) => one.getAttribute('name')),
      );
      expect(names.length).toBeGreaterThan(18);
      for (const name of names) {
        // What another choice has taken away, as a family without a path does.
        if ((await page.$(`.controls [name="${name}"]`)) === null) continue;
        // The engine stays as it is here, and the largest network would only be slow.
        await page.$eval(`.controls [name="${name}"]`, (element) => {
          if (element instanceof HTMLSelectElement) {
            const others = [...element.options].filter((one) => !one.disabled && one.value !== element.value);
            const slow = ['128', '64', '20000'];
            const other = others.filter(({ value }) => !slow.includes(value)).at(-1);
            if (other) element.value = other.value;
            element.dispatchEvent(new Event('change', { bubbles: true }));
          } else if (element instanceof HTMLInputElement && element.type === 'checkbox') element.click();
          else if (element instanceof HTMLInputElement) {
            element.value =
              element.type === 'range' ? String((Number(element.min) + Number(element.max)) / 4) : '7';
            element.dispatchEvent(
              new Event(element.type === 'range' ? 'input' : 'change', { bubbles: true }),
            );
          }
        });
        await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
      }
      const chosen = await state(page);
      const usual = await page.evaluate(() => Object.keys(globalThis.tributaryDemo.store.state));
      const own = Object.keys(familyByName('flow-matching').settings);
      const unknown = names.filter(
        (name) => !usual.includes(name as string) && !own.includes(name as string),
      );
      expect(unknown).toEqual([]);
      await page.evaluate(() => globalThis.tributaryDemo.store.write());
      await page.reload();
      await page.waitForFunction(() => globalThis.tributaryDemo?.machine != null);
      expect(await state(page)).toEqual(chosen);
      await particles(page);
      expect(problems).toEqual([]);
      await page.close();
    });

    it('learns what is drawn, and what a file holds', async () => {
      const { page, problems } = await open('data=8gaussians&hidden=16&train=20&n=1000&steps=4&play=0');
      // The table of metrics, once it comes, moves what lies under it.
      await page.waitForSelector('.metrics tbody tr');
      await page.locator('#draw').click();
      const box = (await (await page.waitForSelector('canvas.brush'))!.boundingBox())!;
      await page.mouse.move(box.x + 60, box.y + 60);
      await page.mouse.down();
      await page.mouse.move(box.x + 300, box.y + 90, { steps: 8 });
      await page.mouse.up();
      await page.locator('#brush-done').click();
      await learned(page, 20);
      const drawn = await state(page);
      expect(drawn.data).toBe('your own');
      expect(drawn.custom).toMatch(/^g\./);
      const csv = Array.from({ length: 60 }, (_, i) => `${100 + Math.cos(i)},${50 + Math.sin(i)}`).join('\n');
      await page.evaluate((text) => {
        const files = new DataTransfer();
        files.items.add(new File([`x,y\n${text}`], 'ring.csv', { type: 'text/csv' }));
        document.body.dispatchEvent(
          new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: files }),
        );
      }, csv);
      await page.waitForFunction(() => globalThis.tributaryDemo.store.state.custom.startsWith('p.'));
      await learned(page, 20);
      expect((await state(page)).custom).toMatch(/^p\.(100|99,9\d+|100,0\d*)\./);
      await page.evaluate(() => {
        const files = new DataTransfer();
        files.items.add(new File(['x,y\n1,oops'], 'bad.csv', { type: 'text/csv' }));
        document.body.dispatchEvent(
          new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: files }),
        );
      });
      await page.waitForFunction(() => /bad\.csv/.test(document.querySelector('.toast')?.textContent ?? ''));
      const wrong: [string, string, RegExp][] = [
        ['text.csv', 'hello there', /text\.csv/],
        ['nan.csv', 'x,y\n1,2\nNaN,3\n4,5\n6,7', /nan\.csv line 3, column 1: 'NaN' is not a finite number/],
        ['three.csv', '1,2,3\n4,5,6\n7,8,9\n1,1,1', /three\.csv has 3 columns; points of a plane have 2/],
        ['empty.csv', '', /empty\.csv is empty/],
        ['bad.npy', 'no numpy', /bad\.npy/],
        ['paper.pdf', '%PDF-1.7', /paper\.pdf is neither \.csv, \.npy nor a picture/],
      ];
      const kept = await state(page);
      for (const [name, content, message] of wrong) {
        await page.evaluate(
          (file, text) => {
            const files = new DataTransfer();
            files.items.add(new File([text], file));
            document.body.dispatchEvent(
              new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: files }),
            );
          },
          name,
          content,
        );
        await page.waitForFunction(
          (file) => document.querySelector('.toast')?.textContent?.includes(file),
          {},
          name,
        );
        expect(await page.$eval('.toast', (element) => element.textContent)).toMatch(message);
      }
      expect(await state(page)).toEqual(kept);
      expect(problems).toEqual([]);
      await page.close();
    });

    it('opens a broken address as far as it can be read, and says what could not', async () => {
      const custom = 'data=your+own&custom=p.%25%25';
      const { page, problems } = await open(`family=nonsense&n=-4&solver=magic&hidden=48&${custom}&play=0`);
      await particles(page);
      expect(await state(page)).toMatchObject({
        family: 'flow-matching',
        n: 0,
        solver: 'heun',
        data: 'spirals',
      });
      const told = await page.$eval('.toast', (element) => element.textContent);
      expect(told).toMatch(/family.*n.*solver|data of your own that are cut short or broken/);
      expect(problems).toEqual([]);
      await page.close();
    });

    it('compares two models, and asks before it tells', async () => {
      const { page, problems } = await open(
        'view=compare&data=8gaussians&hidden=16&train=20&train2=20&n=1000&steps=4',
      );
      await page.waitForFunction(() => globalThis.tributaryDemo.other?.history.evaluation != null);
      await page.waitForFunction(() => globalThis.tributaryDemo.lesson.history.evaluation != null);
      await arrived(page);
      expect(await page.evaluate(() => globalThis.tributaryDemo.stage.panes.length)).toBe(2);
      await page.waitForFunction(() => document.querySelectorAll('.compare .metrics thead th').length === 4);
      // A third model, of the state that an address would hold.
      await page.select('.compare [name=family3]', 'ddpm');
      await page.waitForFunction(
        () => globalThis.tributaryDemo.lessons.others[1]?.history.evaluation != null,
      );
      await page.waitForFunction(() => document.querySelectorAll('.compare .metrics thead th').length === 5);
      await arrived(page);
      expect(await page.evaluate(() => globalThis.tributaryDemo.stage.panes.length)).toBe(3);
      await page.locator('#view-quiz').click();
      for (let round = 0; round < 4; round++) {
        await page.waitForSelector('#guess-a:not(:disabled)');
        expect(await page.$('.verdict')).toBeNull();
        await page.locator('#guess-a').click();
        await page.waitForSelector('.verdict .metrics');
        await page.locator('#next').click();
      }
      await page.locator('#view-verify').click();
      await page.waitForSelector('#verify');
      expect(problems).toEqual([]);
      await page.close();
    });
  });
