import { positivesOf, type Tensors, tensor, tensorOf, valuesOf } from './tensors.js';

/** Up to so many dimensions it does not pay to look for a plane that holds the points. */
const FEW_DIMENSIONS = 16;

/** Below this share of its largest entry a column's deviation is the rounding of its numbers. */
const ROUNDING = 1e-13;

export interface ColumnMoments {
  /** [d] */
  mean: Float64Array;
  /** [d] population standard deviations, 0 for a column that does not vary */
  std: Float64Array;
}

/** Root mean square; 0 of nothing. */
export const rmsOf = (values: Float64Array): number => {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest === 0) return 0;
  return largest * Math.sqrt(values.reduce((sum, value) => sum + (value / largest) ** 2, 0) / values.length);
};

/** Moments of each column of points [n, d], free of cancellation and overflow. */
export function columnMoments(points: Float64Array, dim: number): ColumnMoments {
  const n = points.length / dim;
  const mean = new Float64Array(dim);
  const std = new Float64Array(dim);
  for (let i = 0; i < dim; i++) {
    const first = points[i];
    let shift = 0;
    for (let row = 0; row < n; row++) shift += (points[row * dim + i] - first) / n;
    mean[i] = first + shift;
    let largest = 0;
    let entry = 0;
    for (let row = 0; row < n; row++) {
      largest = Math.max(largest, Math.abs(points[row * dim + i] - mean[i]));
      entry = Math.max(entry, Math.abs(points[row * dim + i]));
    }
    if (!(largest > ROUNDING * entry)) continue;
    let sum = 0;
    for (let row = 0; row < n; row++) sum += ((points[row * dim + i] - mean[i]) / largest) ** 2;
    std[i] = largest * Math.sqrt(sum / n);
  }
  return { mean, std };
}

/**
 * An orthonormal basis [r, d] of the span of rows [n, d] by Gram–Schmidt, each twice (Kahan); null where r would pass
 * d/2 and nothing be gained. What is left of a row counts if its square is above `least`.
 */
function spanOf(rows: Float64Array, dim: number, least: number): Float64Array | null {
  const basis: Float64Array[] = [];
  const rest = new Float64Array(dim);
  for (let from = 0; from < rows.length; from += dim) {
    rest.set(rows.subarray(from, from + dim));
    let square = 0;
    for (let pass = 0; pass < 2; pass++) {
      for (const direction of basis) {
        let dot = 0;
        for (let i = 0; i < dim; i++) dot += direction[i] * rest[i];
        for (let i = 0; i < dim; i++) rest[i] -= dot * direction[i];
      }
      square = 0;
      for (let i = 0; i < dim; i++) square += rest[i] * rest[i];
      if (square <= least) break;
    }
    if (square <= least) continue;
    if (2 * (basis.length + 1) > dim) return null;
    basis.push(rest.map((value) => value / Math.sqrt(square)));
  }
  if (basis.length === 0) basis.push(Float64Array.from(rest, (_, i) => (i === 0 ? 1 : 0)));
  const result = new Float64Array(basis.length * dim);
  basis.forEach((direction, k) => {
    result.set(direction, k * dim);
  });
  return result;
}

/** Points in the coordinates of a frame. */
export interface Framed {
  /** [n, r] */
  readonly inside: Float64Array;
  /** [n] squared distances from the plane, all 0 where there is none */
  readonly off: Float64Array;
}

/**
 * Coordinates that fits are made in: z = (x − offset)/scale by column, and where all training points lie in a plane of
 * fewer than half the dimensions, y = B z within that plane. A lifted problem is then as cheap as the plane it came
 * from.
 */
export class Frame {
  readonly dim: number;
  /** r, the dimension of the plane; d where there is none. */
  readonly rank: number;
  /** Σ ln scale: ln p_x(x) = ln p_z(z) − this. */
  readonly logScale: number;

  /**
   * @param offset [d]
   * @param scale [d], positive
   * @param basis [r, d] orthonormal rows, or null for all of ℝ^d
   */
  constructor(
    readonly offset: Float64Array,
    readonly scale: Float64Array,
    readonly basis: Float64Array | null,
  ) {
    this.dim = offset.length;
    this.rank = basis ? basis.length / this.dim : this.dim;
    this.logScale = scale.reduce((sum, value) => sum + Math.log(value), 0);
  }

  /** The frame of points [n, d] in which every column has deviation 1; one without any takes its `fallback`. */
  static byColumn(points: Float64Array, dim: number, fallback: Float64Array): Frame {
    const { mean, std } = columnMoments(points, dim);
    // Far below the floor of any covariance, so that such directions make no difference.
    return Frame.around(
      points,
      mean,
      std.map((value, i) => value || fallback[i]),
      1e-10,
    );
  }

  /** The frame of points [n, d] with one scale for all columns, the root mean square of their deviations. */
  static isotropic(points: Float64Array, dim: number, fallback: Float64Array): Frame {
    const { mean, std } = columnMoments(points, dim);
    return Frame.around(points, mean, new Float64Array(dim).fill(rmsOf(std) || rmsOf(fallback)), 1e-20);
  }

  private static around(
    points: Float64Array,
    offset: Float64Array,
    scale: Float64Array,
    least: number,
  ): Frame {
    const whole = new Frame(offset, scale, null);
    const dim = offset.length;
    if (dim <= FEW_DIMENSIONS) return whole;
    const basis = spanOf(whole.of(points).inside, dim, least * dim);
    return basis ? new Frame(offset, scale, basis) : whole;
  }

  /** @param points [n, d] */
  of(points: Float64Array): Framed {
    const { dim, rank, offset, scale, basis } = this;
    const n = points.length / dim;
    const off = new Float64Array(n);
    if (!basis) return { inside: points.map((x, at) => (x - offset[at % dim]) / scale[at % dim]), off };
    const inside = new Float64Array(n * rank);
    const z = new Float64Array(dim);
    for (let row = 0; row < n; row++) {
      for (let i = 0; i < dim; i++) z[i] = (points[row * dim + i] - offset[i]) / scale[i];
      for (let k = 0; k < rank; k++) {
        let dot = 0;
        for (let i = 0; i < dim; i++) dot += basis[k * dim + i] * z[i];
        inside[row * rank + k] = dot;
      }
      // As the basis is orthonormal, what is left is subtracted rather than found as a difference of squares.
      for (let k = 0; k < rank; k++) {
        const own = inside[row * rank + k];
        for (let i = 0; i < dim; i++) z[i] -= own * basis[k * dim + i];
      }
      for (let i = 0; i < dim; i++) off[row] += z[i] * z[i];
    }
    return { inside, off };
  }

  /**
   * The point at y in the plane and `noise` off it, of which the part within the plane is taken away.
   * @param y [r]
   * @param noise [d] in the frame's units, written over; not looked at where there is no plane
   * @param out receives x at `at`
   */
  place(y: Float64Array, noise: Float64Array, out: Float64Array, at: number): void {
    const { dim, rank, offset, scale, basis } = this;
    if (!basis) {
      for (let i = 0; i < dim; i++) out[at + i] = offset[i] + scale[i] * y[i];
      return;
    }
    for (let k = 0; k < rank; k++) {
      let dot = 0;
      for (let i = 0; i < dim; i++) dot += basis[k * dim + i] * noise[i];
      for (let i = 0; i < dim; i++) noise[i] += (y[k] - dot) * basis[k * dim + i];
    }
    for (let i = 0; i < dim; i++) out[at + i] = offset[i] + scale[i] * noise[i];
  }

  tensors(): Tensors {
    const { dim, rank, offset, scale, basis } = this;
    const result: Tensors = new Map([
      ['offset', tensor(offset, dim)],
      ['scale', tensor(scale, dim)],
    ]);
    if (basis) result.set('basis', tensor(basis, rank, dim));
    return result;
  }

  /** @throws bad-checkpoint */
  static from(tensors: Tensors): Frame {
    const { shape, values } = tensorOf(tensors, 'offset', 1);
    const scale = positivesOf(tensors, 'scale', shape[0]);
    if (!tensors.has('basis')) return new Frame(values, scale, null);
    const basis = tensorOf(tensors, 'basis', 2);
    return new Frame(values, scale, valuesOf(tensors, 'basis', basis.shape[0], shape[0]));
  }
}
