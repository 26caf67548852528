/** What the stage shows, and what runs behind it, while choices change quickly or cannot be. */
import type { Page } from 'puppeteer';
import { describe, expect, it } from 'vitest';
import { downloads, hush, told } from './files.js';
import { learned, type OpenDemo, particles } from './page.js';

declare global {
  // Devices that have been given out and not been destroyed.
  var devicesAlive: Set<GPUDevice>;
}

const SMALL = 'data=8gaussians&hidden=16&train=10&n=100&steps=2&play=0';

/** Lets the page be for longer than it waits before it says that it computes, in time and in frames. */
const rest = (page: Page) =>
  page.evaluate(async () => {
    const end = performance.now() + 1500;
    for (let frame = 0; frame < 30 || performance.now() < end; frame++)
      await new Promise((done) => requestAnimationFrame(done));
  });

const busy = (page: Page) => page.$eval('.stage', (element) => element.getAttribute('aria-busy'));

/** Different colours of the stage's picture. */
const colours = (page: Page) =>
  page.evaluate(() => {
    const picture = globalThis.tributaryDemo.stage.picture();
    const { data } = picture.getContext('2d')!.getImageData(0, 0, picture.width, picture.height);
    return new Set(new Uint32Array(data.buffer)).size;
  });

export const stage = (open: OpenDemo) =>
  describe('the stage', () => {
    it('quick changes of what computes leave one device alive, and none is taken for lost', async () => {
      const { page, problems } = await open(`${SMALL}&backend=cpu`, {
        webgpu: true,
        before: () => {
          globalThis.devicesAlive = new Set();
          const { requestDevice } = GPUAdapter.prototype;
          GPUAdapter.prototype.requestDevice = async function (...inputs) {
            const device = await requestDevice.apply(this, inputs);
            globalThis.devicesAlive.add(device);
            return device;
          };
          const { destroy } = GPUDevice.prototype;
          GPUDevice.prototype.destroy = function () {
            globalThis.devicesAlive.delete(this);
            return destroy.call(this);
          };
        },
      });
      await particles(page);
      const become = (backends: readonly string[]) =>
        page.evaluate(async (list) => {
          for (const backend of list) {
            globalThis.tributaryDemo.store.set({ backend });
            await new Promise((done) => setTimeout(done, 60));
          }
        }, backends);
      const seen = () =>
        page.evaluate(() => {
          const { machine, losses, stage } = globalThis.tributaryDemo;
          const { devicesAlive } = globalThis;
          const own = machine?.engine?.gpu;
          return {
            ...{ kind: machine?.kind, losses, alive: devicesAlive.size },
            isOwn: own === undefined || devicesAlive.has(own),
            canvases: document.querySelectorAll('canvas.particles').length,
            panes: stage.panes.length,
          };
        });
      const still = { losses: 0, isOwn: true, canvases: 1, panes: 1 };
      await become(['webgpu', 'cpu', 'webgpu', 'auto', 'webgpu', 'cpu', 'webgpu']);
      await page.waitForFunction(() => globalThis.tributaryDemo.machine?.kind === 'webgpu');
      await particles(page);
      await expect.poll(seen).toEqual({ kind: 'webgpu', alive: 1, ...still });
      await rest(page);
      expect(await seen()).toEqual({ kind: 'webgpu', alive: 1, ...still });
      await become(['cpu', 'webgpu', 'cpu', 'webgpu', 'cpu']);
      await page.waitForFunction(() => globalThis.tributaryDemo.machine?.kind === 'cpu');
      await particles(page);
      await expect.poll(seen).toEqual({ kind: 'cpu', alive: 0, ...still });
      await rest(page);
      expect(await seen()).toEqual({ kind: 'cpu', alive: 0, ...still });
      expect(problems).toEqual([]);
      await page.close();
    });

    it('a link with a model that cannot be waits for nothing, and says the way out', async () => {
      const { page, problems } = await open('data=moons&head=score&gamma=sqrt&play=0');
      await page.waitForFunction(() => globalThis.tributaryDemo.lesson.problem !== '');
      await rest(page);
      expect(await busy(page)).not.toBe('true');
      expect(await told(page, /./)).toMatch(
        /flow-matching, γ sqrt, learns score: choose “the family’s” again under Model\.$/,
      );
      // And it comes once it can.
      await page.select('[name=head]', '');
      await page.select('[name=gamma]', '');
      await page.evaluate(() => globalThis.tributaryDemo.store.set({ hidden: 16, train: 5 }));
      await learned(page, 5);
      await particles(page);
      await page.waitForSelector('.stage[aria-busy=false]');
      expect(problems).toEqual([]);
      await page.close();
    });

    it.each([
      ['on the processor', false],
      ['on the software adapter', true],
    ])(
      'a model that cannot be had empties its pane, and nothing is saved under its name, %s',
      async (_, webgpu) => {
        const { page, problems } = await open(`${SMALL}${webgpu ? '&backend=webgpu' : ''}`, { webgpu });
        const take = await downloads(page);
        await learned(page, 10);
        await particles(page);
        await expect.poll(() => colours(page)).toBeGreaterThan(10);
        await page.evaluate(() =>
          globalThis.tributaryDemo.store.set({ data: 'rings', head: 'score', gamma: 'sqrt' }),
        );
        await page.waitForFunction(() => globalThis.tributaryDemo.lesson.problem !== '');
        await expect.poll(() => colours(page)).toBe(1);
        await rest(page);
        expect(await colours(page)).toBe(1);
        for (const button of ['#get-picture', '#get-samples', '#get-loop']) {
          await hush(page);
          await page.locator(button).click();
          await told(page, /^There is no model yet: let it learn first\.$/);
        }
        await page.evaluate(() => globalThis.tributaryDemo.store.set({ head: '', gamma: '' }));
        await learned(page, 10);
        await particles(page);
        await expect.poll(() => colours(page)).toBeGreaterThan(10);
        expect((await take('#get-picture')).name).toBe('rings-flow-matching.png');
        expect(problems).toEqual([]);
        await page.close();
      },
    );

    it('a picture of the model before is not saved under the name of the next', async () => {
      const { page, problems } = await open(SMALL, {
        before: () => {
          // A worker that is as slow to open a model as a large one.
          const { postMessage } = Worker.prototype;
          Worker.prototype.postMessage = function (...inputs: unknown[]) {
            const message = inputs[0] as { type?: string; choice?: { data?: string } };
            if (message.type === 'open' && message.choice?.data === 'rings') return;
            postMessage.apply(this, inputs as never);
          };
        },
      });
      const take = await downloads(page);
      await learned(page, 10);
      await particles(page);
      await page.evaluate(() => globalThis.tributaryDemo.store.set({ data: 'rings' }));
      await rest(page);
      expect(await page.evaluate(() => globalThis.tributaryDemo.lesson.bytes)).toBeNull();
      expect((await take('#get-picture')).name).toBe('8gaussians-flow-matching.png');
      expect(problems).toEqual([]);
      await page.close();
    });

    it('particles that do not come leave none of another model behind', async () => {
      const { page, problems } = await open(SMALL, {
        before: () => {
          // The next model does not reach the worker whole.
          const { postMessage } = Worker.prototype;
          Worker.prototype.postMessage = function (...inputs: unknown[]) {
            const message = inputs[0] as { type?: string; choice?: { data?: string } };
            const broken = message.type === 'model' && message.choice?.data === 'rings';
            postMessage.call(this, broken ? { ...message, bytes: new Uint8Array(9) } : message);
          };
        },
      });
      await learned(page, 10);
      await particles(page);
      await page.evaluate(() => globalThis.tributaryDemo.store.set({ data: 'rings', train: 1 }));
      await told(page, /the model/);
      await expect.poll(() => colours(page)).toBe(1);
      await rest(page);
      expect(await colours(page)).toBe(1);
      expect(await busy(page)).not.toBe('true');
      await page.locator('#get-picture').click();
      await told(page, /^There is no model yet: let it learn first\.$/);
      expect(problems).toEqual([]);
      await page.close();
    });
  });
