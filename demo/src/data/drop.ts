/** Files that become data: points from .csv and .npy, a density from a picture. */
import { decodeCsv, decodeNpy, readingText } from 'tributary-engine';
import { encodeDensity, encodePoints, fallenTogether, GRID, MOST_POINTS } from './custom.js';

/** Beyond it a browser takes long to read a file of which 1000 points are kept. */
const MOST_ROWS = 2_000_000;
const MOST_BYTES = 100 * 2 ** 20;
/** Beyond it squares of coordinates leave the range of numbers. */
const LARGEST = 1e100;

/** What a file holds, as the page keeps it. */
export interface Found {
  /** See `custom.ts`. */
  readonly custom: string;
  /** What of the file is not used, or nothing. */
  readonly remark: string;
}

const count = (value: number) => value.toLocaleString('en');

/** @throws Error with one line that says what is wrong */
function pointsOf(values: ArrayLike<number | bigint>, columns: number, name: string): Float64Array {
  if (columns !== 2) {
    const found = `${count(columns)} column${columns === 1 ? '' : 's'}`;
    throw new Error(`${name} has ${found}; points of a plane have 2 (and may have a column called label)`);
  }
  const points = Float64Array.from(values as ArrayLike<number>, Number);
  const rows = points.length / 2;
  const bad = points.findIndex((value) => !(Math.abs(value) <= LARGEST));
  if (bad >= 0) {
    const wanted = Number.isFinite(points[bad]) ? `${LARGEST} is the most` : 'it must be a number';
    throw new Error(`${name}: row ${Math.floor(bad / 2) + 1} holds ${points[bad]}; ${wanted}`);
  }
  if (rows < 4)
    throw new Error(`${name} has ${rows} ${rows === 1 ? 'row' : 'rows'}; at least 4 points are needed`);
  if (rows > MOST_ROWS) throw new Error(`${name} has ${count(rows)} rows; ${count(MOST_ROWS)} is the most`);
  if (points.every((value, i) => value === points[i % 2]))
    throw new Error(`${name} holds one point again and again; points that differ are needed`);
  return points;
}

/** @param reading what was read of the file, where there is more to say than its rows */
function found(points: Float64Array, labelled: boolean, name: string, reading = ''): Found {
  const rows = points.length / 2;
  const custom = encodePoints(points);
  const lost = fallenTogether(points, custom);
  const remarks = [
    ...(lost > Math.min(rows, MOST_POINTS) / 2
      ? [`${count(lost)} of its points fall together, for some lie so far away: leave those out`]
      : []),
    ...(rows > MOST_POINTS ? [`${count(MOST_POINTS)} of its ${count(rows)} points are learned`] : []),
    ...(labelled ? ['its labels are not used'] : []),
  ];
  return {
    custom,
    remark:
      remarks.length > 0
        ? `${reading || name}${reading ? '; ' : ': '}${remarks.join('; ')}.`
        : reading && `${reading}.`,
  };
}

async function pictureOf(file: File): Promise<HTMLImageElement> {
  const picture = new Image();
  const url = URL.createObjectURL(file);
  picture.src = url;
  try {
    await picture.decode();
  } catch {
    throw new Error(`${file.name} is no picture that this browser reads; .png, .jpg and .svg are`);
  } finally {
    URL.revokeObjectURL(url);
  }
  return picture;
}

/** A picture's middle cells, as large as they go: red, green, blue, alpha of [GRID, GRID]. */
function cellsOf(picture: HTMLImageElement): { data: Uint8ClampedArray; inside(i: number): boolean } {
  const canvas = document.createElement('canvas');
  canvas.width = GRID;
  canvas.height = GRID;
  const context = canvas.getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D;
  // Thin lines of a large picture would fall between the cells.
  context.imageSmoothingQuality = 'high';
  // A vector picture need not have a size.
  const [w, h] = [picture.naturalWidth || GRID, picture.naturalHeight || GRID];
  const scale = (GRID - 4) / Math.max(w, h);
  const [width, height] = [Math.max(1, w * scale), Math.max(1, h * scale)];
  const [left, top] = [(GRID - width) / 2, (GRID - height) / 2];
  context.drawImage(picture, left, top, width, height);
  const within = (at: number, start: number, size: number) => at >= start + 1 && at + 1 <= start + size - 1;
  return {
    data: context.getImageData(0, 0, GRID, GRID).data,
    inside: (i) => within(i % GRID, left, width) && within(Math.floor(i / GRID), top, height),
  };
}

/**
 * What is drawn is what is rare: dark on light, or light on dark. Where a picture is transparent there is nothing, and
 * what is opaque is drawn.
 */
async function pictureDensity(file: File): Promise<string> {
  const { data, inside } = cellsOf(await pictureOf(file));
  const light = Float64Array.from(
    { length: GRID * GRID },
    (_, i) => (0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]) / 255,
  );
  const alpha = light.map((_, i) => data[4 * i + 3] / 255);
  let [sum, seen, holes] = [0, 0, 0];
  light.forEach((value, i) => {
    sum += value * alpha[i];
    seen += alpha[i];
    if (inside(i) && alpha[i] < 0.5) holes++;
  });
  const bright = sum / Math.max(1e-9, seen) > 0.5;
  // Opaque things on nothing stand out from the other shade; in a full picture the common shade is the ground.
  const ground = holes > 0 ? !bright : bright;
  const density = light.map((value, i) => (ground ? 1 - value : value) * alpha[i]);
  // What is nearly background is background.
  const most = density.reduce((a, b) => Math.max(a, b), 0);
  const flat = density.every((value, i) => !inside(i) || value > 0.98 * most);
  if (most < 0.02 || flat)
    throw new Error(`${file.name} is one colour; a picture with something on it is needed`);
  return encodeDensity(density.map((value) => Math.max(0, value - 0.12 * most)));
}

/** The data that a file holds. @throws Error with one line that says what is wrong with it */
export async function dataFromFile(file: File): Promise<Found> {
  const { name } = file;
  if (file.size > MOST_BYTES) {
    throw new Error(`${name} has ${Math.round(file.size / 2 ** 20)} MB; 100 MB is the most`);
  }
  if (/\.csv$/i.test(name)) {
    const { rows, cols, data, labels, columns, reading } = decodeCsv(await file.text(), name);
    const points = pointsOf(data, cols, name);
    // Plain points, and names above them, need no words.
    const said = reading.leftOut.length > 0 ? readingText(name, rows, cols, columns, reading) : '';
    return found(points, labels !== undefined, name, said);
  }
  if (/\.npy$/i.test(name)) {
    const { data, shape } = decodeNpy(new Uint8Array(await file.arrayBuffer()), name);
    if (shape.length !== 2) throw new Error(`${name} has shape [${shape.join(', ')}]; points are [n, 2]`);
    return found(pointsOf(data, shape[1], name), false, name);
  }
  if (file.type.startsWith('image/')) return { custom: await pictureDensity(file), remark: '' };
  throw new Error(`${name} is neither .csv, .npy nor a picture`);
}
