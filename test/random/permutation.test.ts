/** Permutations by their places: every row once, and no place and no pair of places drawn to any row. */
import { describe, expect, it } from 'vitest';
import { epochOf, permutationWords, permuted, permutedBy } from '../../src/random/permutation.js';
import { STREAM } from '../../src/random/random.js';

const KEY = [2026, 7] as const;

const permutation = (n: number, epoch: number): number[] => {
  const words = permutationWords(KEY, STREAM.test, epoch);
  return Array.from({ length: n }, (_, k) => permutedBy(words, k, n));
};

/** (χ² − degrees)/√(2·degrees) of counts whose cells are equally likely: about a standard normal. */
function excessOf(counts: ArrayLike<number>, cells: number): number {
  let total = 0;
  for (let i = 0; i < counts.length; i++) total += counts[i];
  const expected = total / cells;
  let chiSquared = 0;
  for (let i = 0; i < counts.length; i++) chiSquared += counts[i] ** 2 / expected;
  return (chiSquared - total - (cells - 1)) / Math.sqrt(2 * (cells - 1));
}

const SIZES = [...Array.from({ length: 63 }, (_, k) => k + 2), 65, 100, 255, 256, 257, 1000, 4096];

describe('a permutation of n rows', () => {
  it('has every row once, whatever n', () => {
    for (const n of [1, ...SIZES, 70_000])
      for (let epoch = 0; epoch < 3; epoch++) expect(new Set(permutation(n, epoch)).size).toBe(n);
  });

  it.each(SIZES)(
    'brings the first, a middle and the last place, and pairs of them, to all rows alike: n = %i',
    (n) => {
      const places = [0, Math.floor(n / 2), n - 1];
      const pairs = [
        [0, 1],
        [n - 2, n - 1],
        [0, n - 1],
        [Math.floor(n / 2), (Math.floor(n / 2) + 1) % n],
      ];
      // Rows of large n go into 32 parts, of which a pair's cells are 1024 at most.
      const part = (row: number) => Math.floor((row * Math.min(n, 32)) / n);
      const parts = Math.min(n, 32);
      const single = places.map(() => new Float64Array(n));
      const double = pairs.map(() => new Float64Array(parts * parts));
      const epochs = 12_000;
      for (let epoch = 0; epoch < epochs; epoch++) {
        const words = permutationWords(KEY, STREAM.test, epoch);
        places.forEach((k, i) => {
          single[i][permutedBy(words, k, n)]++;
        });
        pairs.forEach(([a, b], i) => {
          double[i][parts * part(permutedBy(words, a, n)) + part(permutedBy(words, b, n))]++;
        });
      }
      // 280 χ² of places and 280 of pairs: 5 deviations.
      for (const counts of single) expect(excessOf(counts, n)).toBeLessThan(5);
      for (const counts of double) {
        if (n <= 32) expect(excessOf(counts, n * (n - 1))).toBeLessThan(5);
        // Parts that are not equally large, and a part with itself: compare with the product of the shares.
        else {
          const sizes = new Float64Array(parts);
          for (let row = 0; row < n; row++) sizes[part(row)]++;
          let chiSquared = 0;
          for (let a = 0; a < parts; a++)
            for (let b = 0; b < parts; b++) {
              const expected = (epochs * sizes[a] * (sizes[b] - (a === b ? 1 : 0))) / (n * (n - 1));
              if (expected > 0) chiSquared += (counts[parts * a + b] - expected) ** 2 / expected;
            }
          const degrees = parts * parts - 1;
          expect((chiSquared - degrees) / Math.sqrt(2 * degrees)).toBeLessThan(5);
        }
      }
    },
  );

  it.each([2, 3, 4, 5])('of %i rows is each of the n! permutations equally often', (n) => {
    const counts = new Map<string, number>();
    const epochs = 24_000;
    for (let epoch = 0; epoch < epochs; epoch++) {
      const name = permutation(n, epoch).join();
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    const all = [1, 1, 2, 6, 24, 120][n];
    expect(counts.size).toBe(all);
    expect(excessOf([...counts.values()], all)).toBeLessThan(5);
  });

  it.each([6, 15, 16, 17, 63, 64])('of %i rows is as often even as odd', (n) => {
    let odd = 0;
    const epochs = 4000;
    for (let epoch = 0; epoch < epochs; epoch++) {
      const to = permutation(n, epoch);
      const seen = new Uint8Array(n);
      let cycles = 0;
      for (let k = 0; k < n; k++) {
        if (seen[k]) continue;
        cycles++;
        for (let at = k; !seen[at]; at = to[at]) seen[at] = 1;
      }
      odd += (n - cycles) % 2;
    }
    expect(Math.abs(odd / epochs - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / epochs));
  });

  it('is another one in the next epoch and on another stream', () => {
    const at = (epoch: number, stream: number) =>
      Array.from({ length: 50 }, (_, k) => permuted(k, 50, KEY, stream, epoch));
    expect(at(0, STREAM.test)).not.toEqual(at(1, STREAM.test));
    expect(at(0, STREAM.test)).not.toEqual(at(0, STREAM.base));
  });
});

it('counts draws through all steps, so that every row has its turn once an epoch', () => {
  for (const [draws, rows] of [
    [4, 10],
    [10, 4],
    [7, 7],
    [5, 1],
    [1, 6],
    [64, 100],
  ]) {
    const seen = new Map<number, number[]>();
    const steps = Math.ceil((3 * rows) / draws);
    for (let step = 0; step < steps; step++)
      for (let k = 0; k < draws; k++) {
        const { epoch, place } = epochOf(step, k, draws, rows);
        seen.set(epoch, [...(seen.get(epoch) ?? []), place]);
      }
    for (let epoch = 0; epoch < 3; epoch++)
      expect(seen.get(epoch)).toEqual(Array.from({ length: rows }, (_, k) => k));
  }
});
