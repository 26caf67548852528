import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadPoints, savePoints } from '../../src/cli/points.js';
import { encodeNpy } from '../../src/formats/npy.js';

let folder: string;
const at = (name: string) => path.join(folder, name);
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tributary-points-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const points = Float64Array.of(0.1, -2, 3e-300, 4, 5, 6);
const labels = Uint32Array.of(2, 0, 1);

describe('files of points', () => {
  it.each(['a.npy', 'a.csv', 'A.CSV'])('%s keeps points and labels', (name) => {
    savePoints(at(name), { points, dim: 2, rows: 3, labels });
    expect(loadPoints(at(name))).toMatchObject({ name, points, dim: 2, rows: 3, labels });
    expect(loadPoints(at(name)).reading).toMatch(/: 3 rows × 2 columns.*labels from/);
    savePoints(at(name), { points, dim: 3, rows: 2 });
    const { labels: none, ...loaded } = loadPoints(at(name));
    expect(none).toBeUndefined();
    expect(loaded).toMatchObject({ name, points, dim: 3, rows: 2 });
  });

  it('takes a .npy of one axis for points on a line, and any type of number', () => {
    fs.writeFileSync(at('a.npy'), encodeNpy(Float32Array.of(1.5, 2), [2]));
    expect(loadPoints(at('a.npy'))).toMatchObject({
      name: 'a.npy',
      points: Float64Array.of(1.5, 2),
      dim: 1,
      rows: 2,
    });
    fs.writeFileSync(at('a.npy'), encodeNpy(Int32Array.of(-1, 2), [1, 2]));
    expect(loadPoints(at('a.npy')).points).toEqual(Float64Array.of(-1, 2));
  });

  it.each<[string, () => void, string]>([
    [
      'another extension',
      () => loadPoints('a.txt'),
      'a.txt ends in .txt; files of points end in .npy or .csv',
    ],
    [
      'no extension',
      () => savePoints('a', { points, dim: 2, rows: 3 }),
      'a has no extension; files of points',
    ],
    [
      'three axes',
      () => {
        fs.writeFileSync(at('a.npy'), encodeNpy(points, [1, 2, 3]));
        loadPoints(at('a.npy'));
      },
      'has shape (1, 2, 3); expected (points, coordinates) or (points,)',
    ],
    [
      'no points',
      () => {
        fs.writeFileSync(at('a.npy'), encodeNpy(new Float64Array(0), [0, 2]));
        loadPoints(at('a.npy'));
      },
      'has shape (0, 2) and so holds no points',
    ],
    [
      'infinity',
      () => {
        fs.writeFileSync(at('a.npy'), encodeNpy(Float32Array.of(1, 2, Number.POSITIVE_INFINITY, 4), [2, 2]));
        loadPoints(at('a.npy'));
      },
      'row 1, column 0 (counted from 0) is Infinity, not a finite number',
    ],
    [
      'too few labels',
      () => {
        savePoints(at('a.npy'), { points, dim: 2, rows: 3 });
        fs.writeFileSync(at('a.labels.npy'), encodeNpy(Uint32Array.of(1), [1]));
        loadPoints(at('a.npy'));
      },
      'has shape (1); expected one label for each of 3 points',
    ],
    [
      'a fractional label',
      () => {
        savePoints(at('a.npy'), { points, dim: 2, rows: 3 });
        fs.writeFileSync(at('a.labels.npy'), encodeNpy(Float32Array.of(0, 1.5, 2), [3]));
        loadPoints(at('a.npy'));
      },
      'label 1 is 1.5, not a whole number from 0',
    ],
    [
      'writing what is not finite',
      () => savePoints(at('a.npy'), { points: Float64Array.of(1, Number.NaN), dim: 1, rows: 2 }),
      'point 1 is not finite',
    ],
  ])('refuses %s', (_, action, message) => {
    expect(action).toThrow(expect.objectContaining({ code: 'bad-input' }));
    expect(action).toThrow(message);
  });

  it('explains a folder where the labels would be', () => {
    fs.mkdirSync(at('a.labels.npy'));
    const save = () => savePoints(at('a.npy'), { points, dim: 2, rows: 3 });
    expect(save).toThrow(`cannot remove ${at('a.labels.npy')}: it is a folder, not a file`);
  });

  it('names the file and line of a bad cell, and a missing file', () => {
    fs.writeFileSync(at('a.csv'), 'x,y\n1,2\n3,abc\n');
    expect(() => loadPoints(at('a.csv'))).toThrow(`${at('a.csv')} line 3, column 2: 'abc' is not a number`);
    expect(() => loadPoints(at('b.csv'))).toThrow(expect.objectContaining({ code: 'io' }));
  });
});
