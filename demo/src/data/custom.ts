/**
 * What a visitor drew or dropped, as text that fits into an address, and as a data set. Two forms:
 * `g.…` a density: 48 × 48 cells of 16 levels over [−EXTENT, EXTENT]², rows from the top, two cells a byte;
 * `p.X.Y.SCALE.N.…` N ≤ 1000 points, (x − X, y − Y)/SCALE in 12 bits each over the same square.
 * Both are rounded before they are used, so that a link gives the very same data; both know their length, so that one
 * that was cut short is noticed.
 */
import {
  CounterRandom,
  canonicalOrder,
  type Dataset,
  type Distribution,
  datasetFromPoints,
  orderedRows,
  STREAM,
} from 'tributary-engine';

export const GRID = 48;
export const EXTENT = 3;
const LEVELS = 15;
export const MOST_POINTS = 1000;
const ROWS = 1000;

function toText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

function fromText(text: string): Uint8Array {
  const plain = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

/** @param density [GRID, GRID] from the top row on, any scale, not all 0 */
export function encodeDensity(density: ArrayLike<number>): string {
  let most = 0;
  for (let i = 0; i < density.length; i++) most = Math.max(most, density[i]);
  const bytes = new Uint8Array((GRID * GRID) / 2);
  for (let i = 0; i < GRID * GRID; i++) {
    const level = most > 0 ? Math.round((LEVELS * Math.max(0, density[i])) / most) : 0;
    bytes[i >> 1] |= i % 2 === 0 ? level : level << 4;
  }
  return `g.${toText(bytes)}`;
}

/** Digits of X, Y and SCALE that hold a point to 1e-6 of SCALE. */
const digitsOf = (furthest: number, scale: number) =>
  Math.min(15, 6 + Math.max(0, Math.ceil(Math.log10(furthest / scale))));

/**
 * Points that stand for all of them, in an order that only their values fix: the same file, however its rows are
 * sorted, is the same data. @returns [at most MOST_POINTS, 2]
 */
function chosenPoints(points: Float64Array): Float64Array {
  const order = canonicalOrder([{ values: points, dim: 2 }]);
  const rows = order.length;
  if (rows > MOST_POINTS) {
    // The beginning of a seeded shuffle: a stride would hit the same column of a grid again and again.
    const random = new CounterRandom(0, STREAM.data);
    for (let i = 0; i < MOST_POINTS; i++) {
      const other = i + random.integer(i, rows - i);
      [order[i], order[other]] = [order[other], order[i]];
    }
  }
  const chosen = orderedRows(points, 2, order.subarray(0, MOST_POINTS));
  return orderedRows(chosen, 2, canonicalOrder([{ values: chosen, dim: 2 }]));
}

/** @param all [n, 2], finite and not all the same */
export function encodePoints(all: Float64Array): string {
  const points = chosenPoints(all);
  const n = points.length / 2;
  const mean = [0, 0];
  for (let i = 0; i < n; i++) for (const k of [0, 1]) mean[k] += points[2 * i + k] / n;
  let furthest = 0;
  let square = 0;
  for (let i = 0; i < n; i++) {
    const [dx, dy] = [points[2 * i] - mean[0], points[2 * i + 1] - mean[1]];
    furthest = Math.max(furthest, Math.abs(dx), Math.abs(dy));
    square += (dx * dx + dy * dy) / (2 * n);
  }
  // One root-mean-square deviation, unless an outlier would lie outside the square.
  const width = Math.max(Math.sqrt(square), furthest / (EXTENT * 0.98));
  const digits = digitsOf(Math.max(Math.abs(mean[0]), Math.abs(mean[1])), width);
  // Points are packed by the very numbers that will unpack them.
  const [x, y, scale] = [...mean, width].map((value) => Number(value.toPrecision(digits)));
  const bytes = new Uint8Array(3 * n);
  const whole = (value: number) => Math.round(((value / scale + EXTENT) / (2 * EXTENT)) * 4095);
  for (let i = 0; i < n; i++) {
    const [a, b] = [whole(points[2 * i] - x), whole(points[2 * i + 1] - y)];
    bytes.set([a >> 4, ((a & 15) << 4) | (b >> 8), b & 255], 3 * i);
  }
  const words = [x, y, scale, n].map((value) => String(value).replace('.', ','));
  return `p.${words.join('.')}.${toText(bytes)}`;
}

/** Points that differ, less those that still do once they are packed. */
export function fallenTogether(points: Float64Array, custom: string): number {
  const different = (values: Float64Array) =>
    new Set(Array.from({ length: values.length / 2 }, (_, i) => `${values[2 * i]} ${values[2 * i + 1]}`))
      .size;
  return Math.min(MOST_POINTS, different(points)) - different(pointsOf(custom));
}

/** How a page coordinate becomes the visitor's own: value·scale + offset. */
export interface Origin {
  readonly offset: readonly [number, number];
  readonly scale: number;
}

/** @throws Error when the text holds no points in such units */
export function originOf(custom: string): Origin {
  if (!custom.startsWith('p.')) return { offset: [0, 0], scale: 1 };
  const [, x, y, scale] = custom.split('.').map((word) => Number(word.replace(',', '.')));
  if (![x, y, scale].every(Number.isFinite) || scale <= 0)
    throw new Error('the units of the points are broken');
  return { offset: [x, y], scale };
}

/** Whether a text holds a density, and no points. */
export const isDensity = (custom: string): boolean => custom.startsWith('g.');

/**
 * The cells of a drawn density, [GRID, GRID]; null for points.
 * @throws Error when it was cut short
 */
export function densityOf(custom: string): Uint8Array | null {
  if (!isDensity(custom)) return null;
  const bytes = fromText(custom.slice(2));
  if (bytes.length !== (GRID * GRID) / 2) throw new Error('the density is cut short');
  return Uint8Array.from({ length: GRID * GRID }, (_, i) =>
    i % 2 === 0 ? bytes[i >> 1] & 15 : bytes[i >> 1] >> 4,
  );
}

/** ln p of points [n, 2] under a drawn density, which is even in each cell; null for points. */
export function drawnLogDensity(custom: string): ((points: Float64Array) => Float64Array) | null {
  const cells = densityOf(custom);
  if (cells === null) return null;
  const cell = (2 * EXTENT) / GRID;
  const mass = cells.reduce((sum, level) => sum + level, 0) * cell ** 2;
  const place = (value: number) => Math.floor((value + EXTENT) / cell);
  return (points) =>
    Float64Array.from({ length: points.length / 2 }, (_, i) => {
      const [column, row] = [place(points[2 * i]), GRID - 1 - place(points[2 * i + 1])];
      const inside = Math.min(column, row) >= 0 && Math.max(column, row) < GRID;
      return inside ? Math.log(cells[row * GRID + column] / mass) : -Infinity;
    });
}

/** What was drawn, as a truth to judge by. Samples a hair outside have no density: log p would say −∞ of nearly all. */
const drawnDistribution = (cells: Uint8Array): Distribution => ({
  name: 'your own',
  dim: 2,
  classes: 1,
  sample: (n, seed, step = 0, stream = STREAM.data) => ({
    points: drawFrom(cells, n, seed, stream, step),
    labels: new Uint32Array(n),
  }),
});

function drawFrom(cells: Uint8Array, n: number, seed: number, stream: number, step: number): Float64Array {
  const sums = new Float64Array(cells.length);
  let total = 0;
  cells.forEach((level, i) => {
    total += level;
    sums[i] = total;
  });
  if (total === 0) throw new Error('nothing is drawn');
  const random = new CounterRandom(seed, stream, step);
  const points = new Float64Array(2 * n);
  const cell = (2 * EXTENT) / GRID;
  for (let i = 0; i < n; i++) {
    const wanted = random.uniform(3 * i) * total;
    let [low, high] = [0, cells.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] > wanted) high = middle;
      else low = middle + 1;
    }
    points[2 * i] = ((low % GRID) + random.uniform(3 * i + 1)) * cell - EXTENT;
    points[2 * i + 1] = EXTENT - (Math.floor(low / GRID) + random.uniform(3 * i + 2)) * cell;
  }
  return points;
}

/** The training points of a custom text. @throws Error when it is none */
export function customDataset(custom: string, seed: number): Dataset {
  const cells = densityOf(custom);
  if (cells !== null) {
    const drawn = datasetFromPoints('your own', drawFrom(cells, ROWS, seed, STREAM.data, 0), 2);
    return { ...drawn, distribution: drawnDistribution(cells) };
  }
  return datasetFromPoints('your own', pointsOf(custom), 2);
}

/** @throws Error when there are none */
function pointsOf(custom: string): Float64Array {
  originOf(custom);
  const [count, text] = custom.split('.').slice(4);
  const bytes = fromText(text ?? '');
  const n = Number(count);
  if (!(n > 0) || bytes.length !== 3 * n) throw new Error('the points are cut short');
  const points = new Float64Array(2 * n);
  const real = (level: number) => (level / 4095) * 2 * EXTENT - EXTENT;
  for (let i = 0; i < n; i++) {
    const [a, b, c] = bytes.subarray(3 * i, 3 * i + 3);
    points[2 * i] = real((a << 4) | (b >> 4));
    points[2 * i + 1] = real(((b & 15) << 8) | c);
  }
  return points;
}
