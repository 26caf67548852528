/** Learning, as visitors lead it astray: other choices in the middle, models that cannot be, a worker that is missing. */
import type { Page } from 'puppeteer';
import { distributionByName, evaluateSamples, spreadLabels, trainingSet } from 'tributary-engine';
import { describe, expect, it } from 'vitest';
import { pause, until } from '../shared/until.js';
import { told } from './files.js';
import { idle, kept, reload, spoil, steps } from './kept.js';
import { learned, type OpenDemo, particles } from './page.js';

const LEARN = 'data=moons&hidden=16&n=200&steps=3&play=0';
/** Where any data will do: the truth of these costs the least, at every excess loss and metric. */
const ANY = LEARN.replace('moons', '8gaussians');

const lesson = (page: Page) =>
  page.evaluate(() => {
    const { step, target, running, rate, problem, history } = globalThis.tributaryDemo.lesson;
    return { step, target, running, rate, problem, judged: history.evaluation?.step ?? null };
  });

const set = (page: Page, change: Record<string, unknown>) =>
  page.evaluate((values) => globalThis.tributaryDemo.store.set(values), change);

const text = (page: Page, selector: string) =>
  page.$eval(selector, (element) => (element as HTMLElement).innerText.replace(/\s+/g, ' ').trim());

export const learning = (open: OpenDemo) =>
  describe('learning', () => {
    it('keeps a run of fewer steps beside one of more, and comes back to either', async () => {
      const { page, problems } = await open(`${ANY}&train=40`);
      await learned(page, 40);
      await idle(page);
      await set(page, { train: 20 });
      await learned(page, 20);
      await idle(page);
      await steps(page, [20, 40]);
      for (const step of [20, 40]) {
        await page.evaluate((train) => globalThis.tributaryDemo.store.set({ train }), step);
        await page.evaluate(() => globalThis.tributaryDemo.store.write());
        await reload(page);
        await learned(page, step);
        // It was there: no step was taken.
        expect((await lesson(page)).rate).toBe(0);
      }
      expect(problems).toEqual([]);
      await page.close();
    });

    it('judges a kept model that had not been judged, and says of which step metrics are', async () => {
      const { page, problems } = await open(`${ANY}&train=20`);
      await learned(page, 20);
      await idle(page);
      await steps(page, [20]);
      await pause(300);
      await spoil(page, ({ history, ...entry }) => ({
        ...entry,
        history: { ...(history as object), evaluation: null },
      }));
      await reload(page);
      await idle(page);
      expect(await lesson(page)).toMatchObject({ step: 20, rate: 0, judged: 20 });
      const caption = await text(page, '.learning table.metrics caption');
      expect(caption).toBe(
        '1000 samples, drawn by heun in 24 steps without guidance, and what perfect ones score',
      );
      expect(await text(page, '.learning table.metrics thead')).not.toContain('step');
      // While it learns on, they are of the step before.
      await page.locator('#more').click();
      await page.waitForFunction(() =>
        document.querySelector('.learning table.metrics thead')?.textContent?.includes('at step 20'),
      );
      expect(problems).toEqual([]);
      await page.close();
    });

    it('another choice ends a run, whose last steps are kept, and nothing learns unseen', async () => {
      const { page, problems } = await open(`${LEARN}&train=100000`);
      await page.waitForFunction(() => globalThis.tributaryDemo.lesson.step > 30);
      const { step } = await lesson(page);
      // The model that comes with the page needs no training.
      await set(page, { data: 'spirals', hidden: 48, train: 6000 });
      await learned(page, 6000);
      const runs = await until(
        () => kept(page),
        ([run]) => run !== undefined && run.step >= step,
        (found) => `${JSON.stringify(found)} is kept, and not step ${step}`,
      );
      // More than the time between two savings.
      await pause(3500);
      expect(await kept(page)).toEqual(runs);
      await set(page, { data: 'moons', hidden: 16, train: 100_000 });
      await page.waitForFunction((before) => globalThis.tributaryDemo.lesson.step > before, {}, runs[0].step);
      // Each step's loss once, from the first on.
      const losses = await page.evaluate(() =>
        globalThis.tributaryDemo.lesson.history.loss.map(([at]) => at),
      );
      expect(losses.slice(0, step)).toEqual(Array.from({ length: step }, (_, i) => i + 1));
      expect(problems).toEqual([]);
      await page.close();
    });

    it('another choice does not wait for the metrics of the model before', async () => {
      const { page, problems } = await open(`${ANY}&train=5`, {
        before: () => {
          const said: string[] = [];
          Object.assign(globalThis, { said });
          const Real = Worker;
          globalThis.Worker = class extends Real {
            constructor(url: string | URL, options?: WorkerOptions) {
              super(url, options);
              this.addEventListener('message', ({ data: { type, run } }) => {
                said.push(`${type} ${run}`);
                // Its metrics are what the worker comes to next.
                if (type === 'stopped' && run === 1) globalThis.tributaryDemo.store.set({ data: 'rings' });
              });
            }
          };
        },
      });
      await page.waitForFunction(() => globalThis.tributaryDemo.store.state.data === 'rings');
      await learned(page, 5);
      await idle(page);
      const said = await page.evaluate(() => (globalThis as unknown as { said: string[] }).said);
      expect(said).toContain('evaluation 2');
      expect(said).not.toContain('evaluation 1');
      expect(problems).toEqual([]);
      await page.close();
    });

    it('a model that cannot be trained says so, however often one asks', async () => {
      const { page, problems } = await open(`${ANY}&train=30&coupling=paired`);
      const why = /^the paired coupling needs a base of as many points as the data/;
      await told(page, why);
      expect(await text(page, '#train')).toBe('Learn');
      for (const button of ['#train', '#reset', '#more']) {
        await page.locator(button).click();
        await page.waitForFunction(() => !globalThis.tributaryDemo.lesson.running);
        expect((await lesson(page)).problem).toMatch(why);
        expect((await lesson(page)).step).toBe(0);
      }
      await set(page, { coupling: '', train: 30 });
      await learned(page, 30);
      expect(problems).toEqual([]);
      await page.close();
    });

    it('the model that comes with the page goes on as if it had never stopped', async () => {
      const { page, problems } = await open('n=200&steps=3&play=0');
      await learned(page, 6000);
      const fetched: string[] = [];
      page.on('request', (request) => fetched.push(new URL(request.url()).pathname));
      await pause(200);
      expect(fetched).not.toContain('/pretrained_state.safetensors');
      const before = await page.evaluate(() => globalThis.tributaryDemo.lesson.history.excess.at(-1)!);
      await page.locator('#more').click();
      await page.waitForFunction(
        () => globalThis.tributaryDemo.lesson.history.excess.filter(({ step }) => step > 6200).length > 0,
      );
      expect(fetched).toContain('/pretrained_state.safetensors');
      const after = await page.evaluate(() => globalThis.tributaryDemo.lesson.history.excess.at(-1)!);
      // With an optimiser that has forgotten its moments it rises by two thirds.
      expect(after.overOracle).toBeLessThan(1.15 * before.overOracle!);
      expect(problems).toEqual([]);
      await page.close();
    });

    it('judges the particles that are shown, each solver’s, while they are shown', async () => {
      const { page, problems } = await open(`${LEARN}&n=1200&train=60&sde=1&solver=euler`);
      await learned(page, 60);
      await idle(page);
      await page.locator('#judge').click();
      await page.waitForFunction(() => document.querySelectorAll('.learning thead th').length === 5);
      expect(await text(page, '.learning thead')).toBe(
        'Metric Model ODE euler, 3 SDE euler-maruyama, 3 Perfect',
      );
      const { columns, points } = await page.evaluate(async () => {
        const rows = [...document.querySelectorAll('.learning tbody tr')].map((row) =>
          [...row.children].map((cell) => cell.textContent ?? ''),
        );
        const panes = globalThis.tributaryDemo.stage.panes.map(({ runner }) => runner!.samples());
        return {
          columns: rows,
          points: (await Promise.all(panes)).map((values) => [...values].slice(0, 2000)),
        };
      });
      // By the library itself, from the page's own particles.
      const distribution = distributionByName('moons');
      const training = trainingSet(distribution, 1000, 0);
      const ones = training.labels.reduce((sum, label) => sum + label, 0);
      const labels = spreadLabels(1000, [1000 - ones, ones]);
      points.forEach((values, pane) => {
        const input = {
          points: Float64Array.from(values),
          labels,
          distribution,
          training,
          seed: 1,
        };
        const { metrics } = evaluateSamples({ ...input, family: 'flow-matching' });
        const shown = columns.find(([name]) => name.startsWith('Sliced'))!;
        expect(shown[2 + pane]).toBe(metrics.sliced_w2.value.toPrecision(3));
        const share = columns.find(([name]) => name.startsWith('Off'))!;
        expect(share[2 + pane]).toBe(`${(100 * metrics.off_support.value).toFixed(1)} %`);
      });
      await set(page, { steps: 4 });
      expect(await text(page, '.learning thead')).toBe('Metric Model Perfect');
      await set(page, { label: 1 });
      await page.locator('#judge').click();
      await told(page, /^Metrics judge all labels together: show all of them\.$/);
      await set(page, { label: -1, n: 200 });
      await page.locator('#judge').click();
      await told(page, /^Metrics are of 1000 particles: show as many, or more\.$/);
      expect(problems).toEqual([]);
      await page.close();
    });

    it('lists hold what they hold, sliders reach what is asked, and a button at the end rests', async () => {
      const { page, problems } = await open(`${LEARN}&train=5&n=12345&steps=200&label=7`);
      for (let i = 0; i < 5; i++) await set(page, { t: i / 10 });
      const options = (name: string) =>
        page.$eval(`select[name=${name}]`, (select) =>
          [...(select as HTMLSelectElement).options].map((o) => o.text),
        );
      expect((await options('n')).filter((one) => one.includes('345'))).toEqual(['12,345']);
      // The data have two labels.
      expect(await options('label')).toEqual(['all', '0', '1']);
      expect(await page.$eval('select[name=label]', (select) => (select as HTMLSelectElement).value)).toBe(
        '-1',
      );
      await set(page, { n: 200 });
      expect((await options('n')).filter((one) => one.includes('345'))).toEqual([]);
      const steps = await page.$eval('input[name=steps]', (input) => (input as HTMLInputElement).value);
      expect(steps).toBe('200');
      const rests = () => page.$eval('#more', (button) => button.getAttribute('aria-disabled'));
      expect(await rests()).toBe('false');
      await set(page, { train: 100_000 });
      await page.waitForFunction(() => globalThis.tributaryDemo.lesson.running);
      expect(await rests()).toBe('true');
      expect(problems).toEqual([]);
      await page.close();
    });

    it('a worker that could not be loaded is asked for again', async () => {
      const { page, problems } = await open(`${ANY}&train=30`, {
        before: () => {
          const Real = Worker;
          let missing = true;
          globalThis.Worker = class extends Real {
            constructor(url: string | URL, options?: WorkerOptions) {
              const lost = missing && String(url).includes('trainer');
              if (lost) missing = false;
              super(lost ? 'assets/gone.js' : url, options);
            }
          };
        },
      });
      await told(page, /^A worker of this page did not start: is the page’s server there/);
      expect(await lesson(page)).toMatchObject({ running: false, step: 0 });
      await page.locator('#train').click();
      await learned(page, 30);
      expect((await lesson(page)).problem).toBe('');
      expect(problems.filter((problem) => !/404|gone\.js/.test(problem))).toEqual([]);
      await page.close();
    });

    it('a browser whose storage never answers begins anew', async () => {
      const { page, problems } = await open(`${ANY}&train=30`, {
        before: () => {
          indexedDB.open = () => ({}) as IDBOpenDBRequest;
        },
      });
      await learned(page, 30);
      expect(problems).toEqual([]);
      await page.close();
    });

    it('without WebAssembly everything works, slowly, and the page says so', async () => {
      const { page, problems } = await open('data=moons&hidden=16&steps=2&play=0&train=2', { wasm: false });
      await page.waitForFunction(() => document.querySelector('.remark')?.textContent !== '');
      expect(await text(page, '.remark')).toContain(
        'no fast arithmetic (WebAssembly SIMD): everything works, slowly',
      );
      await learned(page, 2);
      await particles(page);
      const device = await page.evaluate(() => globalThis.tributaryDemo.lesson.device);
      expect(device).toBe('CPU, one thread, without SIMD');
      expect(problems).toEqual([]);
      await page.close();
    });

    it('compared models pause, go on where they were, and start over', async () => {
      const { page, problems } = await open(`${ANY}&train=10&view=compare&hidden2=16&train2=100000`);
      await page.waitForFunction(() => (globalThis.tributaryDemo.other?.step ?? 0) > 10);
      expect(await text(page, '#train2')).toBe('Pause them');
      await page.locator('#train2').click();
      await page.waitForFunction(() => globalThis.tributaryDemo.other?.running === false);
      await page.waitForFunction(() => document.querySelector('#train2')?.textContent === 'Go on with them');
      const paused = await page.evaluate(() => globalThis.tributaryDemo.other!.step);
      await page.locator('#train2').click();
      await page.waitForFunction((step) => globalThis.tributaryDemo.other!.step > step, {}, paused);
      expect(await page.evaluate(() => globalThis.tributaryDemo.store.state.train2)).toBe(100_000);
      // Out of sight they rest.
      await set(page, { view: 'quiz' });
      await page.waitForFunction(() => globalThis.tributaryDemo.other?.running === false);
      await set(page, { view: 'compare' });
      await page.waitForFunction(() => globalThis.tributaryDemo.other?.running === true);
      await page.locator('#train2').click();
      await page.waitForFunction(() => globalThis.tributaryDemo.other?.running === false);
      await set(page, { view: 'flow' });
      await set(page, { view: 'compare' });
      await pause(100);
      expect(await page.evaluate(() => globalThis.tributaryDemo.other!.running)).toBe(false);
      const later = await page.evaluate(() => globalThis.tributaryDemo.other!.step);
      await page.locator('#reset2').click();
      await page.waitForFunction(
        (step) => globalThis.tributaryDemo.other!.running && globalThis.tributaryDemo.other!.step < step,
        {},
        later,
      );
      expect(problems).toEqual([]);
      await page.close();
    });
  });
