import type { Baseline } from '../../src/baselines/baseline.js';
import { AmbientLift } from '../../src/data/ambient.js';
import { GaussianMixture } from '../../src/data/mixture.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';

/** [n, dim] standard normals. */
export function normals(n: number, dim: number, seed = 1): Float64Array {
  const random = new CounterRandom(seed, STREAM.test);
  return Float64Array.from({ length: n * dim }, (_, at) => random.normal(at));
}

/** Three clear clusters in the plane, two labels. */
export const clusters = new GaussianMixture({
  dim: 2,
  weights: [0.5, 0.3, 0.2],
  means: Float64Array.of(0, 0, 4, 1, -2, 3),
  covariances: Float64Array.of(1, 0.6, 0.6, 0.5, 0.2, -0.1, -0.1, 0.4, 0.1, 0, 0, 0.3),
  labels: [0, 1, 1],
});

export const plane = clusters.sample(150, 3);

/** The plane lifted to d = 40. */
export const lift = new AmbientLift(2, 40, 5);

/** ∫ p over [−half, half]² by the midpoint rule. */
export function mass(logDensity: (points: Float64Array) => Float64Array, half: number, side: number): number {
  const step = (2 * half) / side;
  const points = Float64Array.from({ length: 2 * side * side }, (_, at) => {
    const cell = at >> 1;
    return -half + step * (0.5 + (at % 2 === 0 ? cell % side : Math.floor(cell / side)));
  });
  return logDensity(points).reduce((sum, value) => sum + Math.exp(value) * step * step, 0);
}

export const meanOf = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/** The law of a fit without labels. */
export const onlyLaw = (model: Baseline) => model.laws[0]!;
