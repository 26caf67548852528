import { describe, expect, it } from 'vitest';
import { type Baseline, baselineFromTensors, fitBaseline } from '../../src/baselines/baseline.js';
import { momentsOf } from '../../src/baselines/gaussian.js';
import { type BaselineName, type BaselineSettings, baselineNames } from '../../src/baselines/registry.js';
import type { MixtureSample } from '../../src/data/mixture_tables.js';
import { clusters, lift, mass, meanOf, normals, onlyLaw, plane } from './shared.js';

/** Tensors of what can only be positive. */
const POSITIVE = new Set([
  '0.scale',
  '0.rest',
  '0.weights',
  '0.variances',
  '0.covariances',
  '0.rests',
  'shares',
]);

const DENSE = baselineNames().filter((name) => name !== 'training-set');

const fitted = (name: BaselineName, points: Float64Array, dim = 2, settings: BaselineSettings = {}) =>
  fitBaseline(name, { points, dim }, settings);

function expectClose(a: Float64Array, b: Float64Array, relative: number): void {
  expect(a.length).toBe(b.length);
  a.forEach((value, at) => {
    expect(Math.abs(value - b[at])).toBeLessThanOrEqual(relative * Math.max(1, Math.abs(value)));
  });
}

/** Rows of points in another order. */
function shuffled({ points, labels }: Pick<MixtureSample, 'points' | 'labels'>) {
  const n = labels.length;
  const order = Array.from({ length: n }, (_, row) => (row * 67 + 13) % n);
  return {
    points: Float64Array.from(order.flatMap((row) => [points[2 * row], points[2 * row + 1]])),
    labels: order.map((row) => labels[row]),
  };
}

describe.each(DENSE)('%s', (name) => {
  it('has a density that integrates to one, and samples with its moments', () => {
    const model = fitted(name, plane.points);
    expect(mass((points) => model.logDensity(points), 12, 500)).toBeCloseTo(1, 3);
    const { points } = model.sample(20_000, 1);
    const { mean, covariance } = momentsOf(points, 2);
    // The same moments by quadrature of the density.
    const step = 0.04;
    const side = 600;
    const grid = Float64Array.from({ length: 2 * side * side }, (_, at) => {
      const cell = at >> 1;
      return -12 + step * (0.5 + (at % 2 === 0 ? cell % side : Math.floor(cell / side)));
    });
    const p = model.logDensity(grid).map((value) => Math.exp(value) * step * step);
    const moment = (of: (x: number, y: number) => number) =>
      p.reduce((sum, value, row) => sum + value * of(grid[2 * row], grid[2 * row + 1]), 0);
    const [mx, my] = [moment((x) => x), moment((_, y) => y)];
    expect(Math.abs(mean[0] - mx)).toBeLessThan(0.08);
    expect(Math.abs(mean[1] - my)).toBeLessThan(0.08);
    expect(covariance[0] / moment((x) => (x - mx) ** 2)).toBeCloseTo(1, 1);
    expect(covariance[3] / moment((_, y) => (y - my) ** 2)).toBeCloseTo(1, 1);
    expect(covariance[1]).toBeCloseTo(
      moment((x, y) => (x - mx) * (y - my)),
      0,
    );
    // E ln p of its own samples is minus its entropy.
    const entropy = p.reduce((sum, value) => sum - (value > 0 ? value * Math.log(value / step ** 2) : 0), 0);
    expect(Math.abs(meanOf(model.logDensity(points)) + entropy)).toBeLessThan(0.03);
  });

  it('is invariant under a common shift and scale', () => {
    const [shift, scale] = [[300, -40], 7.3];
    const moved = (points: Float64Array) => points.map((x, at) => shift[at % 2] + scale * x);
    const [own, other] = [fitted(name, plane.points), fitted(name, moved(plane.points))];
    const at = normals(40, 2);
    expectClose(
      own.logDensity(at),
      other.logDensity(moved(at)).map((value) => value + 2 * Math.log(scale)),
      1e-5,
    );
    expectClose(moved(own.sample(40, 2).points), other.sample(40, 2).points, 1e-5);
  });

  it('lives on lifted points with fewer rows than dimensions, whatever noise rounding leaves', () => {
    const few = { points: plane.points.subarray(0, 60), dim: 2 };
    const model = fitBaseline(name, { points: lift.lift(few.points), dim: 40 });
    const { points } = model.sample(400, 4);
    const flat = lift.project(points);
    const off = meanOf(lift.offPlane(points));
    const spread = momentsOf(flat, 2).covariance;
    // The kernels of a KDE are spheres in all dimensions; all others stay at the floor.
    if (name === 'kde') expect(off / 38).toBeCloseTo(onlyLaw(model).facts.bandwidth ** 2, 2);
    else expect(off).toBeLessThan(1e-4 * (spread[0] + spread[3]));
    const density = model.logDensity(lift.lift(few.points));
    expect(density.every(Number.isFinite)).toBe(true);
    expect(meanOf(density)).toBeGreaterThan(
      meanOf(model.logDensity(lift.lift(few.points.map((x) => x + 6)))),
    );
  });

  it.each<[string, number, number[]]>([
    ['one point', 2, [3, 4]],
    ['copies of one point', 2, [3, 4, 3, 4, 3, 4]],
    ['two points', 2, [0, 0, 1, 2]],
    ['three points on a line', 2, [0, 0, 1, 2, 2, 4]],
    ['one column', 1, [1, 2, 4, 8, 9, 3]],
    ['a constant column', 3, [1, 5, 2, 3, 5, 1, 0, 5, 4, 2, 5, 2]],
    ['a column twice', 2, [1, 1, 2, 2, 5, 5, 3, 3]],
    ['units apart', 2, [1e9, 1e-9, 3e9, 5e-9, 2e9, 2e-9, 7e9, 1e-9, 4e9, 6e-9]],
    ['far from 0', 2, [1e8, 1, 1e8 + 1, 2, 1e8 + 2, 0, 1e8 + 5, 1, 1e8 + 3, 3]],
    ['tiny numbers', 2, [1e-200, 2e-200, 3e-200, 1e-200, 2e-200, 5e-200]],
    ['huge numbers', 2, [1e140, 2e140, 3e140, 1e140, 2e140, 5e140]],
    ['a point many times among others', 1, [0, 0, 0, 0, 0, 1, 2, 0, 3, 0, 0]],
  ])('fits %s', (_, dim, rows) => {
    const points = Float64Array.from(rows);
    const model = fitted(name, points, dim);
    expect(model.logDensity(points).every(Number.isFinite)).toBe(true);
    expect(model.sample(20, 0).points.every(Number.isFinite)).toBe(true);
  });
});

describe.each(baselineNames())('%s', (name) => {
  it('is the same to the bit for the rows in another order', () => {
    const [own, other] = [plane, shuffled(plane)].map(({ points, labels }) =>
      fitBaseline(name, { points, dim: 2, labels }),
    );
    expect(other.tensors()).toEqual(own.tensors());
    expect(other.sample(50, 3)).toEqual(own.sample(50, 3));
  });

  it('draws point i from the seed and i alone', () => {
    const model = fitBaseline(name, { points: plane.points, dim: 2, labels: plane.labels });
    const [few, many] = [model.sample(20, 5), model.sample(60, 5)];
    expect(many.points.subarray(0, 40)).toEqual(few.points);
    expect(many.labels.subarray(0, 20)).toEqual(few.labels);
    expect(model.sample(20, 6).points).not.toEqual(few.points);
  });

  it('comes back from its tensors to the bit', () => {
    const sets: [Float64Array, number][] = [
      [plane.points, 2],
      [lift.lift(plane.points.subarray(0, 60)), 40],
      [Float64Array.of(1, 2), 2],
    ];
    for (const [points, dim] of sets) {
      const model = fitBaseline(name, { points, dim });
      const back = baselineFromTensors(name, model.tensors());
      expect(back.sample(10, 1)).toEqual(model.sample(10, 1));
      expect(onlyLaw(back).facts).toEqual(onlyLaw(model).facts);
      expect(back.tensors()).toEqual(model.tensors());
      if (!model.noDensity) expect(back.logDensity(points)).toEqual(model.logDensity(points));
    }
  });

  it('refuses tensors that cannot be its own', () => {
    const whole = fitBaseline(name, { points: plane.points, dim: 2 }).tensors();
    for (const [at, { shape, values }] of whole) {
      const refused = (tensors: typeof whole) =>
        expect(() => baselineFromTensors(name, tensors), at).toThrow(
          expect.objectContaining({ code: 'bad-checkpoint' }),
        );
      // Without them a manifold Parzen has spheres for kernels.
      if (at !== '0.variances' || name === 'kde')
        refused(new Map([...whole].filter(([other]) => other !== at)));
      refused(new Map(whole).set(at, { shape: [...shape, 2], values }));
      refused(new Map(whole).set(at, { shape, values: values.slice(1) }));
      refused(new Map(whole).set(at, { shape, values: values.map(() => Number.NaN) }));
      if (POSITIVE.has(at)) refused(new Map(whole).set(at, { shape, values: values.map(() => -1) }));
    }
  });

  it('refuses points and labels that cannot be used', () => {
    const bad = (points: number[], dim: number, labels?: number[]) => () =>
      fitBaseline(name, { points: Float64Array.from(points), dim, ...(labels && { labels }) });
    expect(bad([], 2)).toThrow(/no rows/);
    expect(bad([1, 2, 3], 2)).toThrow(/not whole rows/);
    expect(bad([1, Number.NaN], 2)).toThrow(/row 1, column 2/);
    expect(bad([1, 2], 2, [0, 1])).toThrow(/labels/);
    expect(bad([1, 2, -1e300, 1e300], 2)).toThrow(/other units/);
    const model = fitBaseline(name, { points: plane.points, dim: 2, labels: plane.labels });
    expect(() => model.sample(1, 0, [2])).toThrow('no training point has label 2; there are 0, 1');
    expect(() => model.sample(2, 0, [1])).toThrow(/2 points need 2 labels/);
  });
});

describe('by label', () => {
  const labelled = { points: plane.points, dim: 2, labels: plane.labels };
  const share = meanOf(plane.labels);
  const ofClass = (label: number) =>
    Float64Array.from(plane.points).filter((_, at) => plane.labels[at >> 1] === label);

  it.each(DENSE)('%s has one fit a class, and all with their shares where none is asked for', (name) => {
    const model = fitBaseline(name, labelled);
    expect(model.shares[1]).toBeCloseTo(share, 12);
    const at = normals(30, 2);
    const own = [0, 1].map((label) => fitted(name, ofClass(label)).logDensity(at));
    const marginal = own[0].map((value, row) =>
      Math.log((1 - share) * Math.exp(value) + share * Math.exp(own[1][row])),
    );
    expectClose(model.logDensity(at), marginal, 1e-12);
    const asked = Uint32Array.from({ length: 30 }, (_, row) => row % 2);
    expectClose(
      model.logDensity(at, asked),
      own[0].map((value, row) => (row % 2 === 0 ? value : own[1][row])),
      1e-12,
    );
  });

  it.each(baselineNames())('%s draws the labels that are asked for, else in the classes’ shares', (name) => {
    const model = fitBaseline(name, labelled);
    const asked = model.sample(2000, 1, new Uint32Array(2000).fill(1));
    const { mean } = momentsOf(asked.points, 2);
    const truth = momentsOf(ofClass(1), 2).mean;
    expect(Math.hypot(mean[0] - truth[0], mean[1] - truth[1])).toBeLessThan(0.3);
    const drawn = model.sample(4000, 1).labels;
    expect(Math.abs(meanOf(drawn) - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / 4000));
  });

  it('has a class of one point, or of none, beside others', () => {
    const points = Float64Array.from([...plane.points, 9, 9]);
    const labels = [...plane.labels.map((label) => 2 * label), 5];
    for (const name of DENSE) {
      const model: Baseline = fitBaseline(name, { points, dim: 2, labels });
      expect(model.sample(500, 0).labels.every((label) => label === 0 || label === 2 || label === 5)).toBe(
        true,
      );
      expect(model.logDensity(Float64Array.of(9, 9), [5])[0]).toBeGreaterThan(-10);
      const back = baselineFromTensors(name, model.tensors());
      expect(back.sample(20, 0)).toEqual(model.sample(20, 0));
    }
  });
});

describe('training-set', () => {
  it('draws every training point as often as any other, and nothing else', () => {
    const model = fitted('training-set', Float64Array.from([1, 2, 3, 4, 1]), 1);
    const { points } = model.sample(20_000, 0);
    for (const [value, copies] of [
      [1, 2],
      [2, 1],
      [3, 1],
      [4, 1],
    ]) {
      const share = points.filter((x) => x === value).length / 20_000;
      expect(Math.abs(share - copies / 5)).toBeLessThan(0.015);
    }
    expect(() => model.logDensity(points)).toThrow(/no density/);
  });
});

describe('more dimensions than points', () => {
  it.each(DENSE)('%s fits 12 points in 30-D', (name) => {
    const points = normals(12, 30);
    const model = fitted(name, points, 30);
    expect(model.logDensity(points).every(Number.isFinite)).toBe(true);
    expect(model.sample(5, 0).points.every(Number.isFinite)).toBe(true);
  });
});

describe('a mixture', () => {
  it('is judged by gmm better than by one Gaussian, and by none better than by itself', () => {
    const unseen = clusters.sample(2000, 9).points;
    const own = (name: BaselineName) => meanOf(fitted(name, plane.points).logDensity(unseen));
    const truth = meanOf(clusters.logDensity(unseen));
    expect(own('gmm')).toBeGreaterThan(own('gaussian') + 0.5);
    for (const name of DENSE) expect(own(name)).toBeLessThan(truth);
  });
});
