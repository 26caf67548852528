import { encode } from 'fast-png';
import type { Bounds, PointSet } from './types.js';

/** How much of a point set lies in each cell of a picture, by label. */
export interface DensityGrid {
  width: number;
  height: number;
  classes: number;
  /** classes × height × width, from the top row down; sums to the share of the points inside the bounds. */
  mass: Float32Array;
  /** Points outside the bounds. */
  outside: number;
}

type Rgb = readonly [number, number, number];

const BACKGROUND: Rgb = [13, 16, 23];

/** Colours of labels, apart in hue and alike in brightness; they repeat after the last. */
export const LABEL_COLOURS: readonly Rgb[] = [
  [92, 160, 255],
  [255, 104, 92],
  [72, 207, 138],
  [246, 190, 74],
  [186, 132, 255],
  [64, 206, 218],
  [255, 130, 190],
  [170, 214, 74],
];

/** The colour of points without labels. */
export const PLAIN_COLOUR: Rgb = [120, 190, 255];

/** Every cell this much below the brightest one still shows: the corridor of a mixture has few points. */
const RANGE = 250;

/** The number of label colours that a few point sets need: 1 when none has labels. */
export function countClasses(sets: readonly PointSet[]): number {
  let classes = 1;
  for (const { labels } of sets) for (const label of labels ?? []) if (label >= classes) classes = label + 1;
  return Math.min(classes, LABEL_COLOURS.length);
}

/** One pass of a Gaussian along rows (`stride` 1) or columns, mass kept inside the picture. */
function blurPass(
  source: Float32Array,
  target: Float32Array,
  length: number,
  stride: number,
  kernel: Float32Array,
) {
  const radius = (kernel.length - 1) / 2;
  const lines = source.length / length;
  for (let line = 0; line < lines; line++) {
    const start = stride === 1 ? line * length : line;
    for (let i = 0; i < length; i++) {
      const value = source[start + i * stride];
      if (value === 0) continue;
      for (let k = -radius; k <= radius; k++) {
        const at = Math.min(length - 1, Math.max(0, i + k));
        target[start + at * stride] += value * kernel[k + radius];
      }
    }
  }
}

function blurred(plane: Float32Array, width: number, height: number, sigma: number): Float32Array {
  const radius = Math.ceil(3 * sigma);
  const kernel = Float32Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-0.5 * ((i - radius) / sigma) ** 2),
  );
  const sum = kernel.reduce((total, value) => total + value, 0);
  for (let i = 0; i < kernel.length; i++) kernel[i] /= sum;
  const rows = new Float32Array(plane.length);
  blurPass(plane, rows, width, 1, kernel);
  const both = new Float32Array(plane.length);
  blurPass(rows, both, height, width, kernel);
  return both;
}

/**
 * Sorts points into cells.
 * @param width cells across; the height follows from it for a picture of the same proportions as `bounds`,
 *   within a factor of two
 * @param classes number of colours; labels beyond it wrap around
 * @param blur standard deviation of a Gaussian, in cells; 0 for none
 */
export function binDensity(
  set: PointSet,
  bounds: Bounds,
  width: number,
  classes: number,
  blur: number,
): DensityGrid {
  const [left, right] = bounds.x;
  const [bottom, top] = bounds.y;
  const proportion = Math.min(2, Math.max(0.5, (top - bottom) / (right - left)));
  const height = Math.round(width * (Number.isFinite(proportion) ? proportion : 1));
  const mass = new Float32Array(classes * width * height);
  const count = set.points.length / 2;
  let outside = 0;
  for (let i = 0; i < count; i++) {
    const column = Math.floor(((set.points[2 * i] - left) / (right - left)) * width);
    const row = Math.floor(((top - set.points[2 * i + 1]) / (top - bottom)) * height);
    if (!(column >= 0 && column < width && row >= 0 && row < height)) {
      outside++;
      continue;
    }
    mass[((set.labels?.[i] ?? 0) % classes) * width * height + row * width + column] += 1 / count;
  }
  if (blur > 0) {
    for (let c = 0; c < classes; c++) {
      const plane = mass.subarray(c * width * height, (c + 1) * width * height);
      plane.set(blurred(plane, width, height, blur));
    }
  }
  return { width, height, classes, mass, outside };
}

function total({ mass, classes, width, height }: DensityGrid, cell: number): number {
  let sum = 0;
  for (let c = 0; c < classes; c++) sum += mass[c * width * height + cell];
  return sum;
}

/** The mass that is drawn brightest: all but the top 0.5 % of the occupied cells lie below it. */
export function brightestMass(grid: DensityGrid): number {
  const occupied = new Float32Array(grid.width * grid.height)
    .map((_, cell) => total(grid, cell))
    .filter((m) => m > 0);
  occupied.sort();
  return occupied.length === 0 ? 1 : occupied[Math.floor((occupied.length - 1) * 0.995)];
}

/**
 * A picture as RGB bytes: the hue is the mean of the labels' colours, the brightness the logarithm of the
 * mass. Only the brightest cells go towards white, so that hues stay apart.
 * @param brightest the mass at full brightness; the same for pictures that are to be compared
 */
export function paintDensity(grid: DensityGrid, brightest: number, labelled: boolean): Uint8Array {
  const { width, height, classes, mass } = grid;
  const cells = width * height;
  const rgb = new Uint8Array(3 * cells);
  const scale = RANGE / brightest;
  const full = Math.log1p(RANGE);
  for (let cell = 0; cell < cells; cell++) {
    const sum = total(grid, cell);
    const light = Math.min(1, Math.log1p(sum * scale) / full);
    const white = (0.4 * Math.max(0, light - 0.7)) / 0.3;
    for (let channel = 0; channel < 3; channel++) {
      let colour = 0;
      for (let c = 0; c < classes && sum > 0; c++) {
        const own = labelled ? LABEL_COLOURS[c] : PLAIN_COLOUR;
        colour += (mass[c * cells + cell] / sum) * own[channel];
      }
      const lit = colour + (255 - colour) * white;
      rgb[3 * cell + channel] = Math.round(BACKGROUND[channel] + (lit - BACKGROUND[channel]) * light);
    }
  }
  return rgb;
}

/** Base64 without Node's Buffer, so that a page can make a report too. */
function base64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 0x8000)
    text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}

/** A painted picture as a PNG data URI. */
export function pngDataUri(rgb: Uint8Array, width: number, height: number): string {
  return `data:image/png;base64,${base64(encode({ width, height, data: rgb, channels: 3, depth: 8 }))}`;
}
