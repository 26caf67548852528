import { describe, expect, it } from 'vitest';
import { LogDensities } from '../../demo/src/log_density.js';
import { trainingSet } from '../../src/data/dataset.js';
import { distributionByName } from '../../src/data/registry.js';

const N = 60_000;

describe('log p of many particles', () => {
  it.each(['corridor', '8gaussians', 'moons', 'spirals', 'checkerboard'])(
    'is looked up on a lattice as the truth has it: %s',
    async (name) => {
      const distribution = distributionByName(name);
      const dataset = trainingSet(distribution, 1000, 0);
      const { points } = distribution.sample(N, 3, 0, 7);
      const values = (await new LogDensities().of(dataset, points))!;
      const some = Array.from({ length: 2000 }, (_, k) => k * 29);
      const exact = distribution.logDensity!(
        Float64Array.from(some.flatMap((i) => [points[2 * i], points[2 * i + 1]])),
      );
      const apart = some.map((i, k) => Math.abs(values[i] - exact[k])).sort((a, b) => a - b);
      // A ramp spans five: what a fiftieth of it may be off is not seen.
      expect(apart[apart.length / 2]).toBeLessThan(0.1);
      expect(apart[Math.floor(0.95 * apart.length)]).toBeLessThan(0.5);
    },
  );

  it('is the truth’s own for fewer, and low where nothing is', async () => {
    const distribution = distributionByName('moons');
    const dataset = trainingSet(distribution, 1000, 0);
    const { points } = distribution.sample(500, 3, 0, 7);
    points.set([40, 40]);
    const values = (await new LogDensities().of(dataset, points))!;
    expect(values[0]).toBeLessThan(-100);
    const exact = distribution.logDensity!(points);
    values.slice(1).forEach((value, i) => expect(value).toBeCloseTo(exact[i + 1], 4));
    const many = new Float64Array(2 * N).fill(40);
    expect((await new LogDensities().of(dataset, many))!.every((value) => value === -1000)).toBe(true);
  });

  it('is nothing where the truth is not known', async () => {
    const dataset = trainingSet(distributionByName('pinwheel'), 1000, 0);
    expect(await new LogDensities().of(dataset, new Float64Array(8))).toBeNull();
  });
});
