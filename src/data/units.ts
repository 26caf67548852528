/** How data x are seen by a network: (x − offset)/scale, one scale for all coordinates. */
export interface Units {
  /** [dim] */
  readonly offset: readonly number[];
  readonly scale: number;
}

/*
 * The two coordinates in which points are known. The data's own: those of every file, at every time, noise included,
 * x_data = offset + scale · x. The network's: those that a `Sampler` moves points in and a model is trained in; there
 * the base of a one-sided interpolant is N(0, α(0)² I).
 */

/** From the units of the data to the network's coordinates, (x − offset)/scale. @param points [n, dim] */
export function toNetwork(points: Float64Array, { offset, scale }: Units): Float64Array {
  return points.map((value, i) => (value - offset[i % offset.length]) / scale);
}

/** From the network's coordinates to the units of the data, offset + scale·x. @param points [n, dim] */
export function toData(points: Float64Array, { offset, scale }: Units): Float64Array {
  return points.map((value, i) => value * scale + offset[i % offset.length]);
}

/** What ln p loses from the network's coordinates to the data's: d·ln scale, nats. */
export const logVolume = ({ offset, scale }: Units): number => offset.length * Math.log(scale);
