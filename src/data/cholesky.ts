/**
 * Small symmetric matrices, row-major in one Float64Array of d·d numbers. Pivots are floored instead of
 * refused, because a covariance of the interpolant may legitimately shrink to nothing at an end of time.
 */

/**
 * The lower Cholesky factor L of A = L Lᵀ.
 * @param a matrices [.., d, d]; the one at `aOffset` is read
 * @param out receives L at `outOffset`, with zeros above the diagonal
 * @param floor pivots below this are raised to it; 0 gives a zero column for a direction without variance
 * @returns the smallest pivot before flooring, relative to its diagonal entry: at or below about 1e-15 the
 * matrix has no full rank
 */
export function cholesky(
  a: Float64Array,
  aOffset: number,
  d: number,
  out: Float64Array,
  outOffset: number,
  floor = 0,
): number {
  let smallest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < d; i++) {
    const rowI = outOffset + i * d;
    for (let j = 0; j < i; j++) {
      const rowJ = outOffset + j * d;
      let sum = a[aOffset + i * d + j];
      for (let k = 0; k < j; k++) sum -= out[rowI + k] * out[rowJ + k];
      const pivot = out[rowJ + j];
      out[rowI + j] = pivot > 0 ? sum / pivot : 0;
    }
    const diagonal = a[aOffset + i * d + i];
    let pivot = diagonal;
    for (let k = 0; k < i; k++) pivot -= out[rowI + k] ** 2;
    smallest = Math.min(smallest, diagonal > 0 ? pivot / diagonal : pivot === 0 ? 0 : -1);
    // What is left after cancellation is below the rounding of the diagonal entry: no variance there.
    if (pivot < 1e-15 * diagonal) pivot = 0;
    out[rowI + i] = Math.sqrt(Math.max(pivot, floor));
    for (let j = i + 1; j < d; j++) out[rowI + j] = 0;
  }
  return smallest;
}

/**
 * A⁻¹ = L⁻ᵀ L⁻¹ from the Cholesky factor at `offset`, whose diagonal must be positive.
 * @param scratch d numbers
 * @returns ln det A
 */
export function inverseFromCholesky(
  l: Float64Array,
  d: number,
  out: Float64Array,
  offset: number,
  scratch: Float64Array,
): number {
  let logDet = 0;
  for (let i = 0; i < d; i++) logDet += 2 * Math.log(l[offset + i * d + i]);
  for (let column = 0; column < d; column++) {
    for (let i = 0; i < d; i++) {
      let sum = i === column ? 1 : 0;
      for (let k = 0; k < i; k++) sum -= l[offset + i * d + k] * scratch[k];
      scratch[i] = sum / l[offset + i * d + i];
    }
    for (let i = d - 1; i >= 0; i--) {
      let sum = scratch[i];
      for (let k = i + 1; k < d; k++) sum -= l[offset + k * d + i] * scratch[k];
      scratch[i] = sum / l[offset + i * d + i];
    }
    for (let i = 0; i < d; i++) out[offset + i * d + column] = scratch[i];
  }
  return logDet;
}
