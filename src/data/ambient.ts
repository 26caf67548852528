import { badInput } from '../errors.js';
import { CounterRandom, STREAM } from '../random/random.js';

/**
 * The ambient lift x = U y + b from ℝ^k to ℝ^d: U has orthonormal columns (Gram–Schmidt, that is the QR
 * factor, of a Gaussian matrix) and b is standard normal. A model trained on x is judged in y = Uᵀ(x − b).
 * U and b are pure functions of the seed.
 */
export class AmbientLift {
  /** [k, d]: the columns of U one after the other, as both directions read them in that order. */
  readonly columns: Float64Array;
  /** [d] */
  readonly offset: Float64Array;

  /**
   * @param dim k, the dimension of the data
   * @param ambientDim d, at least k
   * @throws bad-input where d < k
   */
  constructor(
    readonly dim: number,
    readonly ambientDim: number,
    seed: number,
  ) {
    if (!Number.isInteger(ambientDim) || ambientDim < dim)
      badInput(`the ambient dimension must be a whole number from ${dim}, got ${ambientDim}`);
    const matrix = new CounterRandom(seed, STREAM.ambient, 0);
    const shift = new CounterRandom(seed, STREAM.ambient, 1);
    const d = ambientDim;
    this.columns = Float64Array.from({ length: dim * d }, (_, element) => matrix.normal(element));
    this.offset = Float64Array.from({ length: d }, (_, element) => shift.normal(element));
    for (let column = 0; column < dim; column++) {
      const own = this.columns.subarray(column * d, (column + 1) * d);
      // Twice is enough (Kahan): the second pass removes what rounding left of the earlier columns.
      for (let pass = 0; pass < 2; pass++) {
        for (let earlier = 0; earlier < column; earlier++) {
          const other = this.columns.subarray(earlier * d, (earlier + 1) * d);
          let dot = 0;
          for (let i = 0; i < d; i++) dot += own[i] * other[i];
          for (let i = 0; i < d; i++) own[i] -= dot * other[i];
        }
        let square = 0;
        for (let i = 0; i < d; i++) square += own[i] * own[i];
        const scale = 1 / Math.sqrt(square);
        for (let i = 0; i < d; i++) own[i] *= scale;
      }
    }
  }

  /** x = U y + b: [n, k] → [n, d]. */
  lift(points: Float64Array): Float64Array {
    const { dim, ambientDim, columns, offset } = this;
    const n = this.rows(points, dim);
    const result = new Float64Array(n * ambientDim);
    for (let row = 0; row < n; row++) {
      const out = result.subarray(row * ambientDim, (row + 1) * ambientDim);
      out.set(offset);
      for (let k = 0; k < dim; k++) {
        const value = points[row * dim + k];
        const start = k * ambientDim;
        for (let i = 0; i < ambientDim; i++) out[i] += columns[start + i] * value;
      }
    }
    return result;
  }

  /** y = Uᵀ(x − b): [n, d] → [n, k]. What lies outside the image of U is dropped. */
  project(points: Float64Array): Float64Array {
    const { dim, ambientDim, columns, offset } = this;
    const n = this.rows(points, ambientDim);
    const result = new Float64Array(n * dim);
    for (let row = 0; row < n; row++) {
      const at = row * ambientDim;
      for (let k = 0; k < dim; k++) {
        const start = k * ambientDim;
        let sum = 0;
        for (let i = 0; i < ambientDim; i++) sum += columns[start + i] * (points[at + i] - offset[i]);
        result[row * dim + k] = sum;
      }
    }
    return result;
  }

  /** ‖(I − UUᵀ)(x − b)‖², the squared distance of each point [n, d] from the image of U: [n]. */
  offPlane(points: Float64Array): Float64Array {
    const { dim, ambientDim, columns, offset } = this;
    const inside = this.project(points);
    return Float64Array.from({ length: this.rows(points, ambientDim) }, (_, row) => {
      let sum = 0;
      for (let i = 0; i < ambientDim; i++) {
        let rest = points[row * ambientDim + i] - offset[i];
        for (let k = 0; k < dim; k++) rest -= columns[k * ambientDim + i] * inside[row * dim + k];
        sum += rest * rest;
      }
      return sum;
    });
  }

  private rows(points: Float64Array, width: number): number {
    if (points.length % width !== 0)
      badInput(`${points.length} numbers are not rows of ${width} coordinates`);
    return points.length / width;
  }
}
