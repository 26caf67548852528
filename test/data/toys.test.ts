import { describe, expect, it } from 'vitest';
import { curveMixture, gaussLegendre } from '../../src/data/curve.js';
import { distributionByName, distributionNames } from '../../src/data/registry.js';
import { STREAM } from '../../src/random/random.js';

const all = distributionNames.map((name) => distributionByName(name));
const N = 20_000;

describe.each(all.map((one) => [one.name, one] as const))('%s', (_, distribution) => {
  const { points, labels } = distribution.sample(N, 3);

  it('draws points that depend on seed, step and stream and on nothing else', () => {
    expect(distribution.sample(5, 3).points).toEqual(points.slice(0, 10));
    expect(distribution.sample(5, 3, 1).points).not.toEqual(points.slice(0, 10));
    expect(distribution.sample(5, 3, 0, STREAM.evaluation).points).not.toEqual(points.slice(0, 10));
    expect(distribution.sample(5, 4).points).not.toEqual(points.slice(0, 10));
  });

  it('uses every label it announces, in equal shares unless it is the corridor', () => {
    const counts = new Array(distribution.classes).fill(0);
    for (const label of labels) counts[label]++;
    const share = 1 / distribution.classes;
    if (distribution.name !== 'corridor')
      for (const count of counts)
        expect(Math.abs(count / N - share)).toBeLessThanOrEqual(4.5 * Math.sqrt((share * (1 - share)) / N));
    expect(Math.min(...counts)).toBeGreaterThan(0);
  });

  if (distribution.mean && distribution.covariance) {
    const mean = distribution.mean();
    const covariance = distribution.covariance();
    it('has samples with its moments', () => {
      for (let i = 0; i < 2; i++) {
        let sum = 0;
        for (let row = 0; row < N; row++) sum += points[2 * row + i] / N;
        expect(Math.abs(sum - mean[i])).toBeLessThan(4.5 * Math.sqrt(covariance[3 * i] / N));
        for (let j = 0; j <= i; j++) {
          let product = 0;
          let square = 0;
          for (let row = 0; row < N; row++) {
            const term = (points[2 * row + i] - mean[i]) * (points[2 * row + j] - mean[j]);
            product += term / N;
            square += (term * term) / N;
          }
          const error = Math.sqrt((square - product * product) / N);
          expect(Math.abs(product - covariance[2 * i + j])).toBeLessThan(4.5 * error);
        }
      }
    });
  }

  if (distribution.logDensity) {
    it('has the density that its samples are drawn from', () => {
      // The mass of a disc around the first sample, by quadrature, against the share of the others in it.
      const [cx, cy] = [points[0], points[1]];
      const radius = distribution.name === 'ring' ? 0.01 : distribution.name === 'grid' ? 0.06 : 0.08;
      const reach = 4 * radius;
      const steps = 60;
      const cell = (2 * reach) / steps;
      const nodes: number[] = [];
      for (let i = 0; i < steps; i++)
        for (let j = 0; j < steps; j++) {
          const x = cx - reach + (i + 0.5) * cell;
          const y = cy - reach + (j + 0.5) * cell;
          if (Math.hypot(x - cx, y - cy) < reach) nodes.push(x, y);
        }
      const mass = distribution.logDensity!(Float64Array.from(nodes)).reduce(
        (sum, value) => sum + Math.exp(value) * cell * cell,
        0,
      );
      const inside = Array.from({ length: N - 1 }, (_, k) => k + 1).filter(
        (row) => Math.hypot(points[2 * row] - cx, points[2 * row + 1] - cy) < reach,
      ).length;
      expect(Math.abs(inside / (N - 1) - mass)).toBeLessThan(
        4.5 * Math.sqrt((mass * (1 - mass)) / N) + 0.01 * mass,
      );
    });
  }

  if (distribution.labelOf) {
    it('recognises its own labels about as often as its classes overlap', () => {
      const few = 2000;
      const found = distribution.labelOf!(points.subarray(0, 2 * few));
      const right = found.reduce((sum, label, row) => sum + (label === labels[row] ? 1 : 0), 0) / few;
      expect(right).toBeGreaterThan(distribution.name === '8gaussians' ? 0.92 : 0.985);
    });
  }
});

describe('curves', () => {
  it('integrate polynomials of degree 2n − 1 exactly', () => {
    const { nodes, weights } = gaussLegendre(10);
    for (const degree of [0, 1, 7, 19]) {
      const sum = nodes.reduce((total, node, i) => total + weights[i] * node ** degree, 0);
      expect(sum).toBeCloseTo(1 / (degree + 1), 14);
    }
  });

  it('have the density of a direct fine integral over the curve to 1e-10', () => {
    // make_moons with noise 0.05, ×2 − 1, written from its own definition.
    const arcs = [
      (a: number) => [Math.cos(a), Math.sin(a)],
      (a: number) => [1 - Math.cos(a), 0.5 - Math.sin(a)],
    ];
    const density = (x: number, y: number) => {
      const steps = 20_000;
      let sum = 0;
      for (const arc of arcs) {
        for (let k = 0; k <= steps; k++) {
          const [cx, cy] = arc((Math.PI * k) / steps).map((value) => 2 * value - 1);
          const simpson = k === 0 || k === steps ? 1 : k % 2 === 0 ? 2 : 4;
          sum += simpson * Math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * 0.01));
        }
      }
      return sum / (2 * 3 * steps * 2 * Math.PI * 0.01);
    };
    const moons = distributionByName('moons');
    for (const [x, y] of [
      [-1, 1],
      [1, -1.05],
      [0.2, 0.4],
      [-3.2, -1.3],
      [1, 1.6],
    ]) {
      const value = Math.exp(moons.logDensity!(Float64Array.of(x, y))[0]);
      expect(Math.abs(value / density(x, y) - 1)).toBeLessThan(1e-10);
    }
  });

  it('have the closed form of a straight segment to 1e-10', () => {
    const line = { label: 0, weight: 1, point: (w: number) => [3 * w, 0] };
    const std = 0.1;
    const mixture = curveMixture([line], 2, std);
    // A straight segment has a closed form: N(y; 0, σ²)·[Φ((x)/σ) − Φ((x − 3)/σ)]/3, 1/3 across in the middle.
    for (const y of [0, 0.2, 0.7]) {
      const expected = Math.exp((-y * y) / (2 * std * std)) / (std * Math.sqrt(2 * Math.PI)) / 3;
      const value = Math.exp(mixture.logDensity(Float64Array.of(1.37, y))[0]);
      expect(Math.abs(value / expected - 1)).toBeLessThan(1e-10);
    }
    // Beside the end exactly half of that line's mass is left.
    const end = Math.exp(mixture.logDensity(Float64Array.of(0, 0))[0]);
    expect(end / (1 / (std * Math.sqrt(2 * Math.PI)) / 3)).toBeCloseTo(0.5, 10);
  });

  it('give the same density for a closed ring as the Bessel closed form', () => {
    const [radius, std, r] = [1, 0.3, 1.2];
    const circle = {
      label: 0,
      weight: 1,
      closed: true,
      point: (w: number) => [radius * Math.cos(2 * Math.PI * w), radius * Math.sin(2 * Math.PI * w)],
    };
    const value = curveMixture([circle], 2, std).logDensity(Float64Array.of(0, r))[0];
    // I₀(z) by its power series.
    const z = (r * radius) / std ** 2;
    let bessel = 0;
    for (let k = 1, term = 1; k < 80; term *= (z / 2 / k++) ** 2) bessel += term;
    const expected =
      Math.log(bessel) - (r * r + radius * radius) / (2 * std * std) - Math.log(2 * Math.PI * std * std);
    expect(value).toBeCloseTo(expected, 10);
  });
});

describe('checkerboard', () => {
  it('has density 1/32 on the dark cells and none elsewhere', () => {
    const board = distributionByName('checkerboard');
    const x = Float64Array.of(-3, -3, -1, -3, 1, 1, 5, 1, 3, -1);
    expect(Array.from(board.logDensity!(x))).toEqual([
      -Math.log(32),
      Number.NEGATIVE_INFINITY,
      -Math.log(32),
      Number.NEGATIVE_INFINITY,
      -Math.log(32),
    ]);
    expect(board.logDensity!(board.sample(5000, 1).points).every(Number.isFinite)).toBe(true);
  });
});
