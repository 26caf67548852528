/** What the stage shows, and what runs behind it, while choices change quickly or cannot be. */
import { describe, expect, it } from 'vitest';
import { type OpenDemo, particles } from './page.js';

declare global {
  // Devices that have been given out and not been destroyed.
  var devicesAlive: Set<GPUDevice>;
}

const SMALL = 'data=moons&hidden=16&train=10&n=100&steps=2&play=0';

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
      const rest = () => page.evaluate(() => new Promise((done) => setTimeout(done, 3000)));
      const still = { losses: 0, isOwn: true, canvases: 1, panes: 1 };
      await become(['webgpu', 'cpu', 'webgpu', 'auto', 'webgpu', 'cpu', 'webgpu']);
      await page.waitForFunction(() => globalThis.tributaryDemo.machine?.kind === 'webgpu');
      await particles(page);
      await rest();
      expect(await seen()).toEqual({ kind: 'webgpu', alive: 1, ...still });
      await become(['cpu', 'webgpu', 'cpu', 'webgpu', 'cpu']);
      await page.waitForFunction(() => globalThis.tributaryDemo.machine?.kind === 'cpu');
      await particles(page);
      await rest();
      expect(await seen()).toEqual({ kind: 'cpu', alive: 0, ...still });
      expect(problems).toEqual([]);
      await page.close();
    });
  });
