import { existsSync, readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.map': 'application/json',
  '.wasm': 'application/wasm',
  '.safetensors': 'application/octet-stream',
};

export interface StaticServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves a folder, and pages that exist only in memory, on the loopback interface, with the headers that make
 * a page cross-origin isolated: SharedArrayBuffer, and with it threads, need them.
 * @param pages by path, such as `/verify.html`
 */
export async function serveFolder(
  folder: string,
  pages: Readonly<Record<string, string>> = {},
  port = 0,
): Promise<StaticServer> {
  const server = http.createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const page = pages[path];
    const file = normalize(join(folder, path));
    const inside = file.startsWith(normalize(folder + sep));
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    response.setHeader('Cache-Control', 'no-cache');
    if (page === undefined && !(inside && existsSync(file) && extname(file) in TYPES)) {
      response.writeHead(404).end();
      return;
    }
    const type = TYPES[page === undefined ? extname(file) : '.html'];
    response.writeHead(200, { 'Content-Type': `${type}; charset=utf-8` });
    response.end(page ?? readFileSync(file));
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
