/** A headless Chrome with WebGPU on a software adapter, and a server for the page that the checks run in. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Page } from 'puppeteer';
import { build, type Rolldown } from 'vite';
import { assemblyscript } from '../../scripts/assemblyscript_plugin.js';
import { wgsl } from '../../scripts/wgsl_plugin.js';
import { freshPage, sharedBrowser } from '../shared/browser.js';
import type { Checks } from './page/main.js';

const PAGE = fileURLToPath(new URL('./page', import.meta.url));

export interface Harness {
  /** Opens the page. What the console or an uncaught error says is collected in `problems`. */
  open(): Promise<{ page: Page; problems: string[] }>;
  close(): Promise<void>;
}

/** The built page, file by file under its address. */
async function buildPage(folder: string): Promise<Map<string, string | Uint8Array>> {
  const result = await build({
    configFile: false,
    root: folder,
    logLevel: 'error',
    plugins: [assemblyscript(), wgsl()],
    build: { write: false, target: 'es2022', minify: false },
  });
  const { output } = (Array.isArray(result) ? result[0] : result) as Rolldown.RolldownOutput;
  return new Map(
    output.map((file) => [`/${file.fileName}`, file.type === 'chunk' ? file.code : file.source] as const),
  );
}

/** @throws when there is no Chrome: a machine without one must not pass the tests */
export async function startHarness(folder = PAGE): Promise<Harness> {
  const files = await buildPage(folder);
  const server = http.createServer((request, response) => {
    const name = request.url ?? '/';
    const content = files.get(name);
    const type = name.endsWith('.html') ? 'text/html' : 'text/javascript';
    response.writeHead(content === undefined ? 404 : 200, { 'content-type': `${type}; charset=utf-8` });
    response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const browser = await sharedBrowser('webgpu');
  return {
    async open() {
      const page = await freshPage(browser);
      const problems: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warn') problems.push(message.text());
      });
      page.on('pageerror', (error) => problems.push(String(error)));
      page.on('requestfailed', (request) => problems.push(`failed: ${request.url()}`));
      await page.goto(`http://127.0.0.1:${port}/index.html`);
      await page.waitForFunction('globalThis.checks !== undefined');
      return { page, problems };
    },
    async close() {
      await browser.disconnect();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Runs one of the page's checks. */
export async function check<K extends keyof Checks>(
  page: Page,
  name: K,
  ...inputs: Parameters<Checks[K]>
): Promise<Awaited<ReturnType<Checks[K]>>> {
  const call = `checks.${name}(...${JSON.stringify(inputs)})`;
  return (await page.evaluate(call)) as Awaited<ReturnType<Checks[K]>>;
}
