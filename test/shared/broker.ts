/**
 * What all test files share, kept by the process that starts them: browsers are launched once, the demo page is built
 * once, both when somebody first wants them; the software adapter, which takes every core, and a browser's one
 * clipboard are lent to one at a time, and to the demo page's test files as many cores as there are.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import puppeteer, { type Browser } from 'puppeteer';
import { findChrome } from '../../src/cli/chrome.js';
import { built } from './built.js';

export interface Broker {
  readonly url: string;
  close(): Promise<void>;
}

/** So many have one at a time, in the order in which they have asked; who goes away has given it back. */
class Lender {
  private readonly waiting: http.ServerResponse[] = [];

  constructor(private free = 1) {}

  lend(response: http.ServerResponse): void {
    this.waiting.push(response);
    this.next();
  }

  private next(): void {
    while (this.free > 0) {
      const response = this.waiting.shift();
      if (response === undefined) return;
      if (response.destroyed) continue;
      this.free--;
      response.on('close', () => {
        this.free++;
        this.next();
      });
      response.writeHead(200).write('yours');
    }
  }
}

/** Chrome's own pages behind its address bar, two for each page of a test: nobody sees them, and they cost as much. */
const UNSEEN = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup'];

export async function startBroker(): Promise<Broker> {
  const browsers = new Map<string, Promise<Browser>>();
  const browser = (flags: readonly string[]) => {
    const key = flags.join(' ');
    const args = ['--no-sandbox', `--disable-features=${UNSEEN}`, ...flags];
    const known =
      browsers.get(key) ?? puppeteer.launch({ executablePath: findChrome(), args, protocolTimeout: 0 });
    browsers.set(key, known);
    return known;
  };
  let demo: Promise<void> | null = null;
  const lenders: Record<string, Lender | undefined> = {
    '/adapter': new Lender(),
    '/clipboard': new Lender(),
    // A page has a core and a half, and paints while it waits: more of them at once cost more than one by one.
    '/pages': new Lender(Math.max(1, Math.floor(availableParallelism() / 2))),
  };
  const answer = async (path: string, flags: readonly string[]): Promise<string> => {
    if (path === '/browser') return (await browser(flags)).wsEndpoint();
    demo ??= built('demo/dist', 'demo/vite.config.ts', ['demo']);
    await demo;
    return 'built';
  };
  const server = http.createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const lender = lenders[pathname];
    if (lender !== undefined) return lender.lend(response);
    answer(pathname, searchParams.getAll('flag')).then(
      (text) => response.end(text),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  // Who waits for the adapter waits for as long as the others take.
  Object.assign(server, { requestTimeout: 0, headersTimeout: 0, timeout: 0 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      for (const one of browsers.values())
        await one.then((launched) => launched.close()).catch(() => undefined);
    },
  };
}
