/** Runs the code that the demo page gives away, as the page of somebody who installed the package would. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { decode } from 'fast-png';
import type { Page } from 'puppeteer';
import { build } from 'vite';
import { serveFolder } from '../../src/cli/static_server.js';
import { until } from '../shared/until.js';

/** CSS pixels of the canvas, which is higher than wide. */
const WIDTH = 120;
const HEIGHT = 240;

/** On a white page, with a size that only the attributes give. */
const HTML = `<!doctype html><body style="margin: 0; background: white"><link rel="icon" href="data:,"><canvas width="${WIDTH}" height="${HEIGHT}"></canvas><script type="module" src="./particles.js"></script>`;

/** What is seen of the canvas, two device pixels to each of CSS. */
function look(screenshot: Uint8Array) {
  const { width, data, channels } = decode(screenshot);
  const colour = (x: number, y: number) => {
    const i = channels * (y * width + x);
    return (data[i] << 16) | (data[i + 1] << 8) | data[i + 2];
  };
  const ground = colour(0, 0);
  const found = new Set<number>();
  const rows: number[] = [];
  for (let y = 0; y < 2 * HEIGHT; y++) {
    for (let x = 0; x < 2 * WIDTH; x++) {
      found.add(colour(x, y));
      if (colour(x, y) !== ground) rows.push(y / (2 * HEIGHT));
    }
  }
  const mean = rows.reduce((sum, row) => sum + row, 0) / rows.length;
  const deviation = Math.sqrt(rows.reduce((sum, row) => sum + (row - mean) ** 2, 0) / rows.length);
  return { colours: found.size, ground, deviation };
}

/**
 * @returns what the console said, how many colours the canvas shows, which it has in its corner, the standard deviation
 *   of the rows that particles are seen in, in heights of the canvas, and its pixels, before and after another size
 */
export async function runEmbedding(
  page: Page,
  code: string,
  model: Uint8Array,
): Promise<{ problems: string[]; sizes: number[][] } & ReturnType<typeof look>> {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-embedding-'));
  const source = join(folder, 'source');
  try {
    mkdirSync(join(source, 'public'), { recursive: true });
    writeFileSync(join(source, 'index.html'), HTML);
    writeFileSync(join(source, 'particles.js'), code);
    writeFileSync(join(source, 'public/model.safetensors'), model);
    await build({
      ...{ configFile: false, root: source, logLevel: 'error' as const },
      resolve: {
        alias: [
          // The package as it is published.
          { find: /^tributary-engine$/, replacement: resolve('dist/index.js') },
          { find: /^tributary-engine\/three$/, replacement: resolve('dist/three.js') },
          { find: /^three\/(webgpu|tsl)$/, replacement: resolve('node_modules/three/build/three.$1.js') },
        ],
      },
      build: { outDir: join(folder, 'built'), target: 'esnext', chunkSizeWarningLimit: 4000 },
    });
    const server = await serveFolder(join(folder, 'built'), {});
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    await page.setViewport({ width: 400, height: 300, deviceScaleFactor: 2 });
    await page.goto(`${server.url}/index.html`);
    // A canvas that is not being drawn reads as empty: what the screen shows counts.
    const seen = await until(
      async () => look(await page.screenshot()),
      ({ colours }) => colours >= 20 || problems.length > 0,
      ({ colours }) => `the canvas shows ${colours} colours`,
    );
    const size = () => page.$eval('canvas', ({ width, height }) => [width, height]);
    const sizes = [await size()];
    await page.$eval('canvas', ({ style }) => {
      style.width = '200px';
    });
    await page.waitForFunction(() => document.querySelector('canvas')!.width !== 240);
    sizes.push(await size());
    await server.close();
    return { problems, sizes, ...seen };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Where the particles of the code end, on the processor: the code's own lines up to the canvas, in Node, with the
 * package as it is published.
 */
export async function embeddedParticles(code: string, model: Uint8Array): Promise<number[]> {
  const file = `data:application/octet-stream;base64,${Buffer.from(model).toString('base64')}`;
  const library = pathToFileURL(resolve('dist/index.js')).href;
  const lines = code
    .slice(0, code.indexOf('const canvas'))
    .replace(/^import .*three.*\n/gm, '')
    .replace("'tributary-engine'", JSON.stringify(library))
    .replace("createEngine({ backend: 'webgpu' })", 'createEngine()')
    .replace("fetch('model.safetensors')", () => `fetch('${file}')`);
  const rest = `
const { Sampler } = await import(${JSON.stringify(library)});
const sampler = await Sampler.create(engine, model, model.store, table, seed, count);
const { points } = await sampler.sample({ n: count, ...(${code.includes('const labels')} ? { labels } : {}) });
process.stdout.write(JSON.stringify([...points]));
engine.destroy();
`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', `${lines}${rest}`],
    { maxBuffer: 2 ** 26 },
  );
  return JSON.parse(stdout);
}
