import { badInput } from '../errors.js';

/**
 * Eigenvalues and eigenvectors of a symmetric matrix by cyclic Jacobi rotations, meant for d up to about 64.
 * Source: Golub & Van Loan, Matrix Computations, §8.5.
 * @param matrix [d, d]; left as it is
 * @returns values [d] and vectors [d, d], column k belonging to value k
 * @throws TributaryError('bad-input') where the rotations do not converge: up to d = 64 ten sweeps are enough for any
 *   matrix of finite numbers, so that this one holds numbers that are not, or whose squares are not
 */
export function symmetricEigen(
  matrix: Float64Array,
  d: number,
): { values: Float64Array; vectors: Float64Array } {
  const a = matrix.slice();
  const vectors = new Float64Array(d * d);
  for (let i = 0; i < d; i++) vectors[i * d + i] = 1;
  let scale = 0;
  for (const value of a) scale += value * value;
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    for (let p = 0; p < d; p++) for (let q = p + 1; q < d; q++) off += a[p * d + q] ** 2;
    if (off <= 1e-32 * scale && Number.isFinite(scale))
      return { values: Float64Array.from({ length: d }, (_, i) => a[i * d + i]), vectors };
    for (let p = 0; p < d; p++) {
      for (let q = p + 1; q < d; q++) {
        const apq = a[p * d + q];
        if (apq === 0) continue;
        const theta = (a[q * d + q] - a[p * d + p]) / (2 * apq);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        const s = t * c;
        for (let k = 0; k < d; k++) {
          const kp = a[k * d + p];
          const kq = a[k * d + q];
          a[k * d + p] = c * kp - s * kq;
          a[k * d + q] = s * kp + c * kq;
          const vp = vectors[k * d + p];
          const vq = vectors[k * d + q];
          vectors[k * d + p] = c * vp - s * vq;
          vectors[k * d + q] = s * vp + c * vq;
        }
        for (let k = 0; k < d; k++) {
          const pk = a[p * d + k];
          const qk = a[q * d + k];
          a[p * d + k] = c * pk - s * qk;
          a[q * d + k] = s * pk + c * qk;
        }
      }
    }
  }
  badInput(
    `the eigenvalues of a ${d} × ${d} matrix do not converge: its numbers must be finite and below 1e150`,
  );
}

/** The square root of a symmetric positive semi-definite matrix [d, d]; negative rounding is taken as 0. */
export function symmetricRoot(matrix: Float64Array, d: number): Float64Array {
  const { values, vectors } = symmetricEigen(matrix, d);
  const result = new Float64Array(d * d);
  for (let k = 0; k < d; k++) {
    const root = Math.sqrt(Math.max(0, values[k]));
    for (let i = 0; i < d; i++)
      for (let j = 0; j < d; j++) result[i * d + j] += root * vectors[i * d + k] * vectors[j * d + k];
  }
  return result;
}
