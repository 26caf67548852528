/** The demo page on WebGPU, on the software adapter. */

import { describe, expect, it } from 'vitest';
import { configOf, datasetOf, labelsOf, type ModelChoice, tableOf } from '../../demo/src/lab/recipe.js';
import { createEngine } from '../../src/engine.js';
import { buildModel } from '../../src/families/shape.js';
import { loadModel } from '../../src/run/trained.js';
import { Sampler } from '../../src/samplers/sampler.js';
import { runEmbedding } from './embedding.js';
import { arrived, learned, type OpenDemo, particles } from './page.js';

const SMALL = 'backend=webgpu&data=moons&hidden=16&train=30&n=200&steps=2&solver=midpoint';

export const card = (open: OpenDemo) =>
  describe('the demo page on WebGPU', () => {
    it('draws at t = 1 the samples that the API returns for the seed', async () => {
      const { page, problems } = await open(`${SMALL}&play=0`, { webgpu: true });
      await learned(page, 30);
      await particles(page);
      const seen = await page.evaluate(async () => {
        const { lesson, machine, stage, sampling } = globalThis.tributaryDemo;
        const { bytes } = lesson;
        const runner = stage.panes[0].runner!;
        await runner.samples();
        const sight = runner.sight(1)!;
        const drawn = sight.fraction > 0.5 ? sight.to : sight.from;
        const points = await machine!.engine!.read(drawn as never);
        return {
          kind: machine!.painter.kind,
          choice: lesson.choice,
          sampling: sampling.call(globalThis.tributaryDemo, false),
          bytes: [...(bytes as Uint8Array)],
          points: [...points],
        };
      });
      expect(seen.kind).toBe('webgpu');
      const choice = seen.choice as ModelChoice;
      const config = configOf(choice, datasetOf(choice));
      const engine = await createEngine({ simd: false });
      const model = buildModel(engine, config);
      loadModel(model, Uint8Array.from(seen.bytes), 'the page’s model');
      const { n, seed, label } = seen.sampling;
      const table = tableOf(config, seen.sampling);
      const sampler = await Sampler.create(engine, model, model.store, table, seed, n);
      const { points } = await sampler.sample({ n, labels: labelsOf(config, n, label)! });
      engine.destroy();
      expect(seen.points).toHaveLength(points.length);
      const worst = points.reduce((most, value, i) => Math.max(most, Math.abs(value - seen.points[i])), 0);
      expect(worst).toBeLessThan(1e-3);
      expect(problems).toEqual([]);
      await page.close();
    });

    it('comes back by itself when the device is lost in the middle', async () => {
      const { page, problems } = await open(`${SMALL}&sde=1`, { webgpu: true });
      await particles(page);
      await page.evaluate(() => {
        const { engine } = globalThis.tributaryDemo.machine!;
        Object.assign(globalThis, { lostEngine: engine });
        engine!.gpu.destroy();
      });
      await page.waitForFunction(() => {
        const { machine, losses } = globalThis.tributaryDemo;
        return (
          losses === 1 &&
          machine?.engine != null &&
          machine.engine !== (globalThis as { lostEngine?: unknown }).lostEngine
        );
      });
      await particles(page);
      const frames = await page.evaluate(() => globalThis.tributaryDemo.stage.frames);
      await page.waitForFunction((before) => globalThis.tributaryDemo.stage.frames > before + 5, {}, frames);
      expect(await page.$eval('.toast', (element) => element.textContent)).toMatch(/lost; starting it again/);
      // three.js and the browser may each say that a lost device is lost.
      expect(problems.filter((text) => !/device|destroyed|lost/i.test(text))).toEqual([]);
      await page.close();
    });

    it('gives code that embeds the model: it compiles, runs and shows it', async () => {
      const { page, problems } = await open(`${SMALL}&play=0`, { webgpu: true });
      await learned(page, 30);
      await page.locator('#get-code').click();
      const code = (await page.$eval('dialog pre', (element) => element.textContent))!;
      const bytes = await page.evaluate(() => [...globalThis.tributaryDemo.lesson.bytes!]);
      const areas = await page.evaluate(() => {
        const { spread } = globalThis.tributaryDemo.stage.panes[0];
        return [0, 1].map((t) => 1 / spread!.densityAt(t));
      });
      const brightness = JSON.parse(/const brightness = (.*);/.exec(code)![1]) as number[];
      expect(brightness[0] / areas[0]).toBeCloseTo(1, 1);
      expect(brightness.at(-1)! / areas[1]).toBeCloseTo(1, 1);
      expect(problems).toEqual([]);
      await page.goto('about:blank');
      const seen = await runEmbedding(page, code, Uint8Array.from(bytes));
      expect(seen.problems).toEqual([]);
      // Two labels in two colours, and what lies between.
      expect(seen.colours).toBeGreaterThan(20);
      // On the page's own ground, whatever page they are in now.
      expect(seen.ground).toBe(0x060a14);
      // The smaller side holds the data, so that they take a part of the height; and it stays so.
      expect(seen.deviation).toBeGreaterThan(0.03);
      expect(seen.deviation).toBeLessThan(0.1);
      expect(seen.sizes).toEqual([
        [240, 480],
        [400, 480],
      ]);
      await page.close();
    });

    it('moves 20 000 particles on the software adapter', async () => {
      const hash = 'backend=webgpu&hidden=16&train=1&n=20000&steps=1&solver=euler&play=0&colour=one';
      const { page, problems } = await open(hash, { webgpu: true });
      await page.waitForFunction(() => {
        const sight = globalThis.tributaryDemo.stage.panes[0]?.runner?.sight(1);
        // On the device: until it has moved them, the processor's are shown.
        return sight?.count === 20_000 && !(sight.from instanceof Float32Array);
      });
      await arrived(page);
      expect(problems).toEqual([]);
      await page.close();
    });
  });
