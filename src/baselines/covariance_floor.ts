import { cholesky } from '../data/cholesky.js';
import { symmetricEigen } from '../data/eigen.js';

/**
 * The least variance of a fitted covariance in any direction, of columns scaled to deviation 1, that is relative to
 * the trace of the data's correlations over d: a Gaussian is nowhere narrower than a thousandth of the data.
 */
export const COVARIANCE_FLOOR = 1e-6;

/** Eigenvalues are looked for up to so many dimensions. */
const MOST_EIGEN = 64;

/**
 * The covariance of greatest likelihood among those with no variance below the floor, which is S with its eigenvalues
 * raised to it: EM with this step never loses likelihood (Ingrassia & Rocci 2007). S itself where none is below; beyond
 * 64 dimensions S + floor·I instead where some are.
 * @param s [d, d] positive semi-definite; may be returned
 */
export function flooredCovariance(s: Float64Array, d: number, floor = COVARIANCE_FLOOR): Float64Array {
  const less = s.slice();
  for (let i = 0; i < d; i++) less[i * d + i] -= floor;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < d; i++) least = Math.min(least, less[i * d + i]);
  if (least > 0 && cholesky(less, 0, d, new Float64Array(d * d), 0) > 0) return s;
  if (d > MOST_EIGEN) {
    for (let i = 0; i < d; i++) less[i * d + i] += 2 * floor;
    return less;
  }
  const { values, vectors } = symmetricEigen(s, d);
  const result = new Float64Array(d * d);
  for (let k = 0; k < d; k++) {
    const value = Math.max(values[k], floor);
    for (let i = 0; i < d; i++)
      for (let j = 0; j <= i; j++) result[i * d + j] += value * vectors[i * d + k] * vectors[j * d + k];
  }
  for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) result[j * d + i] = result[i * d + j];
  return result;
}
