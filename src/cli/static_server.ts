import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import sirv from 'sirv';
import { RequestError, servedPath } from './served_path.js';

/** What is served, by the ending of its name, and as what. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.wasm': 'application/wasm',
  '.safetensors': 'application/octet-stream',
};

/** Names of this machine. Another name in a request is a stranger's page that had its name point here. */
const OWN_NAMES = ['localhost', '127.0.0.1', '[::1]'];

export interface StaticServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * What pages may load: their own files, WebAssembly, workers of their own files or made by the engine (its threads),
 * pictures that they draw; no inline script but those of `pages`, and nothing from elsewhere.
 */
function policy(scripts: readonly string[]): string {
  const hashes = scripts.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
  return [
    "default-src 'self'",
    ["script-src 'self' 'wasm-unsafe-eval'", ...hashes].join(' '),
    "worker-src 'self' blob:",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

const inlineScripts = (page: string): string[] =>
  [...page.matchAll(/<script[^>]*>([^<]+)/g)].map(([, text]) => text);

/** Isolated, so that pages have SharedArrayBuffer and with it threads; and nothing for other sites. */
const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-cache',
};

/** A `Host` header's name, without its port. */
const hostName = (host: string | undefined): string => (host ?? '').replace(/:\d*$/, '').toLowerCase();

/** One range of bytes, `a-b` or `a-`; sirv serves any other wrongly, or throws: then the whole file is the answer. */
function isRange(range: string): boolean {
  const [, first, last] = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(range) ?? [];
  return first !== undefined && (last === '' || (Number(last) > 0 && Number(first) <= Number(last)));
}

function refuse(response: http.ServerResponse, status: number, what: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${what}\n`);
}

/**
 * Serves a folder, and pages that exist only in memory, on the loopback interface. Nothing that a client sends ends the
 * server, and no file outside of the folder is read, not by a link either.
 * @param pages by path, such as `/verify.html`
 * @param port 0 for any that is free
 * @throws Error with the code of the system where the port cannot be had
 */
export async function serveFolder(
  folder: string,
  pages: Readonly<Record<string, string>> = {},
  port = 0,
): Promise<StaticServer> {
  const serve = sirv(folder, { dev: true, etag: true, extensions: [] });
  const contentPolicy = policy(Object.values(pages).flatMap(inlineScripts));

  const answer = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    response.setHeader('Content-Security-Policy', contentPolicy);
    if (!OWN_NAMES.includes(hostName(request.headers.host)))
      throw new RequestError(403, `this server is known as ${OWN_NAMES.join(', ')}`);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      throw new RequestError(405, 'only GET and HEAD are answered');
    }
    const path = servedPath(folder, request.url ?? '/', Object.keys(pages));
    if (Object.hasOwn(pages, path)) {
      response.writeHead(200, {
        'Content-Type': TYPES['.html'],
        'Content-Length': Buffer.byteLength(pages[path]),
      });
      response.end(pages[path]);
      return;
    }
    const type = TYPES[extname(path)];
    if (type === undefined) throw new RequestError(404, 'there is no such file');
    response.setHeader('Content-Type', type);
    response.setHeader('Accept-Ranges', 'bytes');
    if (!isRange(request.headers.range ?? '')) delete request.headers.range;
    // Checked, and written in one way, so that sirv opens the very file that was looked at.
    request.url = encodeURI(path);
    serve(request, response, () => refuse(response, 404, 'there is no such file'));
  };

  const server = http.createServer((request, response) => {
    // sirv leaves its file open when a client goes away, and unheard what goes wrong while it reads.
    response.on('pipe', (file) => {
      file.on('error', () => response.destroy());
      response.on('close', () => (file as NodeJS.ReadableStream & { destroy(): void }).destroy());
    });
    try {
      answer(request, response);
    } catch (error) {
      if (response.headersSent) response.destroy();
      else if (error instanceof RequestError) refuse(response, error.status, error.message);
      else refuse(response, 500, 'the file cannot be served');
    }
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
