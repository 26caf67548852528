import fs from 'node:fs';
import path from 'node:path';
import { badInput } from '../errors.js';
import { decodeCsv } from '../formats/csv.js';
import { readingText } from '../formats/csv_header.js';
import { encodeCsv } from '../formats/csv_write.js';
import { decodeNpy, encodeNpy, type NpyArray } from '../formats/npy.js';
import { readFileOrExplain, removeIfPresent, writeAtomic } from './files.js';

/** Points as the command line reads and writes them. */
export interface Points {
  /** rows × dim, row-major; every value is finite. */
  points: Float64Array;
  dim: number;
  rows: number;
  /** One per row. */
  labels?: Uint32Array;
}

export interface LoadedPoints extends Points {
  /** The name of the file, without its folder. */
  name: string;
  /** Names of the coordinates, where the file gives them. */
  columns?: string[];
  /** One line on what was read: rows, columns, header, what was left out. */
  reading: string;
}

/** What `--header` decides of a .csv whose first line is in doubt. */
export const HEADER_CHOICES = ['yes', 'no'] as const;
export type HeaderChoice = (typeof HEADER_CHOICES)[number];

type Extension = '.npy' | '.csv';

/** The extension of a file of points. Checked before a run, so that a typo does not cost its result. */
export function pointsExtension(file: string): Extension {
  const extension = path.extname(file).toLowerCase();
  if (extension === '.npy' || extension === '.csv') return extension;
  const found = extension === '' ? 'has no extension' : `ends in ${extension}`;
  badInput(`${file} ${found}; files of points end in .npy or .csv`);
}

/** A .npy file holds one array, so the labels of points.npy are in points.labels.npy beside it. */
function labelsFile(file: string): string {
  return `${file.slice(0, -'.npy'.length)}.labels.npy`;
}

function pointsFromArray(array: NpyArray, file: string): Points {
  const { shape, data } = array;
  if (shape.length !== 1 && shape.length !== 2) {
    badInput(`${file} has shape (${shape.join(', ')}); expected (points, coordinates) or (points,)`);
  }
  const [rows, dim = 1] = shape;
  if (rows === 0 || dim === 0) badInput(`${file} has shape (${shape.join(', ')}) and so holds no points`);
  const points = data instanceof Float64Array ? data : new Float64Array(data.length);
  for (let i = 0; i < data.length; i++) {
    points[i] = Number(data[i]);
    if (!Number.isFinite(points[i])) {
      const place = `row ${Math.floor(i / dim)}, column ${i % dim} (counted from 0)`;
      badInput(`${file}: ${place} is ${points[i]}, not a finite number`);
    }
  }
  return { points, dim, rows };
}

function labelsFromArray(array: NpyArray, file: string, rows: number): Uint32Array {
  if (array.shape.length !== 1 || array.shape[0] !== rows) {
    badInput(`${file} has shape (${array.shape.join(', ')}); expected one label for each of ${rows} points`);
  }
  const labels = new Uint32Array(rows);
  for (let i = 0; i < rows; i++) {
    labels[i] = Number(array.data[i]);
    if (labels[i] !== Number(array.data[i])) {
      badInput(`${file}: label ${i} is ${array.data[i]}, not a whole number from 0 to ${2 ** 32 - 1}`);
    }
  }
  return labels;
}

/**
 * Reads points from a .npy file (2-D, or 1-D for points on a line; labels in NAME.labels.npy beside it) or
 * from a .csv file (labels in a column called label or class).
 * @param header whether the first line of a .csv names the columns; told from the line if not given
 * @throws TributaryError 'io' when the file cannot be read, 'bad-input' when it does not hold points
 */
export function loadPoints(file: string, header?: HeaderChoice): LoadedPoints {
  const extension = pointsExtension(file);
  const name = path.basename(file);
  const bytes = readFileOrExplain(file);
  if (extension === '.csv') {
    const table = decodeCsv(new TextDecoder().decode(bytes), file, {
      header: header === undefined ? undefined : header === 'yes',
      decide: 'say which by --header yes or --header no',
    });
    const { data, rows, cols, labels, columns } = table;
    return {
      ...{ name, points: data, rows, dim: cols, ...(labels ? { labels } : {}) },
      ...(columns ? { columns } : {}),
      reading: readingText(name, rows, cols, columns, table.reading),
    };
  }
  const array = pointsFromArray(decodeNpy(bytes, file), file);
  const loaded = { name, ...array, reading: readingText(name, array.rows, array.dim) };
  const beside = labelsFile(file);
  if (!fs.existsSync(beside)) return loaded;
  const labels = labelsFromArray(decodeNpy(readFileOrExplain(beside), beside), beside, loaded.rows);
  return { ...loaded, labels, reading: `${loaded.reading}; labels from ${path.basename(beside)}` };
}

/**
 * Writes points to a .npy file (float64; labels to NAME.labels.npy beside it, which is removed when there are
 * none, so that it never belongs to other points) or to a .csv file.
 * @throws TributaryError 'io' when the file cannot be written, 'bad-input' on an unknown extension or points
 *   that are not finite
 */
export function savePoints(file: string, { points, dim, rows, labels }: Points): void {
  if (pointsExtension(file) === '.csv') {
    writeAtomic(file, encodeCsv(points, rows, dim, labels));
    return;
  }
  const wrong = points.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) badInput(`point ${Math.floor(wrong / dim)} is not finite; ${file} is not written`);
  if (labels && labels.length !== rows) badInput(`${labels.length} labels do not fit ${rows} points`);
  const bytes = encodeNpy(points, [rows, dim]);
  const beside = labelsFile(file);
  // Labels first: a crash in between leaves the old points with labels of another length, which is noticed.
  if (labels) writeAtomic(beside, encodeNpy(labels, [rows]));
  else removeIfPresent(beside);
  writeAtomic(file, bytes);
}
