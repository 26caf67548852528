/** Links: what a sender saw is what whoever opens them sees. */
import { createHash } from 'node:crypto';
import type { Page } from 'puppeteer';
import { describe, expect, it } from 'vitest';
import { DEFAULTS, hashOf, type Key, RANGE, type State, stateOf } from '../../demo/src/state.js';
import { clipboardOf, drop, told } from './files.js';
import { learned, type OpenDemo, particles } from './page.js';

/** Everything else than it is by default. */
const OTHER: State = {
  view: 'flow',
  data: '8gaussians',
  family: 'stochastic-interpolant',
  path: 'trig',
  gamma: 'sin-squared',
  head: '',
  coupling: 'ot',
  conditional: false,
  hidden: 16,
  train: 23,
  seed: 4_123_456_789,
  backend: 'cpu',
  n: 1234,
  solver: 'sde-heun',
  steps: 7,
  sde: true,
  epsilon: 0.65,
  diffusion: 'bump',
  guidance: 1.7,
  label: 3,
  speed: 0.5,
  t: 0.375,
  play: false,
  colour: 'speed',
  truth: true,
  points: true,
  field: 'arrows',
  trails: true,
  x: 0.25,
  y: -0.5,
  fit: true,
  span: 7,
  family2: 'ddpm',
  hidden2: 32,
  family3: 'edm',
  hidden3: 32,
  family4: 'ddim',
  hidden4: 48,
  train2: 12,
  settings: 'timeCells=4096',
  custom: '',
};

/** Everything that makes the picture, to the bit. */
const seen = async (page: Page) => {
  const { model, ...rest } = await page.evaluate(async () => {
    const { lesson, stage, store } = globalThis.tributaryDemo;
    const panes = [];
    for (const { runner, title } of stage.panes)
      panes.push({ title, points: [...(await runner!.samples())] });
    return {
      ...{ state: store.state, model: [...lesson.bytes!], step: lesson.step, panes },
      ...{ t: stage.t, playing: stage.playing, center: [...stage.view.center], span: stage.view.span },
    };
  });
  return { ...rest, digest: createHash('sha256').update(Uint8Array.from(model)).digest('hex') };
};

const go = (page: Page, hash: string) =>
  page.evaluate((to) => {
    location.hash = to;
  }, hash);

const stateIs = (page: Page, part: Partial<State>) =>
  page.waitForFunction(
    (wanted) =>
      Object.entries(wanted).every(
        ([key, value]) => globalThis.tributaryDemo.store.state[key as keyof State] === value,
      ),
    {},
    part,
  );

export const links = (open: OpenDemo) =>
  describe('links', () => {
    it('every choice goes into an address and comes out of it', () => {
      const keys = Object.keys(DEFAULTS) as Key[];
      expect(Object.keys(OTHER).sort()).toEqual([...keys].sort());
      expect(stateOf(hashOf(OTHER))).toEqual(OTHER);
      for (const key of keys) {
        if (key === 'custom' || key === 'view' || key === 'head') continue;
        expect(OTHER[key], key).not.toEqual(DEFAULTS[key]);
      }
      // To the ends of what is allowed.
      for (const [key, [low, high]] of Object.entries(RANGE))
        for (const value of [low, high]) {
          const state = { ...DEFAULTS, [key]: value };
          expect(stateOf(hashOf(state))).toEqual(state);
        }
      // What is long comes last: a program that cuts a link cuts the data, and nothing else.
      const long = hashOf({ ...OTHER, data: 'your own', custom: 'p.0.0.1.4.AAAA' });
      expect(long).toMatch(/&custom=[^&]*$/);
    });

    it('somebody else’s browser shows the same model and the same particles, to the bit', async () => {
      // A window that follows the particles is no one's place.
      const state = { ...OTHER, fit: false };
      const first = await open(hashOf(state));
      await learned(first.page, 23);
      const sent = await seen(first.page);
      expect(sent.panes).toHaveLength(2);
      expect(sent.panes[0].points).toHaveLength(2 * 1234);
      expect(sent).toMatchObject({ state, t: 0.375, playing: false, center: [0.25, -0.5], span: 7 });
      const link = await first.page.evaluate(() => {
        globalThis.tributaryDemo.store.write();
        return location.hash.slice(1);
      });
      const second = await open(link);
      await learned(second.page, 23);
      expect(await seen(second.page)).toEqual(sent);
      expect([...first.problems, ...second.problems]).toEqual([]);
      await first.page.close();
      await second.page.close();
    });

    it('another link pasted into an open page, and the way back', async () => {
      const hash = 'data=8gaussians&hidden=16&train=30&n=300&steps=3';
      const { page, problems } = await open(hash);
      await learned(page, 30);
      // A link that stands still at its own time, while this page plays.
      const other = hashOf({ ...OTHER, t: 1, sde: false, family: 'edm', path: '', gamma: '', coupling: '' });
      await go(page, other);
      await stateIs(page, { family: 'edm', play: false });
      await learned(page, 23);
      const pasted = await seen(page);
      expect(pasted).toMatchObject({ t: 1, playing: false });
      expect(await page.$eval('#time', (input) => (input as HTMLInputElement).value)).toBe('1');
      const fresh = await open(other);
      await learned(fresh.page, 23);
      expect(pasted).toEqual(await seen(fresh.page));
      // A family with a path of its own keeps it.
      await go(page, hashOf(OTHER));
      await stateIs(page, { family: 'stochastic-interpolant', path: 'trig', gamma: 'sin-squared' });
      await page.goBack();
      await stateIs(page, { family: 'edm', path: '' });
      await page.goBack();
      await stateIs(page, { data: '8gaussians', family: 'flow-matching', play: true, seed: 0 });
      await learned(page, 30);
      await page.goForward();
      await stateIs(page, { family: 'edm' });
      // Chosen by hand, another family comes with its own.
      await page.evaluate(() => globalThis.tributaryDemo.store.set({ path: 've' }));
      await page.select('[name=family]', 'flow-matching');
      await stateIs(page, { family: 'flow-matching', path: '' });
      expect(problems).toEqual([]);
      await fresh.page.close();
      await page.close();
    });

    it('a link to an earlier step shows that step, and what was learned beyond it is kept', async () => {
      const at = (steps: number) => `data=8gaussians&hidden=16&train=${steps}&n=200&steps=3&play=0`;
      const sender = await open(at(20));
      await learned(sender.page, 20);
      const sent = await seen(sender.page);
      await sender.page.close();
      const { page, problems } = await open(at(60));
      await learned(page, 60);
      const further = await seen(page);
      await page.waitForFunction(() => globalThis.tributaryDemo.lesson.history.evaluation !== null);
      await go(page, at(20));
      await learned(page, 20);
      expect(await seen(page)).toEqual(sent);
      await page.waitForFunction(() => globalThis.tributaryDemo.lesson.history.evaluation !== null);
      await go(page, at(60));
      await stateIs(page, { train: 60 });
      await learned(page, 60);
      expect((await seen(page)).digest).toBe(further.digest);
      // The shipped model is of step 6000: an earlier one is learned from the beginning.
      await go(page, 'train=10&n=200&steps=3&play=0');
      await learned(page, 10);
      expect(problems).toEqual([]);
      await page.close();
    });

    it('asks for more than the device can: it says so, shows less, and keeps the link', async () => {
      const { page, problems } = await open('n=4000000&steps=1&solver=euler&play=0');
      await particles(page);
      await page.waitForFunction(() => globalThis.tributaryDemo.stage.panes[0].runner?.reach === 1);
      expect(await page.$eval('.remark', (element) => element.textContent)).toMatch(
        /^(This browser has no WebGPU|No graphics card here): .* 4,000,000 particles are asked for; this device shows 20,000\. A link keeps what was asked\.$/,
      );
      const shown = await page.evaluate(() => {
        const { stage, store } = globalThis.tributaryDemo;
        store.write();
        return { count: stage.panes[0].runner!.sight(1)!.count, hash: location.hash };
      });
      expect(shown).toEqual({
        count: 20_000,
        hash: '#n=4000000&solver=euler&steps=1&t=1&play=0'.replace('&t=1', ''),
      });
      await page.evaluate(() => globalThis.tributaryDemo.store.set({ n: 1000 }));
      expect(await page.$eval('.remark', (element) => element.textContent)).not.toMatch(/asked for/);
      expect(problems).toEqual([]);
      await page.close();
    });

    it('a button copies the link, and says when it is long', async () => {
      const { page, problems } = await open('data=8gaussians&hidden=16&train=5&n=200&steps=2&play=0');
      await learned(page, 5);
      const { origin } = new URL(page.url());
      const clipboard = await clipboardOf(page);
      await page.evaluate(() => globalThis.tributaryDemo.store.set({ t: 0.5 }));
      await page.locator('#copy-link').click();
      await told(page, /^Copied\.$/);
      expect(await clipboard()).toBe(
        `${origin}/#data=8gaussians&hidden=16&train=5&n=200&steps=2&t=0.5&play=0`,
      );
      const points = Array.from({ length: 3000 }, (_, i) => `${Math.cos(i) * i},${Math.sin(i) * i}`).join(
        '\n',
      );
      await drop(page, [{ name: 'many.csv', content: points }]);
      await stateIs(page, { data: 'your own' });
      await learned(page, 5);
      await page.locator('#copy-link').click();
      await told(
        page,
        /^Copied: 4,\d\d\d characters, for your own data are in it\. Some chat programs cut links/,
      );
      const link = await clipboard();
      expect(link.length).toBeLessThan(4200);
      const sent = await seen(page);
      const receiver = await open(new URL(link).hash.slice(1));
      await learned(receiver.page, 5);
      expect(await seen(receiver.page)).toEqual(sent);
      // Cut off in the middle: the data are gone, and it is said; everything else is as it was.
      const cut = await open(new URL(link).hash.slice(1, 2000));
      await told(cut.page, /data of your own that are cut short or broken/);
      await stateIs(cut.page, { data: 'spirals', hidden: 16, steps: 2, t: 0.5, play: false });
      expect([...problems, ...receiver.problems, ...cut.problems]).toEqual([]);
      for (const one of [page, receiver.page, cut.page]) await one.close();
    });
  });
