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

const LOOKS = 60;

const HTML =
  '<!doctype html><link rel="icon" href="data:,"><canvas style="width: 240px; height: 180px"></canvas><script type="module" src="./particles.js"></script>';

/** @returns what the console said, and how many colours the canvas shows */
export async function runEmbedding(
  page: Page,
  code: string,
  model: Uint8Array,
): Promise<{ problems: string[]; colours: number }> {
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
          { find: /^tributary$/, replacement: resolve('dist/index.js') },
          { find: /^tributary\/three$/, replacement: resolve('dist/three.js') },
          { find: /^three\/(webgpu|tsl)$/, replacement: resolve('node_modules/three/build/three.$1.js') },
        ],
      },
      build: { outDir: join(folder, 'built'), target: 'esnext', chunkSizeWarningLimit: 4000 },
    });
    const server = await serveFolder(join(folder, 'built'), {});
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    await page.goto(`${server.url}/index.html`);
    // A canvas that is not being drawn reads as empty: what the screen shows counts.
    let colours = 0;
    for (let look = 0; look < LOOKS && colours < 20 && problems.length === 0; look++) {
      await new Promise((done) => setTimeout(done, 400));
      const { data, channels } = decode(await page.screenshot());
      const found = new Set<number>();
      for (let i = 0; i < data.length; i += channels)
        found.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
      colours = found.size;
    }
    await server.close();
    return { problems, colours };
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
    .replace("'tributary'", JSON.stringify(library))
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
