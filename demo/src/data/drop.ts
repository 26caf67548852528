/** Files that become data: points from .csv and .npy, a density from a picture. */
import { decodeCsv, decodeNpy } from 'tributary';
import { encodeDensity, encodePoints, GRID } from './custom.js';

/** Beyond it a browser takes long to read a file of which 1000 points are kept. */
const MOST_ROWS = 2_000_000;
const MOST_BYTES = 100 * 2 ** 20;

function twoColumns(values: ArrayLike<number>, columns: number, name: string): Float64Array {
  if (columns !== 2) {
    const found = `${columns} column${columns === 1 ? '' : 's'}`;
    throw new Error(`${name} has ${found}; points of a plane have 2 (and may have a column called label)`);
  }
  const rows = values.length / columns;
  const points = new Float64Array(2 * rows);
  for (let i = 0; i < rows; i++) {
    points[2 * i] = values[i * columns];
    points[2 * i + 1] = values[i * columns + 1];
  }
  const bad = points.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new Error(`${name}: row ${Math.floor(bad / 2) + 1} holds ${points[bad]}; it must be a number`);
  if (rows < 4) throw new Error(`${name} has ${rows} rows; at least 4 points are needed`);
  if (rows > MOST_ROWS)
    throw new Error(
      `${name} has ${rows.toLocaleString('en')} rows; ${MOST_ROWS.toLocaleString('en')} is the most`,
    );
  return points;
}

/** Dark on light or light on dark: what is rare is the drawing. */
async function pictureDensity(file: File): Promise<string> {
  const picture = await createImageBitmap(file).catch(() => {
    throw new Error(`${file.name} is no picture that this browser reads`);
  });
  const canvas = document.createElement('canvas');
  canvas.width = GRID;
  canvas.height = GRID;
  const context = canvas.getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D;
  const scale = (GRID - 4) / Math.max(picture.width, picture.height);
  const [width, height] = [picture.width * scale, picture.height * scale];
  context.drawImage(picture, (GRID - width) / 2, (GRID - height) / 2, width, height);
  const { data } = context.getImageData(0, 0, GRID, GRID);
  const light = new Float64Array(GRID * GRID);
  let [sum, seen] = [0, 0];
  for (let i = 0; i < GRID * GRID; i++) {
    const [red, green, blue, alpha] = data.subarray(4 * i, 4 * i + 4);
    light[i] = alpha === 0 ? Number.NaN : (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
    if (alpha > 0) {
      sum += light[i];
      seen++;
    }
  }
  const dark = sum / Math.max(1, seen) > 0.5;
  const density = light.map((value, i) =>
    Number.isNaN(value) ? 0 : ((dark ? 1 - value : value) * data[4 * i + 3]) / 255,
  );
  // What is nearly background is background.
  const most = density.reduce((a, b) => Math.max(a, b), 0);
  if (most < 0.02) throw new Error(`${file.name} is one colour; a picture with something on it is needed`);
  return encodeDensity(density.map((value) => Math.max(0, value - 0.12 * most)));
}

/** The custom text of a file. @throws Error with one line that says what is wrong with it */
export async function customFromFile(file: File): Promise<string> {
  if (file.size > MOST_BYTES) {
    throw new Error(`${file.name} has ${Math.round(file.size / 2 ** 20)} MB; 100 MB is the most`);
  }
  if (/\.csv$/i.test(file.name)) {
    const { cols, data } = decodeCsv(await file.text(), file.name);
    return encodePoints(twoColumns(data, cols, file.name));
  }
  if (/\.npy$/i.test(file.name)) {
    const { data, shape } = decodeNpy(new Uint8Array(await file.arrayBuffer()), file.name);
    if (shape.length !== 2)
      throw new Error(`${file.name} has shape [${shape.join(', ')}]; points are [n, 2]`);
    return encodePoints(twoColumns(Float64Array.from(data as ArrayLike<number>), shape[1], file.name));
  }
  if (file.type.startsWith('image/')) return pictureDensity(file);
  throw new Error(`${file.name} is neither .csv, .npy nor a picture`);
}
