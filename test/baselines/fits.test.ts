import { describe, expect, it } from 'vitest';
import { fitBaseline } from '../../src/baselines/baseline.js';
import { COVARIANCE_FLOOR, flooredCovariance } from '../../src/baselines/covariance_floor.js';
import {
  emStep,
  expectationMaximisation,
  meanLogLikelihood,
  startComponents,
} from '../../src/baselines/em.js';
import { columnMoments, Frame } from '../../src/baselines/frame.js';
import { momentsOf } from '../../src/baselines/gaussian.js';
import { leaveOneOut } from '../../src/baselines/leave_one_out.js';
import { localShape } from '../../src/baselines/local_kernels.js';
import { fitManifoldParzen, parzenPairs } from '../../src/baselines/manifold_parzen.js';
import { maximiseLog } from '../../src/baselines/maximise.js';
import { nearestNeighbours } from '../../src/baselines/neighbours.js';
import { GaussianMixture } from '../../src/data/mixture.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { clusters, lift, meanOf, normals, onlyLaw, plane } from './shared.js';

const random = () => new CounterRandom(0, STREAM.test);

const without = (points: Float64Array, dim: number, left: (row: number) => boolean) =>
  points.filter((_, at) => !left(Math.floor(at / dim)));

describe('gaussian', () => {
  it('has the population moments', () => {
    const points = normals(200, 3).map((x, at) => (at % 3 === 2 ? 50 + 1e4 * x : x + 0.5 * (at % 2)));
    const { mean, covariance } = momentsOf(points, 3);
    const truth = new GaussianMixture({ dim: 3, weights: [1], means: mean, covariances: covariance });
    const at = points.map((x) => 1.5 * x);
    const own = fitBaseline('gaussian', { points, dim: 3 }).logDensity(at);
    truth.logDensity(at).forEach((value, row) => {
      expect(own[row]).toBeCloseTo(value, 8);
    });
    // −E ln p of the points themselves is the entropy of the fit.
    const entropy = -meanOf(fitBaseline('gaussian', { points, dim: 3 }).logDensity(points));
    expect(entropy).toBeCloseTo(-meanOf(truth.logDensity(points)), 9);
  });

  it('is a thousandth of a deviation wide where it has no variance', () => {
    // A line in the plane: z-scored, variance 2 along (1, 1) and 0 across.
    const points = Float64Array.of(-1, -10, 1, 10);
    const model = fitBaseline('gaussian', { points, dim: 2 });
    const expected = (along: number, across: number) =>
      -Math.log(2 * Math.PI) -
      0.5 * Math.log(2 * COVARIANCE_FLOOR) -
      0.5 * (along ** 2 / 2 + across ** 2 / COVARIANCE_FLOOR) -
      Math.log(10);
    const [at, off] = model.logDensity(Float64Array.of(0, 0, 0.001, 0));
    expect(at).toBeCloseTo(expected(0, 0), 9);
    expect(off).toBeCloseTo(expected(0.001 / Math.SQRT2, 0.001 / Math.SQRT2), 6);
  });

  it('of lifted points is that of the plane, at the floor across it', () => {
    const points = lift.lift(plane.points);
    const frame = Frame.byColumn(points, 40, new Float64Array(40).fill(1));
    expect(frame.rank).toBe(2);
    const model = fitBaseline('gaussian', { points, dim: 40 });
    // In the frame's units the same Gaussian, by the definition: eigenvalues of the correlations raised to the floor.
    const { inside } = new Frame(frame.offset, frame.scale, null).of(points);
    const { mean, covariance } = momentsOf(inside, 40);
    const dense = new GaussianMixture({
      dim: 40,
      weights: [1],
      means: mean,
      covariances: flooredCovariance(covariance, 40),
    });
    const expected = dense.logDensity(inside);
    model.logDensity(points).forEach((value, row) => {
      expect(value + frame.logScale).toBeCloseTo(expected[row], 4);
    });
  });
});

describe('the floor of a covariance', () => {
  it('raises eigenvalues and leaves what is above alone', () => {
    const wide = Float64Array.of(2, 0.5, 0.5, 1);
    expect(flooredCovariance(wide, 2)).toBe(wide);
    // Eigenvalues 2 and 0 along (1, 1) and (1, −1).
    const raised = flooredCovariance(Float64Array.of(1, 1, 1, 1), 2, 0.5);
    [1.25, 0.75, 0.75, 1.25].forEach((value, at) => {
      expect(raised[at]).toBeCloseTo(value, 12);
    });
    expect(flooredCovariance(new Float64Array(4), 2, 0.5)).toEqual(Float64Array.of(0.5, 0, 0, 0.5));
  });
});

describe('leave-one-out', () => {
  const few = plane.points.subarray(0, 60);

  /** Mean ln p of each point under the fit of all others, by brute force. */
  const brute = (points: Float64Array, dim: number, h: number) => {
    const n = points.length / dim;
    const copy = (row: number, other: number) =>
      Array.from({ length: dim }, (_, i) => i).every(
        (i) => points[row * dim + i] === points[other * dim + i],
      );
    return meanOf(
      Array.from({ length: n }, (_, row) => {
        const others = without(points, dim, (other) => copy(row, other));
        const model = new GaussianMixture({
          dim,
          weights: new Float64Array(others.length / dim).fill(1),
          means: others,
          variances: new Float64Array(others.length / dim).fill(h * h),
        });
        return model.logDensity(points.subarray(row * dim, (row + 1) * dim))[0];
      }),
    );
  };

  it.each<[string, Float64Array, number]>([
    ['the plane', few, 2],
    ['the line', Float64Array.from(few.filter((_, at) => at % 2 === 0)), 1],
    ['copies', Float64Array.of(0, 0, 0, 1, 1, 3, 4, 4, 4, 4), 1],
    ['far and near', Float64Array.of(0, 0.001, 0.002, 1000, 1000.001, 1000.0015), 1],
    ['lifted', lift.lift(few.subarray(0, 20)), 40],
  ])('bandwidth is the best there is: %s', (_, points, dim) => {
    const model = fitBaseline('kde', { points, dim });
    const { bandwidth } = onlyLaw(model).facts;
    const best = brute(points, dim, bandwidth);
    for (const factor of [0.9, 0.999, 1.001, 1.1])
      expect(best).toBeGreaterThan(brute(points, dim, factor * bandwidth));
    for (let h = bandwidth / 100; h < 100 * bandwidth; h *= 1.3)
      expect(best).toBeGreaterThanOrEqual(brute(points, dim, h));
  });

  it('is what a fit without the point gives the point: manifold Parzen', () => {
    const m = few.length / 2;
    const [k, s] = [4, 0.7];
    const neighbours = nearestNeighbours(few, 2, k + 1);
    const counts = new Float64Array(m).fill(1);
    const pairs = parzenPairs({ points: few, r: 2, counts, neighbours, width: k + 1 }, k);
    const expected = meanOf(
      Array.from({ length: m }, (_, row) => {
        const points = without(few, 2, (other) => other === row);
        const model = fitBaseline('manifold-parzen', { points, dim: 2 }, { neighbours: k, scale: s });
        return model.logDensity(few.subarray(2 * row, 2 * row + 2))[0];
      }),
    );
    expect(leaveOneOut(pairs, s)).toBeCloseTo(expected, 9);
  });
});

describe('kde', () => {
  it('is a mixture of spheres of the bandwidth that is given', () => {
    const model = fitBaseline('kde', { points: plane.points, dim: 2 }, { bandwidth: 0.3 });
    const truth = new GaussianMixture({
      dim: 2,
      weights: new Float64Array(150).fill(1),
      means: plane.points,
      variances: new Float64Array(150).fill(0.09),
    });
    const at = normals(20, 2);
    truth.logDensity(at).forEach((value, row) => {
      expect(model.logDensity(at)[row]).toBeCloseTo(value, 9);
    });
    expect(onlyLaw(model).facts.bandwidth).toBeCloseTo(0.3, 12);
  });

  it('of one point is a Gaussian of the bandwidth, 1 where nothing says another', () => {
    const points = Float64Array.of(2, -1);
    const at = Float64Array.of(3, 1);
    const log = (h: number) => -Math.log(2 * Math.PI * h * h) - 2.5 / (h * h);
    expect(fitBaseline('kde', { points, dim: 2 }).logDensity(at)[0]).toBeCloseTo(log(1), 12);
    expect(fitBaseline('kde', { points, dim: 2 }, { bandwidth: 0.5 }).logDensity(at)[0]).toBeCloseTo(
      log(0.5),
      12,
    );
  });

  it('of two points has the bandwidth of least squares: half their distance² by two dimensions', () => {
    const model = fitBaseline('kde', { points: Float64Array.of(0, 0, 3, 4), dim: 2 });
    expect(onlyLaw(model).facts.bandwidth).toBeCloseTo(5 / Math.SQRT2, 5);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses the bandwidth %s', (bandwidth) => {
    expect(() => fitBaseline('kde', { points: plane.points, dim: 2 }, { bandwidth })).toThrow(
      `the bandwidth must be a positive number, got ${bandwidth}`,
    );
  });
});

describe('expectation maximisation', () => {
  it('never loses likelihood, also at the floor', () => {
    // Copies and a line: components shrink to the floor.
    const points = Float64Array.from([...plane.points.subarray(0, 120), ...Array(20).fill(0.5)]);
    for (let row = 0; row < 15; row++) points[2 * row + 1] = points[2 * row];
    let components = startComponents(points, 2, 9, random());
    let before = Number.NEGATIVE_INFINITY;
    for (let step = 0; step < 60; step++) {
      const { next, likelihood } = emStep(points, 2, components);
      expect(likelihood).toBeGreaterThanOrEqual(before - 1e-10);
      expect(likelihood).toBeCloseTo(meanLogLikelihood(points, 2, components), 10);
      [components, before] = [next, likelihood];
    }
    expect(components.weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
  });

  it('ends where each step stays: the moments of the responsibilities are its own', () => {
    const start = startComponents(plane.points, 2, 3, random());
    const { components } = expectationMaximisation(plane.points, 2, start, 1e-13, 2000);
    const { means, covariances, weights } = components;
    const mixture = new GaussianMixture({ dim: 2, weights, means, covariances, labels: [0, 1, 2] });
    const posterior = mixture.labelPosterior(plane.points);
    for (let k = 0; k < 3; k++) {
      const share = posterior.filter((_, at) => at % 3 === k);
      const total = share.reduce((sum, value) => sum + value, 0);
      const x = share.reduce((sum, value, row) => sum + value * plane.points[2 * row], 0) / total;
      expect(total / 150).toBeCloseTo(weights[k], 4);
      expect(x).toBeCloseTo(means[2 * k], 4);
    }
  });
});

describe('gmm', () => {
  it('with one component is the Gaussian', () => {
    const sets: [Float64Array, number][] = [
      [plane.points, 2],
      [lift.lift(plane.points.subarray(0, 40)), 40],
      [Float64Array.of(1, 1, 2, 2, 4, 4), 2],
    ];
    for (const [points, dim] of sets) {
      const one = fitBaseline('gmm', { points, dim }, { components: 1 }).logDensity(points);
      fitBaseline('gaussian', { points, dim })
        .logDensity(points)
        .forEach((value, row) => {
          expect(one[row]).toBeCloseTo(value, 6);
        });
    }
  });

  it('finds the mixture that points come from, and how many components it has', () => {
    const { points } = clusters.sample(1500, 8);
    const model = fitBaseline('gmm', { points, dim: 2 });
    expect(onlyLaw(model).facts.components).toBe(3);
    const law = onlyLaw(model).tensors();
    const [offset, scale, means] = ['offset', 'scale', 'means'].map((name) => law.get(name)!.values);
    const found = Array.from({ length: 3 }, (_, k) =>
      [0, 1].map((i) => offset[i] + scale[i] * means[2 * k + i]),
    );
    for (let k = 0; k < 3; k++) {
      const [x, y] = clusters.means.subarray(2 * k, 2 * k + 2);
      expect(Math.min(...found.map(([a, b]) => Math.hypot(a - x, b - y)))).toBeLessThan(0.15);
    }
    const unseen = clusters.sample(4000, 2).points;
    expect(meanOf(clusters.logDensity(unseen)) - meanOf(model.logDensity(unseen))).toBeLessThan(0.02);
  });

  it('is a function of its seed, and takes no more components than there are points', () => {
    const fitted = (seed: number, components: number) =>
      fitBaseline('gmm', { points: plane.points, dim: 2 }, { seed, components });
    expect(fitted(4, 8).tensors()).toEqual(fitted(4, 8).tensors());
    expect(fitted(5, 8).tensors()).not.toEqual(fitted(4, 8).tensors());
    const points = Float64Array.of(0, 0, 0, 0, 1, 2, 1, 2, 5, 5);
    const many = fitBaseline('gmm', { points, dim: 2 }, { components: 9 });
    expect(onlyLaw(many).facts.components).toBeLessThanOrEqual(3);
    expect(many.logDensity(points).every(Number.isFinite)).toBe(true);
    expect(() => fitted(0, 0)).toThrow('the number of components must be a whole number from 1, got 0');
    expect(() => fitted(0, 2.5)).toThrow(/got 2.5/);
  });
});

describe('manifold Parzen', () => {
  it('has kernels of the spread of their neighbours, by the definition', () => {
    const points = Float64Array.of(0, 0, 1, 0, 0, 2, 9, 9);
    const { directions, variances, rest } = localShape(points, 2, 0, Uint32Array.of(1, 2));
    // C = ½ (1 0; 0 4); the ridge a hundredth of ½ tr C.
    expect(rest).toBeCloseTo(0.0125, 12);
    const order = variances[0] < variances[1] ? [0, 1] : [1, 0];
    expect(variances[order[0]]).toBeCloseTo(0.5 + rest, 12);
    expect(variances[order[1]]).toBeCloseTo(2 + rest, 12);
    expect(Math.abs(directions[2 * order[1] + 1])).toBeCloseTo(1, 12);
  });

  it('has the same covariances whether there are more neighbours or more dimensions', () => {
    // Four neighbours in 3-D and in the same 3-D padded to 7: leading directions and the rest.
    const flat = normals(6, 3);
    const wide = new Float64Array(6 * 7);
    for (let row = 0; row < 6; row++) wide.set(flat.subarray(3 * row, 3 * row + 3), 7 * row);
    const around = Uint32Array.of(1, 2, 3, 4);
    const [small, large] = [localShape(flat, 3, 0, around), localShape(wide, 7, 0, around)];
    const matrix = ({ directions, variances, rest }: typeof small, r: number) => {
      const result = new Float64Array(9);
      for (let c = 0; c < variances.length; c++)
        for (let i = 0; i < 3; i++)
          for (let j = 0; j < 3; j++)
            result[3 * i + j] += (variances[c] - rest) * directions[c * r + i] * directions[c * r + j];
      return result;
    };
    const [a, b] = [matrix(small, 3), matrix(large, 7)];
    a.forEach((value, at) => {
      expect(b[at]).toBeCloseTo(value, 10);
    });
    expect(large.rest).toBeCloseTo((small.rest * 3) / 7, 12);
  });

  it('takes the neighbours and the scale of greatest leave-one-out likelihood', () => {
    const { points } = clusters.sample(120, 4);
    const law = fitManifoldParzen({ points, dim: 2, fallback: Float64Array.of(1, 1) });
    const { neighbours: k, scale } = law.facts;
    const rows = 120;
    const judge = (count: number, s: number) =>
      leaveOneOut(
        parzenPairs(
          {
            points,
            r: 2,
            counts: new Float64Array(rows).fill(1),
            neighbours: nearestNeighbours(points, 2, 65),
            width: 65,
          },
          count,
        ),
        s,
      );
    const best = judge(k, scale);
    for (const count of [2, 4, 8, 16, 32])
      for (const s of [0.3, 0.6, 0.9 * scale, 1.1 * scale, 1.2]) {
        if (count !== k && count > 2 * k) continue;
        expect(judge(count, s)).toBeLessThanOrEqual(best + 1e-9);
      }
  });

  it('refuses settings that cannot be', () => {
    const fitted = (settings: object) => () =>
      fitBaseline('manifold-parzen', { points: plane.points, dim: 2 }, settings);
    expect(fitted({ neighbours: 0 })).toThrow(
      'the number of neighbours must be a whole number from 1, got 0',
    );
    expect(fitted({ scale: 0 })).toThrow('the scale of the kernels must be a positive number, got 0');
  });
});

describe('the parts', () => {
  it.each([1, 2, 3, 5])('neighbours in %s-D are those of a search through all', (d) => {
    const points = normals(70, d, 3);
    const found = nearestNeighbours(points, d, 6);
    for (let row = 0; row < 70; row++) {
      const square = (other: number) => {
        let sum = 0;
        for (let i = 0; i < d; i++) sum += (points[row * d + i] - points[other * d + i]) ** 2;
        return sum;
      };
      const all = Array.from({ length: 70 }, (_, other) => other).filter((other) => other !== row);
      all.sort((a, b) => square(a) - square(b));
      expect(Array.from(found.subarray(6 * row, 6 * row + 6))).toEqual(all.slice(0, 6));
    }
  });

  it('neighbours at equal distances come by row', () => {
    const grid = Float64Array.from({ length: 2 * 49 }, (_, at) =>
      at % 2 === 0 ? (at >> 1) % 7 : Math.floor(at / 14),
    );
    expect(Array.from(nearestNeighbours(grid, 2, 4).subarray(4 * 24, 4 * 24 + 4))).toEqual([17, 23, 25, 31]);
  });

  it('finds the maximum of functions with one, with several and at an end', () => {
    expect(maximiseLog((x) => -(Math.log(x / 3) ** 2), 0.01, 100).at).toBeCloseTo(3, 4);
    const two = (x: number) =>
      Math.exp(-8 * Math.log(x / 0.1) ** 2) + 1.5 * Math.exp(-8 * Math.log(x / 20) ** 2);
    expect(maximiseLog(two, 1e-3, 1e3).at).toBeCloseTo(20, 3);
    expect(maximiseLog((x) => -x, 0.5, 50).at).toBeCloseTo(0.5, 4);
    expect(maximiseLog((x) => x, 2, 2).at).toBe(2);
  });

  it('moments of a column do not cancel', () => {
    const points = Float64Array.from({ length: 100 }, (_, row) => 1e9 + (row % 2));
    const { mean, std } = columnMoments(points, 1);
    expect(mean[0]).toBeCloseTo(1e9 + 0.5, 6);
    expect(std[0]).toBeCloseTo(0.5, 9);
    expect(columnMoments(new Float64Array(5).fill(0.1), 1).std[0]).toBe(0);
  });
});
