/** Minutes of the demo page on WebGPU: its own frames, with its own clock, as fast as they go. */
import type { Page } from 'puppeteer';
import { describe, expect, it } from 'vitest';
import { often } from '../shared/walks.js';
import { learned, type OpenDemo } from './page.js';

const SMALL = 'backend=webgpu&data=moons&hidden=16&train=30&n=200&steps=4&solver=midpoint';
/** Two minutes at 60 a second, and ten. */
const FRAMES = often(7200, 36_000);
/** Until everything that is made once has been made, and what is called often has been compiled. */
const WARM_UP = 1500;
const SAMPLED = 400;
/** Bytes that all frames together may leave behind. */
const MOST_LEFT = 500_000;
/** Bytes of garbage a frame, nearly all of them three.js's own bookkeeping; none of them grows with the particles. */
const MOST_GARBAGE = 7000;

declare global {
  /** Runs that many frames, at so many milliseconds of the page's time. */
  var runFrames: ((count: number, ms?: number) => Promise<void>) | undefined;
}

/** Frames come when the test says so, usually a sixtieth of a second of the page's time after another. */
export function ownClock(): void {
  const usual = requestAnimationFrame.bind(globalThis);
  let waiting: FrameRequestCallback[] = [];
  let now = 0;
  let manual = false;
  globalThis.requestAnimationFrame = (callback) => (manual ? waiting.push(callback) : usual(callback));
  globalThis.runFrames = async (count, ms = 1000 / 60) => {
    manual = true;
    // What was asked for before comes once more in the old way.
    await new Promise((resolve) => usual(() => usual(resolve)));
    for (let done = 0; done < count; done++) {
      const due = waiting;
      waiting = [];
      now += ms;
      for (const callback of due) callback(now);
      if (done % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    }
  };
}

const run = (page: Page, count: number) => page.evaluate((frames) => globalThis.runFrames!(frames), count);

/** What the page creates on its device from now on. */
const countCreations = (page: Page) =>
  page.evaluate(() => {
    const gpu = globalThis.tributaryDemo.machine!.engine!.gpu as GPUDevice & { created?: number };
    gpu.created = 0;
    for (const name of [
      'createBuffer',
      'createBindGroup',
      'createTexture',
      'createRenderPipeline',
      'createComputePipeline',
    ] as const) {
      const original = (gpu[name] as (descriptor: unknown) => unknown).bind(gpu);
      Object.assign(gpu, {
        [name]: (descriptor: unknown) => {
          gpu.created = (gpu.created ?? 0) + 1;
          return original(descriptor);
        },
      });
    }
  });

/**
 * Has the adapter draw one frame of so many. It takes nine of ten milliseconds of a frame, and what is asked about is
 * what the page makes and leaves behind by encoding frames: it encodes all of them.
 */
const drawSome = (page: Page, every: number) =>
  page.evaluate((share) => {
    const { queue } = globalThis.tributaryDemo.machine!.engine!.gpu;
    const submit = queue.submit.bind(queue);
    let encoded = 0;
    queue.submit = (buffers) => {
      if (encoded++ % share === 0) submit(buffers);
    };
  }, every);

export const frames = (open: OpenDemo) =>
  describe('minutes of frames', () => {
    it('need the memory and the buffers of the first', async () => {
      const { page, problems } = await open(SMALL, { webgpu: true, before: ownClock });
      await learned(page, 30);
      // Until the last model's trajectory is the one that is shown.
      await page.evaluate(() => globalThis.tributaryDemo.stage.panes[0].runner!.samples());
      // A software adapter pays for pixels, and they are not what is asked about.
      await page.addStyleTag({
        content: '.stage { position: fixed !important; width: 64px !important; height: 48px !important }',
      });
      const client = await page.createCDPSession();
      const heap = async () => {
        await client.send('HeapProfiler.collectGarbage');
        return (await page.metrics()).JSHeapUsedSize ?? 0;
      };
      await drawSome(page, 12);
      await run(page, WARM_UP);
      await countCreations(page);
      const before = await heap();
      const [painted, started] = await page.evaluate(() => {
        const { stage } = globalThis.tributaryDemo;
        return [stage.frames, stage.t];
      });
      let wrapped = 0;
      let last = started;
      for (let done = 0; done < FRAMES; done += FRAMES / 200) {
        await run(page, FRAMES / 200);
        const t = await page.evaluate(() => globalThis.tributaryDemo.stage.t);
        if (t < last) wrapped++;
        last = t;
      }
      const grown = (await heap()) - before;
      const after = await page.evaluate(() => ({
        painted: globalThis.tributaryDemo.stage.frames,
        created: (globalThis.tributaryDemo.machine!.engine!.gpu as GPUDevice & { created?: number }).created,
      }));
      expect(after.painted - painted).toBe(FRAMES);
      // Time goes from noise to data and rests, in 5.6 seconds: the page played all the while.
      expect(wrapped).toBeGreaterThan(FRAMES / 720);
      expect(after.created).toBe(0);
      expect(grown).toBeLessThan(MOST_LEFT);

      await client.send('HeapProfiler.startSampling', {
        samplingInterval: 128,
        includeObjectsCollectedByMajorGC: true,
        includeObjectsCollectedByMinorGC: true,
      } as never);
      await run(page, SAMPLED);
      const { profile } = await client.send('HeapProfiler.stopSampling');
      const size = ({ selfSize, children }: typeof profile.head): number =>
        children.reduce((sum, child) => sum + size(child), selfSize);
      expect(size(profile.head) / SAMPLED).toBeLessThan(MOST_GARBAGE);
      expect(problems).toEqual([]);
      await page.close();
    });
  });
