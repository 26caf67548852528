import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import {
  binDensity,
  brightestMass,
  countClasses,
  LABEL_COLOURS,
  paintDensity,
  pngDataUri,
} from '../../src/report/density.js';
import { exampleReport } from './example.js';

const unit = { x: [0, 1], y: [0, 1] } as const;

describe('density pictures', () => {
  it('puts each point into its cell, the top row first', () => {
    const points = Float64Array.of(0.1, 0.9, 0.9, 0.1, 0.9, 0.1, 5, 0.5, Number.NaN, 0.5);
    const grid = binDensity({ points, labels: Uint32Array.of(0, 1, 1, 0, 0) }, unit, 2, 2, 0);
    expect([grid.width, grid.height, grid.outside]).toEqual([2, 2, 2]);
    expect([...grid.mass].map((value) => Number(value.toFixed(4)))).toEqual([0.2, 0, 0, 0, 0, 0, 0, 0.4]);
  });

  it('keeps the mass when it blurs, at the edges too', () => {
    const grid = binDensity({ points: Float64Array.of(0.01, 0.5, 0.5, 0.99) }, unit, 40, 1, 2);
    expect(grid.mass.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
    const [first, last] = [Math.max(...grid.mass), grid.mass.filter((value) => value > 0).length];
    expect(first).toBeLessThan(0.5);
    expect(last).toBeGreaterThan(50);
  });

  it('follows the proportions of the bounds, within a factor of two', () => {
    const none = { points: new Float64Array(0) };
    expect(binDensity(none, { x: [0, 4], y: [0, 3] }, 100, 1, 0).height).toBe(75);
    expect(binDensity(none, { x: [0, 1], y: [0, 100] }, 100, 1, 0).height).toBe(200);
  });

  it('paints the background where there is nothing and the hue of the label where there is something', () => {
    const points = Float64Array.of(0.25, 0.5, 0.75, 0.5);
    const grid = binDensity({ points, labels: Uint32Array.of(0, 1) }, unit, 4, 2, 0);
    // Far from the brightest, so that nothing is whitened.
    const rgb = paintDensity(grid, 20 * brightestMass(grid), true);
    const pixel = (cell: number) => [...rgb.subarray(3 * cell, 3 * cell + 3)];
    expect(pixel(0)).toEqual([13, 16, 23]);
    const [blue, red] = [pixel(9), pixel(11)];
    expect(blue.indexOf(Math.max(...blue))).toBe(2);
    expect(red.indexOf(Math.max(...red))).toBe(0);
  });

  it('draws the corridor neither as a white blob nor as darkness', () => {
    const { sets, bounds } = exampleReport();
    const grid = binDensity(sets.truth!, bounds, 440, 3, 440 / 320);
    const brightest = brightestMass(grid);
    const rgb = paintDensity(grid, brightest, true);
    let lit = 0;
    let white = 0;
    for (let i = 0; i < rgb.length; i += 3) {
      const [low, high] = [Math.min(...rgb.subarray(i, i + 3)), Math.max(...rgb.subarray(i, i + 3))];
      if (high > 70) lit++;
      if (low > 200) white++;
    }
    expect(lit / (440 * 440)).toBeGreaterThan(0.08);
    expect(lit / (440 * 440)).toBeLessThan(0.5);
    expect(white).toBe(0);
  });

  it('encodes what it painted', () => {
    const rgb = Uint8Array.from({ length: 3 * 6 }, (_, i) => 14 * i);
    const uri = pngDataUri(rgb, 3, 2);
    const image = decode(Buffer.from(uri.replace('data:image/png;base64,', ''), 'base64'));
    expect([image.width, image.height, image.channels]).toEqual([3, 2, 3]);
    expect([...image.data]).toEqual([...rgb]);
  });

  it('counts colours', () => {
    const points = new Float64Array(4);
    expect(countClasses([{ points }])).toBe(1);
    expect(countClasses([{ points }, { points, labels: Uint32Array.of(0, 4) }])).toBe(5);
    expect(countClasses([{ points, labels: Uint32Array.of(0, 999) }])).toBe(LABEL_COLOURS.length);
    const grid = binDensity({ points, labels: Uint32Array.of(7, 999) }, { x: [-1, 1], y: [-1, 1] }, 4, 8, 0);
    expect(grid.mass.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 6);
  });
});
