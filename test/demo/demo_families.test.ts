/** A family that no solver moves, on the page in a browser. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MOST_FIRST } from '../../demo/size_plugin.js';
import { arrived, learned, type OpenDemo } from './page.js';
import { demoTests } from './parts.js';

const families = (open: OpenDemo) =>
  describe('a family that draws in its own steps', () => {
    it('learns, plays, has its settings as controls, and is embedded as it is', async () => {
      const { page, problems } = await open(
        'family=vae&data=8gaussians&hidden=16&train=5&n=100&latent=3&sigma=0&play=0',
      );
      expect(await page.evaluate(() => globalThis.linesShown)).toContainEqual(
        expect.stringMatching(/: sigma is 0; it must be above 0 to 1000000\.$/),
      );
      await learned(page, 5);
      await arrived(page);
      await page.waitForSelector('.way:not([hidden])');
      const shown = await page.evaluate(() => {
        const seen = (selector: string) =>
          document.querySelector<HTMLElement>(selector)?.checkVisibility() ?? false;
        const value = (name: string) =>
          document.querySelector<HTMLInputElement>(`.own [name=${name}]`)?.value;
        const { stage } = globalThis.tributaryDemo;
        return {
          solver: seen('[name=solver]'),
          field: seen('[name=field]'),
          path: seen('[name=path]'),
          way: document.querySelector('.way')?.textContent,
          values: [value('latent'), value('sigma')],
          jumps: stage.jumps,
        };
      });
      expect(shown).toMatchObject({
        solver: false,
        field: false,
        path: false,
        values: ['3', '0.3'],
        jumps: 1,
      });
      expect(shown.way).toMatch(/^One step takes noise to data at once/);
      // Another value, as a visitor types it, is another model, and in the address.
      await page.$eval('.own [name=latent]', (input) => {
        (input as HTMLInputElement).value = '4';
        input.dispatchEvent(new Event('change'));
      });
      await page.waitForFunction(() => location.hash.includes('latent=4'));
      await learned(page, 5);
      await page.locator('#get-code').click();
      const code = await page.$eval('dialog.code pre', (pre) => pre.textContent ?? '');
      expect(code).toContain('trained.generator({ seed, tile: count })');
      expect(code).not.toContain('samplingTable');
      expect(problems).toEqual([]);
      await page.close();
    });

    it('a first visit fetches no more than it may, and nothing that it does not need', async () => {
      const { page } = await open('');
      await arrived(page);
      const scripts = await page.evaluate(() =>
        performance
          .getEntriesByType('resource')
          .map(({ name }) => name)
          .filter((name) => name.endsWith('.js')),
      );
      const names = scripts.map((url) => basename(url));
      const size = (name: string) => gzipSync(readFileSync(`demo/dist/assets/${name}`), { level: 9 }).length;
      expect(names.reduce((sum, name) => sum + size(name), 0)).toBeLessThan(MOST_FIRST);
      expect(
        names.filter((name) => /verify|checker|quiz|trainer|excess|likelihood|bound|wgsl/.test(name)),
      ).toEqual([]);
      await page.close();
    });
  });

demoTests(families);
