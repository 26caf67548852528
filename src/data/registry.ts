import { unknownName } from '../suggest.js';
import { corridor } from './corridor.js';
import type { Distribution } from './distribution.js';
import * as toys from './toys.js';

const builders: Record<string, () => Distribution> = {
  corridor,
  gaussian: toys.gaussian,
  'gaussian-2': toys.gaussian2,
  '8gaussians': toys.eightGaussians,
  moons: toys.moons,
  's-curve': toys.sCurve,
  checkerboard: toys.checkerboard,
  pinwheel: toys.pinwheel,
  rings: toys.rings,
  spirals: toys.spirals,
  'swiss-roll': toys.swissRoll,
  ring: toys.ring,
  grid: toys.grid,
};

/** Every distribution's name, in the order in which they are listed to users. */
export const distributionNames: readonly string[] = Object.keys(builders);

const built = new Map<string, Distribution>();

/**
 * The distribution of that name, always the same object: what is computed of it once serves all who judge by it.
 * Throws bad-input, with the nearest valid name, where there is none.
 */
export function distributionByName(name: string): Distribution {
  if (!distributionNames.includes(name)) unknownName('distribution', name, distributionNames);
  const distribution = built.get(name) ?? builders[name]();
  built.set(name, distribution);
  return distribution;
}
