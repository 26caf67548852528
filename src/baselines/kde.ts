import { badInput } from '../errors.js';
import { Frame } from './frame.js';
import type { FramedLaw } from './framed_law.js';
import { bestScale, type KernelPairs, leftOutRows } from './leave_one_out.js';
import { mixtureLaw, mixtureLawFrom } from './mixture_law.js';
import type { Tensors } from './tensors.js';
import { type ClassPoints, distinctPoints } from './training_points.js';

export interface KdeSettings {
  /** h, the kernels' standard deviation in the data's units; by leave-one-out likelihood if left out. */
  bandwidth?: number | undefined;
}

/** The kernels of points [m, r] as spheres of radius 1, seen from those that are left out. */
function kernelPairs(y: Float64Array, rank: number, dim: number, counts: Float64Array): KernelPairs {
  const m = counts.length;
  const rows = leftOutRows(m);
  const squares = new Float64Array(rows.length * m);
  rows.forEach((row, q) => {
    for (let j = 0; j < m; j++) {
      let sum = 0;
      for (let i = 0; i < rank; i++) sum += (y[row * rank + i] - y[j * rank + i]) ** 2;
      squares[q * m + j] = j === row ? Number.POSITIVE_INFINITY : sum;
    }
  });
  const total = counts.reduce((sum, count) => sum + count, 0);
  return { rows, counts, squares, levels: counts.map((count) => Math.log(count / total)), dim };
}

const facts = ({ scale }: Frame, _: number, rest: number) => ({
  bandwidth: scale[0] * Math.sqrt(rest),
});

/**
 * A kernel density estimate: an isotropic Gaussian of deviation h around every training point. Left to the data, h has
 * the greatest leave-one-out likelihood, all copies of a point being left out with it; a single point's h is the
 * deviation of the data of all classes, or 1. Source: Duin 1976.
 * @throws bad-input for a bandwidth that is not positive
 */
export function fitKde({ points, dim, fallback }: ClassPoints, { bandwidth }: KdeSettings = {}): FramedLaw {
  if (bandwidth !== undefined && !(bandwidth > 0 && bandwidth < Number.POSITIVE_INFINITY))
    badInput(`the bandwidth must be a positive number, got ${bandwidth}`);
  const frame = Frame.isotropic(points, dim, fallback);
  const { points: centres, counts } = distinctPoints(points, dim);
  const { inside: means } = frame.of(centres);
  const best = () => (counts.length === 1 ? 1 : bestScale(kernelPairs(means, frame.rank, dim, counts)).scale);
  const h = bandwidth === undefined ? best() : bandwidth / frame.scale[0];
  const variances = new Float64Array(counts.length).fill(h * h);
  const mixture = { dim: frame.rank, weights: counts, means, variances };
  return mixtureLaw(frame, mixture, h * h, facts);
}

/** @throws bad-checkpoint */
export const kdeFrom = (tensors: Tensors): FramedLaw => mixtureLawFrom(tensors, facts);
