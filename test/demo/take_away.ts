/** What visitors take away from the demo page, judged by what is not the page. */
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { decode } from 'fast-png';
import type { Page } from 'puppeteer';
import { describe, expect, it } from 'vitest';
import { loopSeconds, timeOfLoop } from '../../demo/src/scene/loop.js';
import type { State } from '../../demo/src/state.js';
import { temporaryFolder, tributary } from '../cli/run.js';
import { embeddedParticles } from './embedding.js';
import { downloads, drop, type Taken, told } from './files.js';
import { playFilm } from './film.js';
import { arrived, learned, type OpenDemo } from './page.js';

/** Positions of the page's particles at t = 1, in the page's own units. */
const particlesOf = (page: Page) =>
  page.evaluate(async () => [...(await globalThis.tributaryDemo.stage.panes[0].runner!.samples())]);

const furthest = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  let most = a.length === b.length ? 0 : Number.POSITIVE_INFINITY;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i] - b[i]));
  return most;
};

interface Row {
  x: string;
  y: string;
  label?: string;
}

function table({ bytes }: Pick<Taken, 'bytes'>): { points: number[]; labels: number[] } {
  const rows: Row[] = parse(Buffer.from(bytes), { columns: true });
  return {
    points: rows.flatMap(({ x, y }) => [Number(x), Number(y)]),
    labels: rows.flatMap(({ label }) => (label === undefined ? [] : [Number(label)])),
  };
}

/** Different colours of a picture, and the share of the most frequent one. */
function picture({ bytes }: Taken) {
  const { width, height, data, channels } = decode(bytes);
  const found = new Map<number, number>();
  let clear = 0;
  for (let i = 0; i < data.length; i += channels) {
    const colour = (data[i] << 16) | (data[i + 1] << 8) | data[i + 2];
    found.set(colour, (found.get(colour) ?? 0) + 1);
    if (channels === 4 && data[i + 3] < 255) clear++;
  }
  return {
    width,
    height,
    colours: found.size,
    ground: Math.max(...found.values()) / (width * height),
    clear,
  };
}

/** Sets the state and waits for the particles of the model that it describes. */
async function become(page: Page, change: Partial<State>): Promise<void> {
  await page.evaluate((to) => globalThis.tributaryDemo.store.set(to), change);
  await page.waitForFunction(
    (steps) =>
      globalThis.tributaryDemo.lesson.step === steps &&
      !globalThis.tributaryDemo.lesson.running &&
      globalThis.tributaryDemo.lesson.bytes !== null,
    {},
    await page.evaluate(() => globalThis.tributaryDemo.store.state.train),
  );
}

/** Notes what the page offers as files instead of saving it. @returns their names */
async function offered(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const names: string[] = [];
    Object.assign(globalThis, { names });
    HTMLAnchorElement.prototype.click = function () {
      names.push(this.download);
    };
  });
  return () => page.evaluate(() => (globalThis as unknown as { names: string[] }).names);
}

/** Has the page record a loop, and waits until it is in the middle of it. */
async function filming(page: Page): Promise<void> {
  await page.click('#get-loop');
  await told(page, /^Recording one loop/);
  await page.waitForFunction(() => {
    const { t } = globalThis.tributaryDemo.stage;
    return t > 0.02 && t < 0.4;
  });
}

/** What the state and the stage say of the time. */
const time = (page: Page) =>
  page.evaluate(() => {
    const { store, stage } = globalThis.tributaryDemo;
    return { play: store.state.play, t: store.state.t, shown: stage.t, playing: stage.playing };
  });

export const takeAway = (open: OpenDemo) =>
  describe('what is taken away', () => {
    const folder = temporaryFolder();

    /** What the command line draws from a model's file. */
    async function sampled(model: string, n: number, options: readonly string[]) {
      const out = folder(`${Math.random()}.csv`);
      const { code, stderr } = await tributary(
        ['sample', model, '--n', String(n), '--out', out].concat(options),
      );
      expect(stderr).not.toMatch(/error/i);
      expect(code).toBe(0);
      const rows = (parse(readFileSync(out)) as string[][]).map((cells) => cells.map(Number));
      // Without labels there is no header.
      if (rows[0].some(Number.isNaN)) rows.shift();
      return {
        points: rows.flatMap((cells) => cells.slice(0, 2)),
        labels: rows.flatMap((cells) => cells.slice(2)),
      };
    }

    it('the model opens on the command line, and the samples are the page’s', async () => {
      const { page, problems } = await open('data=moons&hidden=16&train=40&n=1000&steps=6&seed=4&play=0');
      const take = await downloads(page);
      await learned(page, 40);
      const particles = await particlesOf(page);
      const model = await take('#get-model');
      expect(model.name).toBe('model.safetensors');
      const drawn = await sampled(model.path, 1000, '--seed 5 --solver heun --steps 6'.split(' '));
      expect(furthest(drawn.points, particles)).toBeLessThan(1e-4);

      const samples = await take('#get-samples');
      expect(samples.name).toBe('moons-flow-matching-samples.csv');
      const { points, labels } = table(samples);
      expect(points).toEqual(particles);
      expect(labels).toEqual(drawn.labels);
      expect(new Set(labels)).toEqual(new Set([0, 1]));
      // The model has seen labels: its samples of each lie where the label's data do, on their side.
      const heights = [0, 1].map((label) => {
        const own = points.filter((_, i) => i % 2 === 1 && labels[(i - 1) / 2] === label);
        return own.reduce((sum, y) => sum + y, 0) / own.length;
      });
      expect(heights[0]).toBeGreaterThan(heights[1]);

      // One label, and none.
      await become(page, { label: 1, guidance: 2 });
      expect(new Set(table(await take('#get-samples')).labels)).toEqual(new Set([1]));
      await become(page, { conditional: false });
      const plain = await take('#get-samples');
      expect(table(plain).points).toHaveLength(2000);
      expect(table(plain).labels).toHaveLength(0);
      expect(problems).toEqual([]);
      await page.close();
    });

    it('own data come back in their own units', async () => {
      const { page, problems } = await open('data=8gaussians&hidden=16&train=60&n=500&steps=6&play=0');
      const take = await downloads(page);
      const [cx, cy, radius] = [4_200_000, -17, 0.5];
      const ring = Array.from({ length: 200 }, (_, i) => [
        cx + radius * Math.cos(i),
        cy + radius * Math.sin(i),
      ]);
      await drop(page, [{ name: 'far.csv', content: ring.map((point) => point.join(',')).join('\n') }]);
      await page.waitForFunction(() => globalThis.tributaryDemo.store.state.custom !== '');
      await become(page, {});
      const { points } = table(await take('#get-samples'));
      const drawn = await sampled((await take('#get-model')).path, 500, ['--solver', 'heun', '--steps', '6']);
      expect(furthest(points, drawn.points)).toBeLessThan(1e-3);
      const mean = [0, 1].map((k) => points.filter((_, i) => i % 2 === k).reduce((a, b) => a + b, 0) / 500);
      expect(Math.abs(mean[0] - cx)).toBeLessThan(radius);
      expect(Math.abs(mean[1] - cy)).toBeLessThan(radius);
      // The particles lie where the data do, and nowhere near as far as they are from 0.
      expect(Math.max(...points.map((value, i) => Math.abs(value - [cx, cy][i % 2])))).toBeLessThan(20);
      expect(problems).toEqual([]);
      await page.close();
    });

    it.each([
      ['on the processor', false, 3, 2.9],
      ['on the software adapter', true, 4, 2.6],
    ] as const)('a picture and a loop, %s', async (_, webgpu, speed, seconds) => {
      const { page, problems } = await open(
        `${webgpu ? 'backend=webgpu&' : ''}data=8gaussians&hidden=16&train=20&n=800&steps=4&play=0&truth=1&speed=${speed}`,
        { webgpu, width: 900, height: 500 },
      );
      const take = await downloads(page);
      await learned(page, 20);
      await arrived(page);
      const { name, ...shot } = { ...(await take('#get-picture')) };
      expect(name).toBe('8gaussians-flow-matching.png');
      const seen = picture({ name, ...shot });
      const size = await page.evaluate(() => {
        const { clientWidth, clientHeight } = globalThis.tributaryDemo.stage.element;
        return { width: clientWidth, height: clientHeight };
      });
      expect(seen).toMatchObject({ ...size, clear: 0 });
      expect(seen.colours).toBeGreaterThan(100);
      expect(seen.ground).toBeGreaterThan(0.3);
      const film = await take('#get-loop');
      expect(film.name).toBe('8gaussians-flow-matching.webm');
      const played = await playFilm(page, film.bytes);
      expect(played).toMatchObject(size);
      // A slow machine lets the film end early, by a frame or two of its own, and makes it as long as it takes.
      expect(played.seconds).toBeGreaterThan(seconds / 2);
      expect(played.changed).toBeGreaterThan(0.005);
      expect(played.colours).toBeGreaterThan(100);
      // The stage is as it was.
      expect(await time(page)).toEqual({ play: false, t: 1, shown: 1, playing: false });
      expect(problems).toEqual([]);
      await page.close();
    });

    it('a loop that the scene changes under ends in one line and no file', async () => {
      const { page, problems } = await open('data=8gaussians&hidden=16&train=20&n=300&steps=2&play=0&t=0.4');
      const files = await offered(page);
      await learned(page, 20);
      const changes: [string, () => Promise<unknown>][] = [
        ['the size of the stage', () => page.setViewport({ width: 700, height: 700 })],
        ['the view', () => page.click('#view-quiz')],
        ['the data', () => become(page, { data: 'rings' })],
        ['the model', () => become(page, { family: 'edm' })],
        ['the sampling', () => become(page, { sde: true })],
        ['the view', () => page.click('#view-compare')],
        ['the model', () => become(page, { family3: 'ddpm' })],
      ];
      for (const [what, change] of changes) {
        await arrived(page);
        await filming(page);
        await change();
        await told(page, new RegExp(`^The recording was stopped: ${what} changed in the middle of it\\.$`));
        // The quiz has no such button.
        const back = await page.$('#view-quiz[aria-current]');
        if (back !== null) await page.click('#view-flow');
        await page.waitForSelector('#get-loop[aria-disabled=false]');
        const { play, t, shown } = await time(page);
        expect({ play, t, shown }, what).toEqual({ play: false, t: 0.4, shown: 0.4 });
      }
      expect(await files()).toEqual([]);
      expect(problems).toEqual([]);
      await page.close();
    });

    it('a loop leaves the time to whoever moves it meanwhile, and goes on in other colours and windows', async () => {
      const { page, problems } = await open('data=8gaussians&hidden=16&train=20&n=300&steps=2&speed=4');
      const files = await offered(page);
      await learned(page, 20);
      const begin = async () => {
        await arrived(page);
        await filming(page);
      };
      const ended = () => page.waitForSelector('#get-loop[aria-disabled=false]');
      await begin();
      await become(page, { colour: 'speed', x: 0.5, span: 3, truth: true });
      await ended();
      // Nobody has touched the time.
      expect((await time(page)).play).toBe(true);
      await begin();
      await page.$eval('#time', (element) => {
        (element as HTMLInputElement).value = '0.2';
        element.dispatchEvent(new Event('input'));
      });
      await ended();
      expect(await time(page)).toEqual({ play: false, t: 0.2, shown: 0.2, playing: false });
      await begin();
      await page.click('#play');
      await ended();
      expect(await time(page)).toMatchObject({ play: true, playing: true });
      expect(await files()).toEqual(new Array(3).fill('8gaussians-flow-matching.webm'));
      expect(problems).toEqual([]);
      await page.close();
    });

    it('a loop lasts as long as it plays at every speed', () => {
      for (const speed of [0.1, 0.25, 1, 4]) {
        // It arrives before it ends, and rests for as long at every speed.
        const rest = loopSeconds(speed) - loopSeconds(1e9);
        expect(timeOfLoop(rest, speed)).toBeCloseTo(1, 6);
        expect(timeOfLoop(0.99 * rest, speed)).toBeCloseTo(0.99);
        expect(timeOfLoop(loopSeconds(speed), speed)).toBe(1);
      }
      expect(loopSeconds(1e9)).toBeGreaterThan(1);
    });

    it('says in one line what cannot be taken', async () => {
      const { page, problems } = await open('hidden=16&train=20&n=300&steps=2&play=0&data=8gaussians');
      await learned(page, 20);
      await page.evaluate(() => Reflect.deleteProperty(globalThis, 'MediaRecorder'));
      await page.locator('#get-loop').click();
      await told(page, /^This browser cannot record a \.webm\.$/);
      // A model that cannot be: nothing is there to be taken.
      await page.evaluate(() =>
        globalThis.tributaryDemo.store.set({ family: 'ddpm', path: 'trig', gamma: 'sqrt' }),
      );
      await page.waitForFunction(() => globalThis.tributaryDemo.lesson.problem !== '');
      for (const button of ['#get-model', '#get-samples', '#get-code']) {
        await page.evaluate(() => document.querySelector('.toast')?.replaceChildren());
        await page.locator(button).click();
        await told(page, /^There is no model yet: let it learn first\.$/);
      }
      expect(problems).toEqual([]);
      await page.close();
    });

    it('code that embeds a model shows the very particles of the page', async () => {
      const { page, problems } = await open('data=8gaussians&hidden=16&train=15&n=400&steps=6&play=0&seed=3');
      const variants: Partial<State>[] = [
        {},
        { label: 1, guidance: 2.5 },
        { conditional: false, label: -1, guidance: 1, solver: 'midpoint' },
        { family: 'stochastic-interpolant', solver: 'euler-maruyama', epsilon: 1.5, diffusion: 'bump' },
        { family: 'edm', conditional: true, solver: 'heun' },
      ];
      for (const variant of variants) {
        await become(page, variant);
        const particles = await particlesOf(page);
        await page.locator('#get-code').click();
        const code = (await page.$eval('dialog pre', (element) => element.textContent))!;
        await page.evaluate(() => document.querySelector('dialog')?.close());
        const sources = [...code.matchAll(/from '([^']+)'/g)].map(([, source]) => source);
        expect(new Set(sources)).toEqual(
          new Set(['three/webgpu', 'tributary-engine', 'tributary-engine/three']),
        );
        const bytes = await page.evaluate(() => [...globalThis.tributaryDemo.lesson.bytes!]);
        const embedded = await embeddedParticles(code, Uint8Array.from(bytes));
        expect(furthest(embedded, particles), JSON.stringify(variant)).toBeLessThan(1e-3);
      }
      expect(problems).toEqual([]);
      await page.close();
    });
  });
