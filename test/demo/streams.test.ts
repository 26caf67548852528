import { describe, expect, it } from 'vitest';
import { streamline } from '../../demo/src/scene/overlays.js';

const unit = (x: number, y: number) => {
  const length = Math.hypot(x, y);
  return length < 1e-9 ? null : ([x / length, y / length] as const);
};

describe('a line along a field', () => {
  it('ends at a sink, and does not swing around it', () => {
    for (const start of [0.3, 1.1, 2.5, 3.9]) {
      const places = streamline((x, y) => unit(-x, -y), start, 0, 0.5);
      const distances = [start, ...places.map(([x, y]) => Math.hypot(x, y))];
      for (let i = 1; i < distances.length; i++) expect(distances[i]).toBeLessThan(distances[i - 1]);
      expect(places.every(([x]) => x > -0.26)).toBe(true);
    }
  });

  it('goes round a vortex on its circle', () => {
    const places = streamline((x, y) => unit(-y, x), 3, 0, 0.4);
    expect(places).toHaveLength(14);
    for (const [x, y] of places) expect(Math.hypot(x, y)).toBeCloseTo(3, 2);
    // As far as 14 steps reach.
    const [x, y] = places[13];
    expect(Math.atan2(y, x)).toBeCloseTo((14 * 0.4) / 3, 2);
  });

  it('stays where nothing moves', () => {
    expect(streamline(() => null, 0, 0, 1)).toEqual([]);
  });
});
