/** The benchmark's page, built and served from this machine, in headless Chrome. */
import { readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Page } from 'puppeteer';
import { build, defaultClientConditions, type Rolldown } from 'vite';
import { assemblyscript } from '../../scripts/assemblyscript_plugin.js';
import { peerVersions } from '../../scripts/peer_versions.js';
import { wgsl } from '../../scripts/wgsl_plugin.js';
import { openBrowser } from '../../src/cli/browser.js';
import { ORT_PATH } from './ort_path.js';
import type { Bench } from './page/main.js';

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** The page's files by their address. */
async function buildPage(): Promise<Map<string, string | Uint8Array>> {
  const result = await build({
    configFile: false,
    root: here('page'),
    logLevel: 'error',
    plugins: [assemblyscript(), wgsl()],
    define: peerVersions(),
    resolve: {
      alias: [{ find: /^tributary-engine$/, replacement: here('../../src/index.ts') }],
      // onnxruntime-web without the runtime inside of it: the server below has that.
      conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions],
    },
    build: { write: false, target: 'es2022', minify: false, chunkSizeWarningLimit: 10_000 },
  });
  const { output } = (Array.isArray(result) ? result[0] : result) as Rolldown.RolldownOutput;
  return new Map(
    output.map((file) => [`/${file.fileName}`, file.type === 'chunk' ? file.code : file.source] as const),
  );
}

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  wasm: 'application/wasm',
};

/** A file of onnxruntime-web's, of those that it asks for by name. */
function ortFile(address: string): Uint8Array | undefined {
  const name = address.slice(ORT_PATH.length);
  if (!address.startsWith(ORT_PATH) || !/^ort-wasm[\w.-]+$/.test(name)) return undefined;
  return readFileSync(here(`../../node_modules/onnxruntime-web/dist/${name}`));
}

/**
 * Opens the page.
 * @param say told how far it is
 */
export async function openPage(say: (line: string) => void): Promise<{ page: Page; close(): Promise<void> }> {
  const files = await buildPage();
  const server = http.createServer((request, response) => {
    const address = (request.url ?? '/').split('?')[0];
    const content = files.get(address) ?? ortFile(address);
    const type = TYPES[address.split('.').at(-1) ?? ''] ?? 'text/plain';
    response.writeHead(content === undefined ? 404 : 200, {
      'Content-Type': type,
      // Isolated, so that clocks are fine.
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    });
    response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { browser, page } = await openBrowser(`http://127.0.0.1:${port}/index.html`, say);
  await page.exposeFunction('tell', say);
  page.on('pageerror', (error) => say(String(error)));
  await page.waitForFunction('globalThis.bench !== undefined');
  return {
    page,
    async close() {
      await browser.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Runs one of the page's functions. */
export async function call<K extends keyof Bench>(
  page: Page,
  name: K,
  ...inputs: Parameters<Bench[K]>
): Promise<Awaited<ReturnType<Bench[K]>>> {
  const code = `bench.${name}(...${JSON.stringify(inputs)})`;
  return (await page.evaluate(code)) as Awaited<ReturnType<Bench[K]>>;
}
