/** The built demo page in headless Chrome, as visitors get it from `tributary demo`. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Browser, Page } from 'puppeteer';
import { onTestFinished } from 'vitest';
import type { App } from '../../demo/src/app.js';
import { type StaticServer, serveFolder } from '../../src/cli/static_server.js';
import { builtDemo, freshPage, type Kind, sharedBrowser } from '../shared/browser.js';
import { borrowForTest } from '../shared/lent.js';

declare global {
  // The page puts itself there.
  var tributaryDemo: App;
  /** Every line that the page has shown since it was last hushed, for it takes them away again by a clock. */
  var linesShown: string[];
}

function keepLines(): void {
  globalThis.linesShown = [];
  new MutationObserver(() => {
    const text = document.querySelector('.toast.shown')?.textContent ?? '';
    if (text !== '' && text !== globalThis.linesShown.at(-1)) globalThis.linesShown.push(text);
  }).observe(document, { subtree: true, childList: true, characterData: true, attributeFilter: ['class'] });
}

export interface Demo {
  /** Opens the page at a state. What goes wrong is collected in `problems`. */
  open(hash: string, options?: OpenOptions): Promise<{ page: Page; problems: string[] }>;
  close(): Promise<void>;
}

export interface OpenOptions {
  /** With WebGPU on the software adapter; else as browsers without it. */
  webgpu?: boolean;
  /** False for a browser in lockdown, without WebAssembly. */
  wasm?: boolean;
  width?: number;
  height?: number;
  scheme?: 'dark' | 'light';
  calm?: boolean;
  /** Runs before the page's own scripts. */
  before?: () => void;
}

/** {@link Demo.open}, for tests that are listed before there is a page. */
export type OpenDemo = Demo['open'];

export async function startDemo(): Promise<Demo> {
  await builtDemo();
  const folder = resolve('demo/dist');
  const server: StaticServer = await serveFolder(folder, {
    '/': readFileSync(`${folder}/index.html`, 'utf8'),
  });
  const browsers = new Map<Kind, Promise<Browser>>();
  const browser = (kind: Kind) => {
    const known = browsers.get(kind) ?? sharedBrowser(kind);
    browsers.set(kind, known);
    return known;
  };
  return {
    async open(
      hash,
      { webgpu = false, wasm = true, width = 1200, height = 760, scheme = 'dark', calm = false, before } = {},
    ) {
      if (webgpu) await borrowForTest('/adapter');
      const page = await freshPage(await browser(webgpu ? 'webgpu' : wasm ? 'bare' : 'lockdown'));
      // Nothing runs on after a test that failed.
      onTestFinished(() => page.browserContext().close());
      await page.evaluateOnNewDocument(keepLines);
      if (before) await page.evaluateOnNewDocument(before);
      const problems: string[] = [];
      page.on('console', (message) => {
        // Chrome says so by itself when a page asks for an adapter and there is none.
        if (message.text().startsWith('No available adapters')) return;
        if (message.type() === 'error' || message.type() === 'warn') problems.push(message.text());
      });
      page.on('pageerror', (error) => problems.push(String(error)));
      page.on('requestfailed', (request) => problems.push(`failed: ${request.url()}`));
      page.on('response', (response) => {
        if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`);
      });
      await page.setViewport({ width, height });
      await page.emulateMediaFeatures([
        { name: 'prefers-color-scheme', value: scheme },
        { name: 'prefers-reduced-motion', value: calm ? 'reduce' : 'no-preference' },
      ]);
      await page.goto(`${server.url}/#${hash}`);
      await page.waitForFunction(() => globalThis.tributaryDemo?.machine != null);
      return { page, problems };
    },
    async close() {
      for (const one of browsers.values()) await (await one).disconnect();
      await server.close();
    },
  };
}

/** Waits until particles are on the stage. */
export const particles = (page: Page) =>
  page.waitForFunction(() => {
    const { stage } = globalThis.tributaryDemo;
    return (
      stage.frames > 0 &&
      stage.panes.length > 0 &&
      stage.panes.every(({ runner }) => runner?.sight(1) != null)
    );
  });

/** Waits until every trajectory is known to its end. */
export const arrived = (page: Page) =>
  page.waitForFunction(() =>
    globalThis.tributaryDemo.stage.panes.every(({ runner }) => runner !== null && runner.reach === 1),
  );

/** Waits until the model has learned for `step` steps, is there, and nothing is under way. */
export const learned = (page: Page, step: number) =>
  page.waitForFunction(
    (wanted) => {
      const { lesson } = globalThis.tributaryDemo;
      return lesson.step === wanted && !lesson.running && lesson.bytes !== null;
    },
    {},
    step,
  );
