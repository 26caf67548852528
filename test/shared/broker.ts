/**
 * What all test files share, kept by the process that starts them: browsers are launched once, the demo page is built
 * once, both when somebody first wants them; and the software adapter, which takes every core, and a browser's one
 * clipboard are lent to one at a time.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import puppeteer, { type Browser } from 'puppeteer';
import { findChrome } from '../../src/cli/chrome.js';
import { built } from './built.js';

export interface Broker {
  readonly url: string;
  close(): Promise<void>;
}

/** One after the other has it, in the order in which they have asked; who goes away has given it back. */
class Lender {
  private last: Promise<void> = Promise.resolve();

  lend(response: http.ServerResponse): void {
    const gone = new Promise<void>((resolve) => response.on('close', resolve));
    this.last = this.last.then(() => {
      if (response.destroyed) return;
      response.writeHead(200).write('yours');
      return gone;
    });
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
