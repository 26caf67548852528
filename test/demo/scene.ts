/** The scene: choices that show what they do, windows that show what there is, colours and trails with a measure. */
import type { Page } from 'puppeteer';
import { describe, expect, it } from 'vitest';
import { encodeDensity, encodePoints, GRID } from '../../demo/src/data/custom.js';
import type { State } from '../../demo/src/state.js';
import { pause } from '../shared/until.js';
import { ownClock } from './frames.js';
import { arrived, learned, type OpenDemo, particles } from './page.js';

const set = (page: Page, change: Partial<State>) =>
  page.evaluate((state) => globalThis.tributaryDemo.store.set(state), change);

const frames = (page: Page, count = 3) =>
  page.evaluate(async (wanted) => {
    for (let i = 0; i < wanted; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
  }, count);

const titles = (page: Page) => page.$$eval('.titles b', (list) => list.map((one) => one.textContent ?? ''));

const toast = (page: Page) => page.$eval('.toast', (one) => one.textContent ?? '');

/** The canvas of the particles: pixels on which there are some, and how opaque the most are. */
const painted = (page: Page) =>
  page.$eval('canvas.particles', (element) => {
    const canvas = element as HTMLCanvasElement;
    const { width, height } = canvas;
    const copy = Object.assign(document.createElement('canvas'), { width, height });
    const context = copy.getContext('2d', { willReadFrequently: true })!;
    context.drawImage(canvas, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    let [pixels, brightest] = [0, 0];
    for (let i = 3; i < data.length; i += 4) {
      if (data[i] > 10) pixels++;
      brightest = Math.max(brightest, data[i]);
    }
    return { width, height, pixels, brightest };
  });

/** The share of a pane's particles that its window shows. */
const inside = (page: Page, pane = 0) =>
  page.evaluate((at) => {
    const { stage } = globalThis.tributaryDemo;
    const { from, to, fraction, count } = stage.panes[at].runner!.sight(stage.t)!;
    const { width, height } = stage.boxes()[at];
    const [a, b] = [from, to] as Float32Array[];
    const half = [(stage.view.span * width) / height / 2, stage.view.span / 2];
    let within = 0;
    for (let i = 0; i < count; i++)
      if (
        [0, 1].every(
          (k) =>
            Math.abs(a[2 * i + k] + (b[2 * i + k] - a[2 * i + k]) * fraction - stage.view.center[k]) <
            half[k],
        )
      )
        within++;
    return within / count;
  }, pane);

/** A list: what is chosen, what cannot be, and the line under it. */
const list = (page: Page, name: string) =>
  page.$eval(`select[name=${name}]`, (element) => {
    const select = element as HTMLSelectElement;
    const line = document.getElementById(select.getAttribute('aria-describedby') ?? '');
    return {
      value: select.value,
      disabled: [...select.options].filter((one) => one.disabled).map((one) => one.value),
      options: select.options.length,
      line: line === null || line.hidden ? '' : line.textContent,
    };
  });

/** A box to tick. */
const box = (page: Page, name: string) =>
  page.$eval(`input[name=${name}]`, (element) => {
    const input = element as HTMLInputElement;
    const line = document.getElementById(input.getAttribute('aria-describedby') ?? '');
    return { checked: input.checked, disabled: input.ariaDisabled === 'true', line: line?.textContent ?? '' };
  });

const SMALL = 'hidden=16&train=5&n=500&steps=4&play=0&data=moons';

export const scene = (open: OpenDemo) =>
  describe('the scene and its choices', () => {
    it('does not offer λ to two-sided models, and moves by σ what a link wants moved by it', async () => {
      const { page, problems } = await open(`${SMALL}&family=stochastic-interpolant&sde=1&diffusion=lambda`);
      await learned(page, 5);
      await arrived(page);
      expect(await list(page, 'diffusion')).toMatchObject({
        value: 'sigma',
        disabled: ['lambda'],
        line: 'lambda: belongs to one-sided interpolants.',
      });
      expect((await list(page, 'solver')).line).toBe(
        'ddim, dpm-solver++, edm-churn, ancestral: is made for one-sided interpolants.',
      );
      expect(await toast(page)).toBe('');
      await set(page, { family: 'flow-matching' });
      expect(await list(page, 'diffusion')).toMatchObject({ value: 'lambda', disabled: [], line: '' });
      await set(page, { view: 'compare' });
      expect(await box(page, 'sde')).toEqual({ checked: false, disabled: true, line: 'In the view Flow.' });
      expect(problems).toEqual([]);
      await page.close();
    });

    it('says the ε that is used, and leaves the ODE alone when it changes', async () => {
      const { page, problems } = await open(`${SMALL}&sde=1&diffusion=decreasing&epsilon=0`);
      await learned(page, 5);
      await page.evaluate(() =>
        Promise.all(globalThis.tributaryDemo.stage.panes.map(({ runner }) => runner!.samples())),
      );
      expect(await titles(page)).toEqual(['ODE', 'SDE, ε ≤ 0.25']);
      const versions = () =>
        page.evaluate(() => globalThis.tributaryDemo.stage.panes.map(({ runner }) => runner!.version));
      const before = await versions();
      // A step of a quarter stirs at most a quarter of the variance: 1 at the start.
      await set(page, { diffusion: 'constant', epsilon: 3 });
      await page.waitForFunction(
        (last) => globalThis.tributaryDemo.stage.panes[1].runner!.version > last,
        {},
        before[1],
      );
      expect(await titles(page)).toEqual(['ODE', 'SDE, ε ≤ 1.00']);
      await frames(page, 10);
      expect((await versions())[0]).toBe(before[0]);
      const line = await page.$eval('input[name=epsilon] ~ small', (one) => one.textContent);
      expect(line).toBe('ε ≤ 1.00; in 4 of 4 steps less than asked for: such long steps bear no more.');
      expect(problems).toEqual([]);
      await page.close();
    });

    it('puts to rest what these data do not have, and wakes it with others', async () => {
      const { page } = await open(`${SMALL}&truth=1&colour=logp`);
      const paint = () =>
        page.waitForFunction(() => globalThis.tributaryDemo.stage.panes[0]?.paint.by === 'value');
      await learned(page, 5);
      await paint();
      expect(await box(page, 'truth')).toEqual({ checked: true, disabled: false, line: '' });
      await set(page, { data: 'pinwheel' });
      expect(await box(page, 'truth')).toEqual({
        ...{ checked: false, disabled: true },
        line: 'The density of pinwheel is not known.',
      });
      expect(await list(page, 'colour')).toMatchObject({ value: 'label', disabled: ['logp'] });
      await set(page, { data: 'grid' });
      // All of them, and each of 25.
      expect((await list(page, 'label')).options).toBe(26);
      expect((await list(page, 'colour')).value).toBe('logp');
      const cells = Array.from({ length: GRID * GRID }, (_, i) => (i % GRID > 20 && i % GRID < 28 ? 1 : 0));
      await set(page, { data: 'your own', custom: encodeDensity(cells) });
      expect(await list(page, 'colour')).toMatchObject({ value: 'logp', disabled: ['label'] });
      expect((await box(page, 'truth')).checked).toBe(true);
      await learned(page, 5);
      await paint();
      expect(await page.$eval('.ramp', (one) => one.textContent)).toMatch(/^log p, −[\d.]+ to −[\d.]+$/);
      await page.close();
    });

    it('shows the field of the very window, deep inside and of any height', async () => {
      const { page } = await open(`${SMALL}&field=arrows&t=0.5`);
      await learned(page, 5);
      await arrived(page);
      await page.evaluate(() => {
        const runner = globalThis.tributaryDemo.stage.panes[0].runner!;
        const usual = runner.velocity.bind(runner);
        Object.assign(globalThis, { asked: [] as number[][] });
        runner.velocity = (t, points, label) => {
          const field = usual(t, points, label);
          const { asked } = globalThis as unknown as { asked: number[][] };
          if (field !== null) asked.push([points[0], points[1], points.length]);
          return field;
        };
      });
      const asked = async (change: () => Promise<unknown>) => {
        await page.evaluate(() => Object.assign(globalThis, { asked: [] }));
        await change();
        await page.waitForFunction(() => (globalThis as unknown as { asked: unknown[] }).asked.length > 0);
        return page.evaluate(() => (globalThis as unknown as { asked: number[][] }).asked.at(-1)!);
      };
      const first = await asked(() => set(page, { x: 1, y: 0.5, span: 0.02 }));
      const second = await asked(() => set(page, { x: 1.001, y: 0.5, span: 0.02 }));
      expect(second[0] - first[0]).toBeCloseTo(0.001, 6);
      const third = await asked(() => page.setViewport({ width: 1200, height: 560 }));
      expect(third[1]).not.toBe(second[1]);
      // However it is asked for, a window stays one.
      const spans = await page.evaluate(() => {
        const { view } = globalThis.tributaryDemo.stage;
        return [1e-9, 1e9].map((span) => {
          view.set({ center: [0, 0], span });
          return view.span;
        });
      });
      expect(spans).toEqual([1e-3, 1e4]);
      await page.close();
    });

    it('says where particles are that begin far outside, and follows them', async () => {
      const { page, problems } = await open(`${SMALL}&family=edm&solver=heun&colour=speed&t=0`);
      await learned(page, 5);
      await arrived(page);
      await page.waitForSelector('#fit:not([hidden])');
      expect(await inside(page)).toBeLessThan(0.1);
      const ramp = () => page.$eval('.ramp', (one) => one.textContent ?? '');
      const end = Number(/^speed, 0 to (\d+)$/.exec(await ramp())?.[1]);
      // The path's σ̇, some 230, times what a normal's length is.
      expect(end).toBeGreaterThan(300);
      expect(end).toBeLessThan(2000);
      await page.locator('#fit').click();
      for (const t of [0, 0.5, 0.9]) {
        await set(page, { t });
        await frames(page);
        expect(await inside(page), `t = ${t}`).toBeGreaterThan(0.97);
      }
      await set(page, { t: 1 });
      await frames(page);
      const home = await page.evaluate(() => {
        const { view } = globalThis.tributaryDemo.stage;
        return view.span / view.home.span;
      });
      expect(home).toBeCloseTo(1, 3);
      // At rest, too, colours show the speed that particles have come with.
      const dt = await page.evaluate(() => globalThis.tributaryDemo.stage.panes[0].runner!.sight(1)!.dt);
      expect(dt).toBeGreaterThan(0);
      // Whoever moves the window takes over.
      await page.focus('.stage');
      await page.keyboard.press('+');
      expect(await page.evaluate(() => globalThis.tributaryDemo.store.state.fit)).toBe(false);
      await page.waitForSelector('#fit[hidden]');
      await set(page, { family: 'flow-matching', t: 0 });
      await learned(page, 5);
      await arrived(page);
      await frames(page);
      expect(await page.$eval('#fit', (one) => (one as HTMLElement).hidden)).toBe(true);
      expect(await ramp()).toMatch(/^speed, 0 to [4-7](\.\d+)?$/);
      expect(problems).toEqual([]);
      await page.close();
    });

    it('gives each pane of a comparison its own brightness and ramp, and them all the widest window', async () => {
      const { page, problems } = await open(`${SMALL}&view=compare&family2=edm&train2=5&colour=speed&t=0.3`);
      await learned(page, 5);
      await page.waitForFunction(() => globalThis.tributaryDemo.stage.panes.length === 2);
      await arrived(page);
      await frames(page);
      const [a, b] = await page.evaluate(() => {
        const { stage } = globalThis.tributaryDemo;
        const painter = stage.paints!;
        const usual = painter.paint.bind(painter);
        let seen: { brightness: number; high: number }[] = [];
        painter.paint = (panes) => {
          seen = panes.map(({ brightness, paint }) => ({
            brightness,
            high: 'high' in paint ? paint.high : 0,
          }));
          return usual(panes);
        };
        stage.repaint();
        painter.paint = usual;
        return seen;
      });
      // A goes from a deviation of 1 to the data's, some 1; B's noise is 80 deep at its start and some 15 here.
      expect(b.brightness / a.brightness).toBeGreaterThan(50);
      expect(b.high / a.high).toBeGreaterThan(10);
      const ramp = () => page.$eval('.ramp', (one) => one.textContent ?? '');
      expect(await ramp()).toMatch(/^speed, the first pane’s, 0 to [\d.]+$/);
      expect(Number(/[\d.]+$/.exec(await ramp())?.[0])).toBeCloseTo(a.high, 1);
      expect(await inside(page, 1)).toBeLessThan(0.4);
      await page.locator('#fit:not([hidden])').click();
      await frames(page);
      for (const pane of [0, 1]) expect(await inside(page, pane)).toBeGreaterThan(0.95);
      // Two that are alike need no word about whose.
      await set(page, { family2: 'flow-matching', fit: false });
      await arrived(page);
      await frames(page);
      expect(await ramp()).toMatch(/^speed, 0 to [\d.]+$/);
      expect(problems).toEqual([]);
      await page.close();
    });

    it.each([
      ['on the processor', false],
      ['on the software adapter', true],
    ])('says where a window is empty, and shows all again, %s', async (_, webgpu) => {
      const { page, problems } = await open(
        `${webgpu ? 'backend=webgpu&' : ''}${SMALL}&t=1&span=0.01&x=1&y=1`,
        {
          webgpu,
        },
      );
      await learned(page, 5);
      await arrived(page);
      const offer = () =>
        page.$eval('#fit', (one) => ((one as HTMLElement).hidden ? '' : (one.textContent ?? '')));
      const empty = 'Hardly any particles here: show all';
      const waits = (text: string) =>
        page.waitForFunction(
          (wanted) => {
            const one = document.getElementById('fit')!;
            return (one.hidden ? '' : one.textContent) === wanted;
          },
          {},
          text,
        );
      await waits(empty);
      await page.click('#fit');
      await waits('');
      expect(await page.evaluate(() => globalThis.tributaryDemo.store.state)).toMatchObject({
        ...{ x: 0, y: 0, span: 0, fit: false },
      });
      expect(await page.evaluate(() => document.activeElement?.className)).toBe('stage');
      // Beside them, as wide as it is usually.
      await set(page, { x: 40, span: 5 });
      await waits(empty);
      // Zoomed out there are all of them, in a dot; and deep inside some at their time.
      await set(page, { x: 0, span: 200 });
      await waits('');
      await set(page, { x: 0, y: 0, span: 0.8, t: 0 });
      // Longer than an empty window is borne with.
      await pause(1000);
      await frames(page);
      expect(await offer()).toBe('');
      // Far outside as the data go, but the window shows them.
      await set(page, { family: 'edm', t: 0, span: 0 });
      await learned(page, 5);
      await arrived(page);
      await waits('Most particles are outside: follow them');
      await set(page, { span: 1200 });
      await waits('');
      expect(problems).toEqual([]);
      await page.close();
    });

    it.each([
      ['five points', encodePoints(Float64Array.of(0, 0, 1, 0, 0, 1, 1, 1, 0.4, 0.7))],
      // As nobody drops it, but an address may say it.
      ['one point', 'p.0.0.1.1.gAgA'],
      ['one point again and again', 'p.0.0.1.3.gAgAgAgAgAgA'],
    ])('shows the particles of %s', async (_, custom) => {
      const { page, problems } = await open(
        `hidden=16&train=60&n=500&steps=4&play=0&t=1&data=your+own&custom=${custom}`,
      );
      await learned(page, 60);
      await arrived(page);
      for (const t of [0, 0.5, 1]) {
        await set(page, { t });
        await frames(page);
        const { width, height, ...seen } = await painted(page);
        expect(seen.pixels, `t = ${t}`).toBeGreaterThan(500);
        // Not all of it, and not as a white sheet.
        expect(seen.pixels, `t = ${t}`).toBeLessThan(0.5 * width * height);
        expect(seen.brightest, `t = ${t}`).toBeGreaterThan(60);
      }
      expect(problems).toEqual([]);
      await page.close();
    });

    it('lets trails fade by the second, at 60 and at 120 frames', async () => {
      const { page } = await open(`${SMALL}&trails=1`, { before: ownClock });
      await learned(page, 5);
      await particles(page);
      await page.evaluate(() => {
        const painter = globalThis.tributaryDemo.stage.paints!;
        const usual = painter.paint.bind(painter);
        painter.paint = (panes) => {
          Object.assign(globalThis, { trail: panes[0].trail });
          return usual(panes);
        };
      });
      const fading = async (rate: number) => {
        await page.evaluate((ms) => globalThis.runFrames!(120, ms), 1000 / rate);
        return page.evaluate((n) => (globalThis as unknown as { trail: number }).trail ** n, rate / 10);
      };
      const [slow, fast] = [await fading(60), await fading(120)];
      expect(slow).toBeCloseTo(0.86 ** 6, 2);
      expect(fast).toBeCloseTo(slow, 2);
      await page.close();
    });

    it('says what it runs on where it is seen without scrolling', async () => {
      for (const [width, height] of [
        [1200, 760],
        [390, 844],
        [360, 640],
      ]) {
        const { page } = await open(SMALL, { width, height });
        const place = await page.$eval('.remark', (one) => {
          const { top, bottom, height: size } = one.getBoundingClientRect();
          return { top, bottom, size };
        });
        expect(place.size).toBeGreaterThan(10);
        expect(place.top).toBeGreaterThanOrEqual(0);
        expect(place.bottom, `${width} × ${height}`).toBeLessThanOrEqual(height);
        await page.close();
      }
    });

    it('leaves a card alone that fails again and again, and says so; the address keeps what was chosen', async () => {
      const { page } = await open(`backend=webgpu&${SMALL}`, { webgpu: true });
      for (let loss = 1; loss <= 4; loss++) {
        await page.waitForFunction(
          (before) => {
            const { losses, machine } = globalThis.tributaryDemo;
            const { lost } = globalThis as { lost?: unknown };
            if (losses !== before || machine?.engine == null || machine.engine === lost) return false;
            Object.assign(globalThis, { lost: machine.engine });
            machine.engine.gpu.destroy();
            return true;
          },
          {},
          loss - 1,
        );
      }
      await page.waitForFunction(() => globalThis.tributaryDemo.machine?.kind === 'cpu');
      expect(await page.$eval('.remark', (one) => one.textContent)).toMatch(/keeps failing.*processor/);
      await particles(page);
      await page.evaluate(() => globalThis.tributaryDemo.store.write());
      expect(page.url()).toContain('backend=webgpu');
      expect(page.url()).not.toContain('backend=cpu');
      // Whoever chooses again gets another try.
      await set(page, { backend: 'auto' });
      await set(page, { backend: 'webgpu' });
      await page.waitForFunction(() => globalThis.tributaryDemo.machine?.kind === 'webgpu');
      await page.close();
    });
  });
