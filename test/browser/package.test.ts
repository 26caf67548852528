/** The built package as its users load it: in a plain module script, through a bundler, and in Node. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser } from 'puppeteer';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type StaticServer, serveFolder } from '../../src/cli/static_server.js';
import { freshPage, PATIENCE, sharedBrowser } from '../shared/browser.js';
import { borrowForTest } from '../shared/lent.js';

/** What each page does with the library: asks for each backend, and trains a little on the default one. */
const PROGRAM = `
  globalThis.result = (async () => {
    const attempt = async (options) => {
      try {
        const engine = await tributary.createEngine(options);
        const { name, device } = engine;
        engine.destroy();
        return { name, device };
      } catch (error) {
        return { code: error.code, message: error.message };
      }
    };
    const engine = await tributary.createEngine();
    const dataset = tributary.trainingSet(tributary.distributionByName('moons'), 100, 0);
    const { name, rows, dim } = dataset;
    const config = tributary.runConfig({
      data: { name, rows, dim, ambient: 0, classes: 0, digest: '' },
      transform: { offset: [0, 0], scale: 1 },
      network: { hidden: 16, inner: 32 },
      steps: 30,
      batch: 32,
    });
    const trainer = await tributary.createTrainer(engine, config, dataset);
    const records = [...(await trainer.train(30)), ...(await trainer.flush())];
    trainer.destroy();
    engine.destroy();
    return {
      isolated: globalThis.crossOriginIsolated === true,
      device: engine.device,
      losses: records.map((record) => record.losses.velocity),
      webgpu: await attempt({ backend: 'webgpu' }),
      auto: await attempt({ backend: 'auto' }),
    };
  })();
`;

const page = (script: string) =>
  `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>test</title>${script}`;

interface Result {
  isolated: boolean;
  device: string;
  losses: number[];
  webgpu: { name?: string; code?: string; message?: string };
  auto: { name?: string };
}

const app = mkdtempSync(join(tmpdir(), 'tributary-app-'));
let plain: StaticServer;
let bundled: StaticServer;
let bare: Browser;
let withWebGpu: Browser;

beforeAll(async () => {
  const script = `<script type="module">import * as tributary from './index.js'; ${PROGRAM}</script>`;
  plain = await serveFolder(resolve('dist'), { '/plain.html': page(script) });
  // An app of its own that depends on the package, bundled by Vite.
  mkdirSync(join(app, 'node_modules'));
  symlinkSync(resolve('.'), join(app, 'node_modules', 'tributary-engine'));
  writeFileSync(join(app, 'main.js'), `import * as tributary from 'tributary-engine'; ${PROGRAM}`);
  writeFileSync(join(app, 'index.html'), page('<script type="module" src="./main.js"></script>'));
  await build({ root: app, logLevel: 'error', base: './', build: { target: 'es2022' } });
  bundled = await serveFolder(join(app, 'dist'));
  bare = await sharedBrowser('bare');
  withWebGpu = await sharedBrowser('webgpu');
});

afterAll(async () => {
  await Promise.all([bare?.disconnect(), withWebGpu?.disconnect(), plain?.close(), bundled?.close()]);
  rmSync(app, { recursive: true, force: true });
});

async function run(browser: Browser, url: string): Promise<Result> {
  const tab = await freshPage(browser);
  const problems: string[] = [];
  tab.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  tab.on('pageerror', (error) => problems.push(String(error)));
  await tab.goto(url);
  const result = (await tab.evaluate('globalThis.result')) as Result;
  expect(problems).toEqual([]);
  await tab.browserContext().close();
  return result;
}

function expectTrained({ losses }: Result): void {
  expect(losses).toHaveLength(30);
  for (const loss of losses) expect(Number.isFinite(loss)).toBe(true);
  expect(losses[29]).toBeLessThan(losses[0]);
}

describe('in a page', () => {
  it('a plain module script trains, with threads where the page is isolated', async () => {
    const result = await run(bare, `${plain.url}/plain.html`);
    expectTrained(result);
    expect(result.isolated).toBe(true);
    expect(result.device).toMatch(/SIMD/);
  });

  it('without WebGPU, auto is the CPU and webgpu says what is missing', async () => {
    const { auto, webgpu } = await run(bare, `${plain.url}/plain.html`);
    expect(auto.name).toBe('cpu');
    expect(webgpu.code).toBe('no-adapter');
    expect(webgpu.message).toMatch(/no graphics adapter.*use the CPU/);
  });

  it('a software adapter serves webgpu, and auto prefers the CPU to it', async () => {
    await borrowForTest('/adapter');
    const { auto, webgpu } = await run(withWebGpu, `${plain.url}/plain.html`);
    expect(webgpu.name).toBe('webgpu');
    expect(auto.name).toBe('cpu');
  });

  it('a bundle trains to the same losses', async () => {
    const result = await run(bare, `${bundled.url}/index.html`);
    expectTrained(result);
    expect(result.losses).toEqual((await run(bare, `${plain.url}/plain.html`)).losses);
  });
});

describe('in Node', () => {
  const node = (program: string) =>
    spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
      timeout: PATIENCE,
    });

  it('importing starts nothing: no worker, no handle, no GPU', () => {
    const { stdout, stderr, status } = node(`
      const before = process.getActiveResourcesInfo().length;
      const tributary = await import('tributary-engine');
      const after = process.getActiveResourcesInfo().filter((name) => name !== 'CloseReq').length;
      console.log(JSON.stringify([typeof tributary.createEngine, after - before, process.moduleLoadList.some((name) => name.endsWith('worker_threads'))]));
    `);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual(['function', 0, false]);
    expect(status).toBe(0);
  });

  it('trains, and the process ends by itself when the engine is destroyed', () => {
    const { stdout, status } = node(
      `import * as tributary from 'tributary-engine'; ${PROGRAM.replace(/webgpu: await[^,]*,|auto: await[^,]*,/g, '')} console.log(JSON.stringify(await globalThis.result));`,
    );
    expectTrained(JSON.parse(stdout));
    expect(status).toBe(0);
  });
});
