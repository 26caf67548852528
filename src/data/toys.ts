import { CounterRandom, STREAM } from '../random/random.js';
import { curveDistribution } from './curve.js';
import { type Distribution, mixtureDistribution } from './distribution.js';
import { GaussianMixture } from './mixture.js';

/** Isotropic modes of equal weight and standard deviation in the plane, one label each. */
function equalModes(name: string, centres: [number, number][], std: number): Distribution {
  const mixture = new GaussianMixture({
    dim: 2,
    weights: centres.map(() => 1),
    means: Float64Array.from(centres.flat()),
    variances: new Float64Array(centres.length).fill(std * std),
    labels: centres.map((_, k) => k),
  });
  return mixtureDistribution(name, mixture);
}

function onCircle(count: number, radius: number): [number, number][] {
  return Array.from({ length: count }, (_, k) => {
    const angle = (2 * Math.PI * k) / count;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
}

/** `gaussian`: N(0, I) in the plane. */
export const gaussian = (): Distribution => mixtureDistribution('gaussian', GaussianMixture.standard(2));

/** `gaussian-2`: N((2, 2), 0.5² I), the plane version of the one-line test N(0, 1) → N(2, 0.5²). */
export const gaussian2 = (): Distribution => equalModes('gaussian-2', [[2, 2]], 0.5);

/** `8gaussians`: eight modes on a circle of radius 5, std 1 (torchdyn's definition in [SF]²M, 2307.03672). */
export const eightGaussians = (): Distribution => equalModes('8gaussians', onCircle(8, 5), 1);

/** `ring`: eight modes on the unit circle, std 0.01 (PacGAN, 1712.04086). */
export const ring = (): Distribution => equalModes('ring', onCircle(8, 1), 0.01);

/** `grid`: 25 modes at {−4, −2, 0, 2, 4}², std 0.05 (PacGAN, 1712.04086). */
export function grid(): Distribution {
  const centres = Array.from({ length: 25 }, (_, k): [number, number] => [
    -4 + 2 * (k % 5),
    -4 + 2 * Math.floor(k / 5),
  ]);
  return equalModes('grid', centres, 0.05);
}

/**
 * `moons`: scikit-learn's make_moons with noise 0.05, then ×2 − 1 as torchcfm scales it, so the noise is 0.1.
 * Label 0 is the upper moon, 1 the lower. Angles are uniform at random instead of evenly spaced.
 */
export function moons(): Distribution {
  return curveDistribution('moons', 2, 0.1, [
    { label: 0, weight: 0.5, point: (w) => [2 * Math.cos(Math.PI * w) - 1, 2 * Math.sin(Math.PI * w) - 1] },
    { label: 1, weight: 0.5, point: (w) => [1 - 2 * Math.cos(Math.PI * w), -2 * Math.sin(Math.PI * w)] },
  ]);
}

/** The S of make_s_curve in its own plane: t = 3π(w − ½) ↦ (sin t, sign t · (cos t − 1)). */
function sCurvePoint(w: number): [number, number] {
  const t = 3 * Math.PI * (w - 0.5);
  return [Math.sin(t), Math.sign(t) * (Math.cos(t) - 1)];
}

/** `s-curve`: the x and z coordinates of scikit-learn's make_s_curve with noise 0.05, ×1.5 (noise 0.075). */
export function sCurve(): Distribution {
  return curveDistribution('s-curve', 2, 0.075, [
    { label: 0, weight: 1, point: (w) => sCurvePoint(w).map((value) => 1.5 * value) },
  ]);
}

/**
 * `swiss-roll`: the x and z coordinates of scikit-learn's make_swiss_roll with noise 1, divided by 5 (FFJORD,
 * 1810.01367), so the noise is 0.2.
 */
export function swissRoll(): Distribution {
  return curveDistribution('swiss-roll', 2, 0.2, [
    {
      label: 0,
      weight: 1,
      point: (w) => {
        const t = 1.5 * Math.PI * (1 + 2 * w);
        return [(t * Math.cos(t)) / 5, (t * Math.sin(t)) / 5];
      },
    },
  ]);
}

/** `rings`: four circles of radius 0.75, 1.5, 2.25 and 3 and equal weight, noise 0.08 (FFJORD). One label each. */
export function rings(): Distribution {
  return curveDistribution(
    'rings',
    2,
    0.08,
    [0.75, 1.5, 2.25, 3].map((radius, label) => ({
      label,
      weight: 0.25,
      closed: true,
      point: (w) => [radius * Math.cos(2 * Math.PI * w), radius * Math.sin(2 * Math.PI * w)],
    })),
  );
}

/**
 * `spirals`: two arms ±θ(−cos θ, sin θ)/3 with θ = 3π√u and noise 0.1. This is FFJORD's 2spirals without its
 * extra uniform jitter, so that the density is a curve convolved with a Gaussian. One label an arm.
 */
export function spirals(): Distribution {
  return curveDistribution(
    'spirals',
    2,
    0.1,
    [1, -1].map((sign, label) => ({
      label,
      weight: 0.5,
      point: (w) => {
        const angle = 3 * Math.PI * w;
        return [(-sign * angle * Math.cos(angle)) / 3, (sign * angle * Math.sin(angle)) / 3];
      },
      density: (w) => 2 * w,
      inverse: (u) => Math.sqrt(u),
    })),
  );
}

/** Number of arms of {@link pinwheel}. */
const ARMS = 5;

/**
 * `pinwheel`: five arms of N((1, 0), diag(0.3², 0.1²)) turned clockwise by 2πk/5 + ¼·exp(radial coordinate), then ×2
 * (Johnson et al., 1603.06277, as scaled in FFJORD). One label an arm. No density: the twist folds over itself
 * in the tails, so that its inverse is not unique.
 */
export function pinwheel(): Distribution {
  return {
    name: 'pinwheel',
    dim: 2,
    classes: ARMS,
    sample: (n, seed, step = 0, stream = STREAM.data) => {
      const random = new CounterRandom(seed, stream, step);
      const points = new Float64Array(2 * n);
      const labels = new Uint32Array(n);
      for (let row = 0; row < n; row++) {
        const arm = random.integer(4 * row, ARMS);
        const radial = 1 + 0.3 * random.normal(4 * row + 2);
        const tangential = 0.1 * random.normal(4 * row + 3);
        const angle = (2 * Math.PI * arm) / ARMS + 0.25 * Math.exp(radial);
        points[2 * row] = 2 * (radial * Math.cos(angle) + tangential * Math.sin(angle));
        points[2 * row + 1] = 2 * (tangential * Math.cos(angle) - radial * Math.sin(angle));
        labels[row] = arm;
      }
      return { points, labels };
    },
  };
}

/** The cell of the checkerboard that (x, y) lies in, 0 to 7, or −1 in a white cell or outside. */
function checkerboardCell(x: number, y: number): number {
  if (!(x >= -4 && x < 4 && y >= -4 && y < 4)) return -1;
  const column = Math.floor(x / 2) + 2;
  const row = Math.floor(y / 2) + 2;
  return (column + row) % 2 === 0 ? 2 * column + (row >> 1) : -1;
}

/**
 * `checkerboard`: uniform on the eight dark 2 × 2 cells of a 4 × 4 board over [−4, 4]², density 1/32 (FFJORD).
 * Label 0 in even columns, 1 in odd ones. Its modes are the cells.
 */
export function checkerboard(): Distribution {
  return {
    name: 'checkerboard',
    dim: 2,
    classes: 2,
    sample: (n, seed, step = 0, stream = STREAM.data) => {
      const random = new CounterRandom(seed, stream, step);
      const points = new Float64Array(2 * n);
      const labels = new Uint32Array(n);
      for (let row = 0; row < n; row++) {
        const cell = random.integer(4 * row, 8);
        const column = cell >> 1;
        const y = 2 * (cell & 1) + (column & 1);
        points[2 * row] = 2 * (column + random.uniform(4 * row + 1)) - 4;
        points[2 * row + 1] = 2 * (y + random.uniform(4 * row + 2)) - 4;
        labels[row] = column & 1;
      }
      return { points, labels };
    },
    logDensity: (points) =>
      Float64Array.from({ length: points.length / 2 }, (_, row) =>
        checkerboardCell(points[2 * row], points[2 * row + 1]) < 0 ? Number.NEGATIVE_INFINITY : -Math.log(32),
      ),
    // By symmetry the mean is 0. Along an axis the marginal is uniform on [−4, 4]; the covariance of the
    // coordinates is the mean of the products of cell centres: (9 + 9 + 1 + 1 + … )/8 with signs = 1.
    mean: () => new Float64Array(2),
    covariance: () => Float64Array.of(16 / 3, 1, 1, 16 / 3),
    labelOf: (points) =>
      Uint32Array.from({ length: points.length / 2 }, (_, row) => {
        const x = Math.min(3.999, Math.max(-4, points[2 * row]));
        return (Math.floor(x / 2) + 2) & 1;
      }),
    modes: {
      weights: new Float64Array(8).fill(1 / 8),
      assign: (points) =>
        Int32Array.from({ length: points.length / 2 }, (_, row) =>
          checkerboardCell(points[2 * row], points[2 * row + 1]),
        ),
    },
  };
}
