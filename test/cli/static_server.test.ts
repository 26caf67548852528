/** The server of the demo page, against clients that mean no good: raw bytes on sockets. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type StaticServer, serveFolder } from '../../src/cli/static_server.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { temporaryFolder, tributary } from './run.js';

const folder = temporaryFolder();
const SCRIPT = 'export const river = 1;\n';
const INLINE = 'globalThis.answer = 42;';
const PAGE = `<!doctype html><title>page</title><script type="module">${INLINE}</script>`;
let server: StaticServer;

beforeAll(async () => {
  mkdirSync(folder('site/assets'), { recursive: true });
  mkdirSync(folder('site/folder.js'));
  mkdirSync(folder('site-beside'));
  writeFileSync(folder('secret.json'), '"secret"');
  writeFileSync(folder('site-beside/secret.json'), '"secret"');
  writeFileSync(folder('site/index.html'), '<!doctype html><title>index</title>');
  writeFileSync(folder('site/assets/a.js'), SCRIPT);
  writeFileSync(folder('site/assets/two words, één.js'), SCRIPT);
  writeFileSync(folder('site/.hidden.json'), '"secret"');
  writeFileSync(folder('site/notes.secret'), 'secret');
  writeFileSync(folder('site/empty.json'), '');
  writeFileSync(folder('site/large.safetensors'), '');
  truncateSync(folder('site/large.safetensors'), 64 * 2 ** 20);
  symlinkSync(folder('secret.json'), folder('site/out.json'));
  symlinkSync(folder('.'), folder('site/up'));
  symlinkSync(folder('site/assets/a.js'), folder('site/within.js'));
  symlinkSync(folder('site/circle.js'), folder('site/circle.js'));
  symlinkSync(folder('site'), folder('linked-site'));
  server = await serveFolder(folder('site'), { '/page.html': PAGE });
});

afterAll(() => server.close());

interface Answer {
  status: number;
  headers: Map<string, string>;
  body: string;
}

/** Sends bytes and reads until the other side closes, or says no more for a while. */
function raw(bytes: string | Uint8Array, patience = 60_000): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(Number(new URL(server.url).port), '127.0.0.1');
    const said: Buffer[] = [];
    let timer: NodeJS.Timeout;
    const done = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(Buffer.concat(said).toString('latin1'));
    };
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(done, patience);
    };
    socket.on('error', done).on('close', done);
    socket.on('data', (chunk) => {
      said.push(chunk);
      wait();
    });
    socket.write(bytes);
    wait();
  });
}

async function ask(
  target: string,
  { method = 'GET', host = 'localhost', headers = '' } = {},
): Promise<Answer> {
  const text = await raw(
    `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${headers}\r\n`,
  );
  const [head, ...rest] = text.split('\r\n\r\n');
  const [first, ...lines] = head.split('\r\n');
  return {
    status: Number(first.split(' ')[1]),
    headers: new Map(
      lines.map((line) => [line.split(':')[0].toLowerCase(), line.slice(line.indexOf(':') + 2)]),
    ),
    body: rest.join('\r\n\r\n'),
  };
}

const alive = async () => expect((await ask('/assets/a.js')).body).toBe(SCRIPT);

describe('what is served', () => {
  it.each([
    ['/', '<title>index</title>', 'text/html; charset=utf-8'],
    ['/?a=/../b', '<title>index</title>', 'text/html; charset=utf-8'],
    ['/assets/a.js', SCRIPT, 'text/javascript; charset=utf-8'],
    ['/assets/a.js?v=%', SCRIPT, 'text/javascript; charset=utf-8'],
    ['/assets/%61.js', SCRIPT, 'text/javascript; charset=utf-8'],
    ['/assets/two%20words%2C%20%C3%A9%C3%A9n.js', SCRIPT, 'text/javascript; charset=utf-8'],
    ['/within.js', SCRIPT, 'text/javascript; charset=utf-8'],
    ['/page.html', PAGE, 'text/html; charset=utf-8'],
    ['/empty.json', '', 'application/json; charset=utf-8'],
  ])('GET %s', async (target, body, type) => {
    const answer = await ask(target);
    expect(answer.status).toBe(200);
    expect(answer.body).toContain(body);
    expect(answer.headers.get('content-type')).toBe(type);
  });

  it('a folder that is itself a link', async () => {
    const linked = await serveFolder(folder('linked-site'));
    expect(await (await fetch(`${linked.url}/assets/a.js`)).text()).toBe(SCRIPT);
    await linked.close();
  });

  it('HEAD says what GET would, without the body', async () => {
    for (const target of ['/assets/a.js', '/page.html', '/none.js']) {
      const [head, get] = [await ask(target, { method: 'HEAD' }), await ask(target)];
      expect(head.status).toBe(get.status);
      expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'));
      expect(head.headers.get('content-length') ?? '').toBe(get.headers.get('content-length') ?? '');
      expect(head.body).toBe('');
    }
  });

  it('headers that isolate a page and keep other sites out come with every answer', async () => {
    for (const target of ['/', '/page.html', '/assets/a.js', '/none.js', '/%']) {
      const { headers } = await ask(target);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp');
      const policy = headers.get('content-security-policy');
      expect(policy).toContain("default-src 'self'");
      expect(policy).toMatch(/script-src 'self' 'wasm-unsafe-eval' 'sha256-[^']+';/);
      expect(policy).toContain("frame-ancestors 'none'");
    }
  });

  it('an unchanged file is not sent again', async () => {
    const etag = (await ask('/assets/a.js')).headers.get('etag');
    expect(etag).toBeDefined();
    const again = await ask('/assets/a.js', { headers: `If-None-Match: ${etag}\r\n` });
    expect([again.status, again.body]).toEqual([304, '']);
  });
});

describe('what is refused', () => {
  it.each([
    ['/%', 400],
    ['/%ff', 400],
    ['/%c0%ae%c0%ae/secret.json', 400],
    ['//', 404],
    ['//localhost/', 404],
    ['/\\', 404],
    ['/assets//a.js', 404],
    ['/folder.js', 404],
    ['/folder.js/', 404],
    ['/assets', 404],
    ['/assets/', 404],
    ['/none.js', 404],
    ['/notes.secret', 404],
    ['/.hidden.json', 404],
    ['/%2ehidden.json', 404],
    ['/../secret.json', 404],
    ['/assets/../../secret.json', 404],
    ['/%2e%2e/secret.json', 404],
    ['/%2e%2e%2fsecret.json', 404],
    ['/..%5csecret.json', 404],
    ['/../site-beside/secret.json', 404],
    ['/assets/a.js%00', 404],
    ['/assets/a.js%00.json', 404],
    ['/assets/a.js%3fb.js', 404],
    ['/out.json', 404],
    ['/up/secret.json', 404],
    ['/circle.js', 404],
    [`/${'a'.repeat(5000)}.js`, 404],
    ['/__proto__', 404],
    ['/constructor', 404],
    ['*', 400],
    ['http://localhost/assets/a.js', 400],
    ['__proto__', 400],
  ])('GET %s', async (target, status) => {
    const answer = await ask(target);
    expect(answer.status).toBe(status);
    expect(answer.body).not.toContain('secret');
    await alive();
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'])(
    '%s, with what is allowed',
    async (method) => {
      const answer = await ask('/assets/a.js', { method });
      expect(answer.status).toBe(405);
      expect(answer.headers.get('allow')).toBe('GET, HEAD');
    },
  );

  it('names that are not this machine, as a stranger’s page that rebinds its name would send', async () => {
    const port = new URL(server.url).port;
    for (const host of [
      'localhost',
      `localhost:${port}`,
      `127.0.0.1:${port}`,
      `[::1]:${port}`,
      'LOCALHOST:1',
    ])
      expect((await ask('/', { host })).status, host).toBe(200);
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.nip.io',
      '0.0.0.0',
      '',
      ':80',
      'a@localhost',
    ])
      expect((await ask('/', { host })).status, host).toBe(403);
    expect(await raw('GET / HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 403 /);
  });
});

describe('ranges', () => {
  it.each([
    ['bytes=7-11', SCRIPT.slice(7, 12)],
    ['bytes=7-', SCRIPT.slice(7)],
    ['bytes=7-7', SCRIPT.slice(7, 8)],
    ['bytes=7-9999', SCRIPT.slice(7)],
  ])('%s is that part', async (range, part) => {
    const answer = await ask('/assets/a.js', { headers: `Range: ${range}\r\n` });
    expect([answer.status, answer.body]).toEqual([206, part]);
    const end = 7 + part.length - 1;
    expect(answer.headers.get('content-range')).toBe(`bytes 7-${end}/${SCRIPT.length}`);
  });

  it.each([
    'bytes=9-2',
    'bytes=0-0',
    'bytes=-5',
    'bytes=--5',
    'bytes=',
    'bytes',
    'bytes=a-b',
    'bytes=0-1,3-4',
    'bytes=1-1e9',
    'items=0-3',
    'bytes=1.5-3',
    'bytes=-1-3',
    `bytes=${'9'.repeat(400)}-`,
  ])('%s is no range that is understood: the whole file', async (range) => {
    const answer = await ask('/assets/a.js', { headers: `Range: ${range}\r\n` });
    expect([answer.status, answer.body]).toEqual([200, SCRIPT]);
  });

  it('a part beyond the end is refused with the length', async () => {
    const answer = await ask('/assets/a.js', { headers: 'Range: bytes=9999-\r\n' });
    expect(answer.status).toBe(416);
    expect(answer.headers.get('content-range')).toBe(`bytes */${SCRIPT.length}`);
    expect((await ask('/empty.json', { headers: 'Range: bytes=0-\r\n' })).status).toBe(416);
  });
});

describe('the server stays', () => {
  it('through seeded nonsense', async () => {
    const random = new CounterRandom(5, STREAM.data, 0);
    let at = 0;
    const pick = (n: number) => Math.floor(random.uniform(at++) * n);
    const words = [
      'GET',
      'HEAD',
      'POST',
      'CONNECT',
      ' ',
      '/',
      '//',
      '\\',
      '%',
      '%00',
      '%ff',
      '%2e',
      '..',
      'a.js',
    ];
    words.push(
      'assets',
      '?',
      '#',
      'HTTP/1.1',
      'HTTP/9',
      '\r\n',
      '\r\n\r\n',
      'Host: localhost',
      'Range: bytes=',
    );
    words.push(
      '9-2',
      '0-',
      '-1',
      'Host:',
      ':',
      'Transfer-Encoding: chunked',
      'Content-Length: 9',
      '\0',
      'é',
      '\t',
    );
    words.push(
      'Upgrade: websocket',
      'Connection: upgrade',
      'Expect: 100-continue',
      '__proto__',
      'folder.js',
      '\n',
    );
    const requests = Array.from({ length: 300 }, (_, i) => {
      const junk = (n: number) => Array.from({ length: n }, () => words[pick(words.length)]).join('');
      // Half of them reach the server's own code: a whole request around a hostile path and header.
      if (i % 2 === 0) return junk(1 + pick(14));
      const path = junk(1 + pick(8)).replace(/[\r\n\0 \t]/g, '');
      return `GET /${path} HTTP/1.1\r\nHost: localhost\r\nRange: bytes=${pick(30)}-${pick(30)}\r\n\r\n`;
    });
    for (let start = 0; start < requests.length; start += 50)
      await Promise.all(
        requests.slice(start, start + 50).map((bytes) => raw(Buffer.from(bytes, 'latin1'), 60)),
      );
    await alive();
  });

  it('through many at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) => ask(i % 2 === 0 ? '/assets/a.js' : '/%')),
    );
    expect(answers.every(({ status }, i) => status === (i % 2 === 0 ? 200 : 400))).toBe(true);
  });

  it('through clients that go away in the middle, and leaves no file open', async () => {
    const port = Number(new URL(server.url).port);
    for (let i = 0; i < 20; i++)
      await new Promise<void>((resolve) => {
        const socket = net.connect(port, '127.0.0.1', () => {
          socket.write('GET /large.safetensors HTTP/1.1\r\nHost: localhost\r\n\r\n');
          socket.once('data', () => socket.destroy());
        });
        socket.on('close', () => resolve());
      });
    await alive();
    const descriptors = '/proc/self/fd';
    if (!existsSync(descriptors)) return;
    const open = () =>
      readdirSync(descriptors).filter((name) => {
        try {
          return readlinkSync(`${descriptors}/${name}`).endsWith('large.safetensors');
        } catch {
          return false;
        }
      }).length;
    await expect.poll(open).toBe(0);
  });
});

it('a port that is taken is one line', async () => {
  const { port } = new URL(server.url);
  const { code, stdout, stderr } = await tributary(['demo', '--port', port]);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toBe(`tributary: port ${port} is taken; choose another by --port, or 0 for a free one\n`);
});
