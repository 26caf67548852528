/** The browsers and builds that test files share, as a test file gets them. */
import puppeteer, { type Browser, type Page } from 'puppeteer';
import { SOFTWARE } from '../../src/cli/browser.js';
import { ask } from './ask.js';

/** What a page of a test waits for at most, in milliseconds: a hang, and nothing that is only slow. */
export const PATIENCE = 300_000;

/** WebGPU on the software adapter; none, as in browsers without it; and a browser in lockdown, without WebAssembly. */
export const KINDS = {
  webgpu: SOFTWARE,
  bare: ['--disable-gpu'],
  lockdown: ['--disable-gpu', '--js-flags=--jitless'],
} as const;

export type Kind = keyof typeof KINDS;

/** A shared browser. Whoever is done with it disconnects, and closes its own pages. */
export async function sharedBrowser(kind: Kind): Promise<Browser> {
  const flags = KINDS[kind].map((flag) => `flag=${encodeURIComponent(flag)}`).join('&');
  const browserWSEndpoint = await ask(`/browser?${flags}`);
  return puppeteer.connect({ browserWSEndpoint, protocolTimeout: 0 });
}

/** A page in a context of its own, which nothing of the pages before is left in. */
export async function freshPage(browser: Browser): Promise<Page> {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  // As if it were the one in front: others have the same browser.
  await page.emulateFocusedPage(true);
  return page;
}

/** The built demo page is in `demo/dist` from then on. */
export const builtDemo = (): Promise<string> => ask('/demo');
