/** Files that visitors drop on the demo page or open with its button. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'fast-png';
import type { Page } from 'puppeteer';
import { describe, expect, it } from 'vitest';
import {
  customDataset,
  densityOf,
  EXTENT,
  encodePoints,
  GRID,
  originOf,
} from '../../demo/src/data/custom.js';
import { drop, type Given, hush, told } from './files.js';
import { idle, reload } from './kept.js';
import { learned, type OpenDemo, particles } from './page.js';

const RING = Array.from({ length: 60 }, (_, i) => [7 + Math.cos(i), -3 + 2 * Math.sin(i)]);

/** A .npy file by hand: the header of NumPy's format 1.0, then the values. */
function npy(
  dtype: string,
  shape: readonly number[],
  fortran: boolean,
  values: readonly number[],
): Uint8Array {
  const big = dtype[0] === '>';
  const [kind, size] = [dtype[1], Number(dtype[2])];
  const head = `{'descr': '${dtype}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${shape.join(', ')},), }`;
  const length = Math.ceil((10 + head.length + 1) / 64) * 64 - 10;
  const bytes = new Uint8Array(10 + length + size * values.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x93, ...Buffer.from('NUMPY'), 1, 0]);
  view.setUint16(8, length, true);
  bytes.set(Buffer.from(`${head.padEnd(length - 1)}\n`), 10);
  values.forEach((value, i) => {
    const at = 10 + length + size * i;
    if (kind === 'f' && size === 4) view.setFloat32(at, value, !big);
    else if (kind === 'f') view.setFloat64(at, value, !big);
    else if (size === 8) view.setBigInt64(at, BigInt(value), !big);
    else view.setInt32(at, value, !big);
  });
  return bytes;
}

const flat = RING.flat();
const columns = [0, 1].flatMap((k) => RING.map((point) => point[k]));
const lines = (point: (p: readonly number[], i: number) => string, end = '\n') => RING.map(point).join(end);

/** Points of a custom text in the units that they came in. */
function pointsOf(custom: string): number[] {
  const { offset, scale } = originOf(custom);
  return [...customDataset(custom, 0).points].map((value, i) => value * scale + offset[i % 2]);
}

/** How far points are from those that are wanted at most, each of which is to be met once: [n, 2] in any order. */
function furthest(got: readonly number[], wanted: readonly number[]): number {
  const left = new Set(Array.from({ length: got.length / 2 }, (_, i) => i));
  let most = 0;
  for (let k = 0; k < wanted.length; k += 2) {
    const away = (i: number) =>
      Math.max(Math.abs(got[2 * i] - wanted[k]), Math.abs(got[2 * i + 1] - wanted[k + 1]));
    const nearest = [...left].reduce((best, i) => (away(i) < away(best) ? i : best));
    most = Math.max(most, away(nearest));
    left.delete(nearest);
  }
  return most;
}

/** A picture of one byte a channel. */
function png(width: number, height: number, pixel: (x: number, y: number) => readonly number[]): Uint8Array {
  const channels = pixel(0, 0).length as 3 | 4;
  const data = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) data.set(pixel(x, y), (y * width + x) * channels);
  return encode({ width, height, data, channels, depth: 8 });
}

const inDisc = (size: number) => (x: number, y: number) => Math.hypot(x - size / 2, y - size / 2) < size / 4;

/** Share of the density inside the disc of half the picture's width, and at its centre and corner. */
function disc(custom: string) {
  const cells = densityOf(custom)!;
  let [inside, all] = [0, 0];
  cells.forEach((level, i) => {
    const far = Math.hypot((i % GRID) + 0.5 - GRID / 2, Math.floor(i / GRID) + 0.5 - GRID / 2);
    all += level;
    if (far < GRID / 4 + 1) inside += level;
  });
  return { inside: inside / all, centre: cells[(GRID / 2) * GRID + GRID / 2], corner: cells[3 * GRID + 3] };
}

const customOf = (page: Page) => page.evaluate(() => globalThis.tributaryDemo.store.state.custom);

/** Drops a file and waits until it is what is learned. */
async function learn(page: Page, file: Given): Promise<string> {
  await page.evaluate(() => globalThis.tributaryDemo.store.set({ data: '8gaussians', custom: '' }));
  await drop(page, [file]);
  await page.waitForFunction(() => globalThis.tributaryDemo.store.state.custom !== '');
  return customOf(page);
}

export const drops = (open: OpenDemo) =>
  describe('files that are dropped', () => {
    const FEW = 'data=8gaussians&hidden=16&train=1&n=100&steps=1&play=0';

    it('points of every kind of file are the points that are learned', async () => {
      const { page, problems } = await open(FEW);
      await particles(page);
      const whole = RING.flat().map((value) => Math.round(10 * value));
      const files: [Given, readonly number[]][] = [
        [{ name: 'f8.npy', content: npy('<f8', [60, 2], false, flat) }, flat],
        [{ name: 'f4.npy', content: npy('<f4', [60, 2], false, flat) }, flat],
        [{ name: 'big.npy', content: npy('>f8', [60, 2], false, flat) }, flat],
        [{ name: 'fortran.npy', content: npy('<f8', [60, 2], true, columns) }, flat],
        [{ name: 'i4.npy', content: npy('<i4', [60, 2], false, whole) }, whole],
        [{ name: 'i8.npy', content: npy('<i8', [60, 2], false, whole) }, whole],
        [{ name: 'plain.csv', content: lines(([x, y]) => `${x},${y}`) }, flat],
        [
          { name: 'HEAD.CSV', content: `\ufeffx;y\r\n${lines(([x, y]) => `${x};${y}`, '\r\n')}\r\n\r\n` },
          flat,
        ],
        [{ name: 'tabs.csv', content: `# made by hand\n\n${lines(([x, y]) => `${x}\t${y}`)}\n\n` }, flat],
      ];
      for (const [file, wanted] of files) {
        const got = pointsOf(await learn(page, file));
        const size = Math.max(...wanted.map(Math.abs));
        expect(got, file.name).toHaveLength(wanted.length);
        // 12 bits over six deviations.
        expect(furthest(got, wanted), file.name).toBeLessThan(size / 500);
      }
      await learn(page, {
        name: 'classes.csv',
        content: `x,y,label\n${lines(([x, y], i) => `${x},${y},${i % 2}`)}`,
      });
      await told(page, /^classes\.csv: its labels are not used\.$/);
      const many = Array.from({ length: 1500 }, (_, i) => `${Math.cos(i)},${Math.sin(i)}`).join('\n');
      const custom = await learn(page, { name: 'many.csv', content: many });
      await told(page, /^many\.csv: 1,000 of its 1,500 points are learned\.$/);
      expect(customDataset(custom, 0).rows).toBe(1000);
      const astray = `${many.split('\n').slice(0, 99).join('\n')}\n1e6,1e6`;
      await learn(page, { name: 'astray.csv', content: astray });
      await told(
        page,
        /^astray\.csv: 98 of its points fall together, for some lie so far away: leave those out\.$/,
      );
      expect(problems).toEqual([]);
      await page.close();
    });

    it('pictures become the density of what is on them', async () => {
      const { page, problems } = await open(FEW);
      await particles(page);
      const on = inDisc(64);
      const shade = (light: number) => [light, light, light];
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><circle cx="32" cy="32" r="16"/></svg>`;
      const jpg = await page.evaluate(() => {
        const canvas = document.createElement('canvas');
        canvas.width = 64;
        canvas.height = 64;
        const context = canvas.getContext('2d')!;
        context.fillStyle = 'white';
        context.fillRect(0, 0, 64, 64);
        context.fillStyle = 'navy';
        context.arc(32, 32, 16, 0, 7);
        context.fill();
        return canvas.toDataURL('image/jpeg').split(',')[1];
      });
      const pictures: Given[] = [
        { name: 'dark.png', content: png(64, 64, (x, y) => shade(on(x, y) ? 20 : 250)) },
        { name: 'light.png', content: png(64, 64, (x, y) => shade(on(x, y) ? 240 : 10)) },
        { name: 'black-on-nothing.png', content: png(64, 64, (x, y) => [0, 0, 0, on(x, y) ? 255 : 0]) },
        { name: 'white-on-nothing.png', content: png(64, 64, (x, y) => [255, 255, 255, on(x, y) ? 255 : 0]) },
        { name: 'photo.jpg', content: Buffer.from(jpg, 'base64'), type: 'image/jpeg' },
        { name: 'logo.svg', content: svg, type: 'image/svg+xml' },
      ];
      for (const { name, content, type = 'image/png' } of pictures) {
        const { inside, centre, corner } = disc(await learn(page, { name, content, type }));
        expect(inside, name).toBeGreaterThan(0.97);
        expect(centre, name).toBe(15);
        expect(corner, name).toBe(0);
      }
      // Two pixels, and thin lines on a picture of 24 million: made in the page, for it is large.
      const tiny = png(2, 1, (x) => shade(x === 0 ? 0 : 255));
      densityOf(await learn(page, { name: 'tiny.png', content: tiny, type: 'image/png' }))!;
      await page.evaluate(async () => {
        globalThis.tributaryDemo.store.set({ data: '8gaussians', custom: '' });
        const canvas = new OffscreenCanvas(6000, 4000);
        const context = canvas.getContext('2d')!;
        context.fillStyle = 'white';
        context.fillRect(0, 0, 6000, 4000);
        context.fillStyle = 'black';
        for (let x = 300; x < 6000; x += 600) context.fillRect(x, 0, 12, 4000);
        const files = new DataTransfer();
        files.items.add(new File([await canvas.convertToBlob()], 'huge.png', { type: 'image/png' }));
        document.body.dispatchEvent(
          new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: files }),
        );
      });
      await page.waitForFunction(() => globalThis.tributaryDemo.store.state.custom !== '');
      const cells = densityOf(await customOf(page))!;
      const row = [...cells.subarray((GRID / 2) * GRID, (GRID / 2 + 1) * GRID)];
      // Ten lines, each in one cell or two.
      const lit = row.flatMap((level, i) => (level > 0 && (i === 0 || row[i - 1] === 0) ? [i] : []));
      expect(lit).toHaveLength(10);
      expect(problems).toEqual([]);
      await page.close();
    });

    it('are judged as what they are: a drawing by its density, points by halves', async () => {
      const { page, problems } = await open(FEW);
      await particles(page);
      const heads = () =>
        page.$eval('.learning table', (table) => ({
          columns: [...table.querySelectorAll('thead th')].map((cell) => cell.textContent),
          caption: table.querySelector('caption')!.textContent,
          names: [...table.querySelectorAll('tbody th')].map((cell) => cell.textContent!.split('\u00a0')[0]),
        }));
      await learn(page, { name: 'ring.csv', content: lines(([x, y]) => `${x},${y}`) });
      await learned(page, 1);
      await idle(page);
      await page.waitForFunction(() => document.querySelector('.learning table'));
      const points = await heads();
      expect(points.columns).toEqual(['Metric', 'Model', 'Halves']);
      expect(points.caption).toContain('one half of your points, judged by the other: 30 against 30');
      const square = png(64, 64, (x, y) =>
        Math.max(Math.abs(x - 32), Math.abs(y - 32)) < 12 ? [0, 0, 0] : [255, 255, 255],
      );
      await learn(page, { name: 'square.png', content: square, type: 'image/png' });
      await learned(page, 1);
      await idle(page);
      await page.waitForFunction(() =>
        document.querySelector('.learning thead')?.textContent?.includes('Perfect'),
      );
      const drawn = await heads();
      expect(drawn.columns).toEqual(['Metric', 'Model', 'Perfect']);
      expect(drawn.names).toEqual([
        'Sliced W₂',
        'W₂',
        'Fréchet',
        'Energy distance',
        'Copies of training points',
      ]);
      const { n, floorN } = await page.evaluate(
        () => globalThis.tributaryDemo.lesson.history.evaluation!.result.metrics.frechet,
      );
      expect([n, floorN]).toEqual([1000, 1000]);
      // What was made last is there after a reload, though another distribution is shown.
      await page.evaluate(() => globalThis.tributaryDemo.store.set({ data: 'moons' }));
      await page.evaluate(() => globalThis.tributaryDemo.store.write());
      await reload(page);
      const own = await page.$eval('select[name=data]', (select) => {
        const option = [...(select as HTMLSelectElement).options].find(({ value }) => value === 'your own')!;
        return { disabled: option.disabled, chosen: (select as HTMLSelectElement).value };
      });
      expect(own).toEqual({ disabled: false, chosen: 'moons' });
      await page.select('select[name=data]', 'your own');
      await page.waitForFunction(() => globalThis.tributaryDemo.data.name === 'your own');
      expect(problems).toEqual([]);
      await page.close();
    });

    it('what is wrong is said in one line, and nothing is lost', async () => {
      const { page, problems } = await open(FEW);
      await particles(page);
      await learn(page, { name: 'ring.csv', content: lines(([x, y]) => `${x},${y}`) });
      await learned(page, 1);
      const before = await page.evaluate(() => JSON.stringify(globalThis.tributaryDemo.store.state));
      const one = (light: number) => png(8, 8, () => [light, light, light]);
      const image = 'image/png';
      const wrong: [Given[], RegExp][] = [
        [
          [{ name: 'wide.npy', content: npy('<f8', [20, 3], false, flat.slice(0, 60)) }],
          /^wide\.npy has 3 columns; points of a plane have 2/,
        ],
        [
          [{ name: 'line.npy', content: npy('<f8', [120], false, flat) }],
          /^line\.npy has shape \[120\]; points are \[n, 2\]$/,
        ],
        [[{ name: 'cut.npy', content: npy('<f8', [60, 2], false, flat).slice(0, 300) }], /^cut\.npy/],
        [
          [{ name: 'far.npy', content: npy('<f8', [4, 2], false, [1, 2, 3, 1e300, 5, 6, 7, 8]) }],
          /^far\.npy: row 2 holds 1e\+300; 1e\+100 is the most$/,
        ],
        [
          [{ name: 'nan.npy', content: npy('<f8', [4, 2], false, [1, 2, 3, 4, 5, Number.NaN, 7, 8]) }],
          /^nan\.npy: row 3 holds NaN; it must be a number$/,
        ],
        [[{ name: 'few.csv', content: '1,2\n3,4' }], /^few\.csv has 2 rows; at least 4 points are needed$/],
        [[{ name: 'one.csv', content: 'x,y\n1,2' }], /^one\.csv has 1 row; at least 4 points are needed$/],
        [
          [{ name: 'red.png', content: png(64, 64, () => [255, 0, 0]), type: image }],
          /^red\.png is one colour/,
        ],
        [[{ name: 'same.csv', content: '1,2\n1,2\n1,2\n1,2' }], /^same\.csv holds one point again and again/],
        [[{ name: 'decimal.csv', content: '1,5;2,5\n3,5;4' }], /^decimal\.csv line 1.*decimals with a point/],
        [[{ name: 'black.png', content: one(0), type: image }], /^black\.png is one colour/],
        [[{ name: 'white.png', content: one(255), type: image }], /^white\.png is one colour/],
        [
          [{ name: 'nothing.png', content: png(8, 8, () => [0, 0, 0, 0]), type: image }],
          /^nothing\.png is one colour/,
        ],
        [
          [{ name: 'broken.png', content: 'no picture', type: image }],
          /^broken\.png is no picture that this browser reads/,
        ],
        [[{ name: 'notes.txt', content: '1,2' }], /^notes\.txt is neither \.csv, \.npy nor a picture$/],
        [
          [
            { name: 'a.csv', content: '1,2' },
            { name: 'b.csv', content: '1,2' },
          ],
          /^Those are 2 files: drop a \.csv, a \.npy or a picture, one at a time\.$/,
        ],
      ];
      for (const [files, message] of wrong) {
        await hush(page);
        await drop(page, files);
        expect((await told(page, message)).includes('\n')).toBe(false);
      }
      await hush(page);
      await drop(page, [], 'some words');
      await told(page, /^That is no file: drop a \.csv, a \.npy or a picture\.$/);
      await page.evaluate(() => {
        const file = new File(['1,2'], 'large.csv');
        Object.defineProperty(file, 'size', { value: 130 * 2 ** 20 });
        const drop = new DragEvent('drop', { bubbles: true, cancelable: true });
        Object.defineProperty(drop, 'dataTransfer', { value: { files: [file], items: [] } });
        document.body.dispatchEvent(drop);
      });
      await told(page, /^large\.csv has 130 MB; 100 MB is the most$/);
      expect(await page.evaluate(() => JSON.stringify(globalThis.tributaryDemo.store.state))).toBe(before);
      expect(problems).toEqual([]);
      await page.close();
    });

    it('the button opens a file, and a folder is no file', async () => {
      const { page, problems } = await open(`${FEW}&view=flow`);
      await particles(page);
      const folder = mkdtempSync(join(tmpdir(), 'tributary-drops-'));
      try {
        const file = join(folder, 'ring.csv');
        writeFileSync(
          file,
          lines(([x, y]) => `${x},${y}`),
        );
        mkdirSync(join(folder, 'inner'));
        const [chooser] = await Promise.all([page.waitForFileChooser(), page.locator('#open-file').click()]);
        await chooser.accept([file]);
        await page.waitForFunction(() => globalThis.tributaryDemo.store.state.custom.startsWith('p.7'));
        await learned(page, 1);
        // The same file once more, over other data.
        await page.evaluate(() => globalThis.tributaryDemo.store.set({ data: '8gaussians', custom: '' }));
        const [again] = await Promise.all([page.waitForFileChooser(), page.locator('#open-file').click()]);
        await again.accept([file]);
        await page.waitForFunction(() => globalThis.tributaryDemo.store.state.custom.startsWith('p.7'));
        const client = await page.createCDPSession();
        const data = { items: [], files: [join(folder, 'inner')], dragOperationsMask: 1 };
        for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
          await client.send('Input.dispatchDragEvent', { type, x: 300, y: 300, data });
        await told(page, /^That is a folder: drop a \.csv, a \.npy or a picture out of it\.$/);
        expect(problems).toEqual([]);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
      await page.close();
    });

    it('own data pack and unpack at any place and size, and say when they were cut', () => {
      for (const [x, y, size] of [
        [0, 0, 1],
        [1e9, -3, 1],
        [-4.2e6, 5e-7, 1e-3],
        [1e-20, 1e-20, 1e-22],
        [3, 3, 1e80],
      ]) {
        const points = Float64Array.from(RING.flat(), (value, i) => (i % 2 === 0 ? x : y) + size * value);
        const custom = encodePoints(points);
        const back = pointsOf(custom);
        const step = (2 * EXTENT * originOf(custom).scale) / 4095;
        const rounding = 1e-15 * Math.max(Math.abs(x), Math.abs(y));
        expect(furthest(back, [...points])).toBeLessThan(0.51 * step + rounding);
        // The same points in another order are the same text.
        const turned = points.map((_, i) => points[(i + 20) % points.length]);
        expect(encodePoints(turned)).toBe(custom);
        for (const end of [custom.length - 1, custom.length - 40, 12])
          expect(() => customDataset(custom.slice(0, end), 0)).toThrow();
      }
    });
  });
