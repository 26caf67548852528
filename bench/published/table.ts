/** What was published, and how its data are drawn. */
import { distributionByName } from '../../src/data/registry.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';

/** Mean and standard deviation over five seeds. */
export type Published = readonly [mean: number, std: number];

export interface Cell {
  readonly w2: Published;
  /** Normalised path energy, where it was published. */
  readonly npe?: number;
}

export const METHODS = ['ot-cfm', 'i-cfm', 'sf2m', 'rf', 'fm'] as const;
export type Method = (typeof METHODS)[number];

export const TARGETS = ['8gaussians', 'moons', 's-curve'] as const;
export type Target = (typeof TARGETS)[number];

/** Tong et al., "Simulation-free Schrödinger bridges via score and flow matching", arXiv 2307.03672, table 2. */
export const PUBLISHED: { readonly [M in Method]: { readonly [T in Target]: Cell } } = {
  'ot-cfm': {
    '8gaussians': { w2: [0.303, 0.043], npe: 0.031 },
    moons: { w2: [0.13, 0.016], npe: 0.083 },
    's-curve': { w2: [0.144, 0.028] },
  },
  'i-cfm': {
    '8gaussians': { w2: [0.373, 0.103], npe: 0.202 },
    moons: { w2: [0.178, 0.014], npe: 0.891 },
    's-curve': { w2: [0.242, 0.141] },
  },
  sf2m: {
    '8gaussians': { w2: [0.275, 0.058], npe: 0.016 },
    moons: { w2: [0.124, 0.023], npe: 0.053 },
    's-curve': { w2: [0.128, 0.005] },
  },
  rf: {
    '8gaussians': { w2: [0.421, 0.071], npe: 0.044 },
    moons: { w2: [0.283, 0.045], npe: 0.13 },
    's-curve': { w2: [0.345, 0.079] },
  },
  fm: {
    '8gaussians': { w2: [0.343, 0.058], npe: 0.19 },
    moons: { w2: [0.209, 0.055], npe: 0.762 },
    's-curve': { w2: [0.198, 0.037] },
  },
};

/**
 * n points of a target as the table's authors draw them. `moons` is scikit-learn's make_moons to the letter, halves of
 * equal size at evenly spaced angles, which the distribution of that name draws at random instead: two sets of 10 000
 * are then 0.029 apart and not 0.045. The other two are the distributions of their names.
 * @param step tells draws of one seed apart
 */
export function drawTarget(target: Target, n: number, seed: number, step: number): Float64Array {
  if (target !== 'moons') return distributionByName(target).sample(n, seed, step).points;
  const random = new CounterRandom(seed, STREAM.data, step);
  const half = n >> 1;
  return Float64Array.from({ length: 2 * n }, (_, at) => {
    const row = at >> 1;
    const upper = row < half;
    const angle = (Math.PI * (upper ? row : row - half)) / ((upper ? half : n - half) - 1);
    const [x, y] = upper
      ? [2 * Math.cos(angle) - 1, 2 * Math.sin(angle)]
      : [1 - 2 * Math.cos(angle), 1 - 2 * Math.sin(angle)];
    return (at % 2 === 0 ? x : y) + 0.1 * random.normal(at);
  });
}
