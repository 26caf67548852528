import { GaussianMixture } from '../../src/data/mixture.js';
import {
  checkInterpolant,
  DEFAULT_INTERPOLANT,
  type InterpolantConfig,
  scheduleOf,
} from '../../src/interpolant/config.js';
import { gammaNames } from '../../src/interpolant/gammas.js';
import { type Head, headNames } from '../../src/interpolant/heads.js';
import { gaussianBaseOracle } from '../../src/interpolant/oracle.js';
import { pathNames } from '../../src/interpolant/paths.js';
import { fieldOf } from '../../src/samplers/field.js';
import type { HostField } from '../../src/samplers/integrate.js';
import { oracleField } from '../../src/samplers/oracle_field.js';
import { walk } from '../shared/walks.js';

/** N(2, 0.3²): no step of the grids that are walked hits its width by accident. */
export const MEAN = 2;
export const DEVIATION = 0.3;

export const TARGET = new GaussianMixture({
  dim: 1,
  weights: [1],
  means: Float64Array.of(MEAN),
  variances: Float64Array.of(DEVIATION ** 2),
  labels: [0],
});

/** Noises that all paths are followed from. */
export const NOISES = Float64Array.of(-1.5, 0.2, 1.1);

/** Heads alone and in pairs; what makes no model is left out by `checkInterpolant`. */
const HEADS = [
  ...headNames.map((head) => [head]),
  ...headNames.flatMap((first) =>
    headNames.filter((second) => second !== first).map((second) => [first, second]),
  ),
];

/** Trained ranges: all of time, and ends that were left out. */
const RANGES: Partial<InterpolantConfig>[] = [
  {},
  { timeMax: 1 - 1e-3 },
  { timeMax: 0.95 },
  { timeMin: 0.02, timeMax: 0.97 },
];

/** Where a path's own constants leave it little noise to start from, or much. */
const constants = (path: string): Partial<InterpolantConfig> => {
  if (path === 'edm') return { sigmaMin: 0.002, sigmaMax: 80 };
  return path === 've' ? { sigmaMin: 0.002, sigmaMax: 80 } : {};
};

export interface Case {
  readonly name: string;
  readonly config: InterpolantConfig;
  readonly oneSided: boolean;
  /** Whether all of time was trained, but for what is infinite there. */
  readonly whole: boolean;
}

/** Every path × γ × heads × range that makes a model, and leaves little to extrapolation: see `refusal.test.ts`. */
export const ALL: readonly Case[] = pathNames.flatMap((path) =>
  gammaNames.flatMap((gamma) =>
    HEADS.flatMap((heads) =>
      RANGES.flatMap((range, r): Case[] => {
        const config = {
          ...DEFAULT_INTERPOLANT,
          ...{ path, gamma, heads, sigmaData: 2, ...constants(path), ...range },
        } as InterpolantConfig;
        try {
          checkInterpolant(config);
          fieldOf(config);
        } catch {
          return [];
        }
        const name = `${path}, ${gamma}, ${heads.join(' + ')}${r > 0 ? `, t in [${config.timeMin}, ${config.timeMax}]` : ''}`;
        return [{ name, config, oneSided: gamma === 'none', whole: r === 0 }];
      }),
    ),
  ),
);

/** Every two of path, γ, heads and range that go together, on one side and on two; each path and γ over all of time. */
export const CASES = walk(ALL, ({ oneSided, whole, config: { path, gamma, heads, timeMin, timeMax } }) => {
  const [told, range] = [`${oneSided}, ${heads.join(' + ')}`, `${oneSided}, ${timeMin} to ${timeMax}`];
  return [
    `${path}, ${gamma}, ${whole}`,
    `${path}, ${told}`,
    `${path}, ${range}`,
    `${gamma}, ${told}`,
    `${gamma}, ${range}`,
    `${told}, ${range}`,
  ];
});

/**
 * A function that is affine in x at every time, told by two points and kept, for all solvers ask for the same times.
 * @throws Error where a third point says that it is not affine
 */
function affine(evaluate: NonNullable<HostField[Head]>): NonNullable<HostField[Head]> {
  const known = new Map<number, readonly [number, number]>();
  return (time, x, unlabelled) => {
    let line = known.get(time);
    if (line === undefined) {
      const [there, one, far] = evaluate(time, Float64Array.of(0, 1, -2), unlabelled);
      line = [there, one - there];
      // EDM's divides what is left of a difference by σ.
      if (Math.abs(there - 2 * line[1] - far) > 1e-10 + 1e-8 * (Math.abs(there) + Math.abs(line[1])))
        throw new Error(`not affine at ${time}: ${there}, ${one}, ${far}`);
      known.set(time, line);
    }
    const [offset, slope] = line;
    return x.map((value) => offset + slope * value);
  };
}

/** What perfect networks say: of a Gaussian everything is affine. */
export const hostOf = (config: InterpolantConfig): HostField =>
  Object.fromEntries(
    Object.entries(oracleField(config, gaussianBaseOracle(scheduleOf(config), TARGET))).map(
      ([head, evaluate]) => [head, affine(evaluate)],
    ),
  );

/** The same field, a little wrong: all that its networks say is off by `error`, of either sign by turns. */
export const bent = (host: HostField, error: number, turns: number): HostField =>
  Object.fromEntries(
    Object.entries(host).map(([head, evaluate]) => [
      head,
      (time: number, x: Float64Array, unlabelled: boolean) => {
        const sign = turns === 0 ? 1 : Math.sign(Math.sin(turns * time + 1));
        return evaluate(time, x, unlabelled).map((value) => value + sign * error);
      },
    ]),
  );

/** Where particles begin, α(0) z: what a sampler draws. */
export const startsOf = (config: InterpolantConfig): Float64Array => {
  const { alpha } = scheduleOf(config).at(0);
  const scale = config.path === 'mirror' ? 1 : alpha;
  return NOISES.map((z) => scale * z);
};

/**
 * Where the exact flow takes a start x: (x − m0)/√C0 is kept, for all interpolants between Gaussians are Gaussian. The
 * mirror's x0 is x1: its flow stands still from end to end.
 */
export function exactEnds(config: InterpolantConfig, starts: Float64Array): Float64Array {
  if (config.path === 'mirror') return starts.slice();
  const { alpha, beta } = scheduleOf(config).at(0);
  const deviation = Math.hypot(alpha, beta * DEVIATION);
  // A path that keeps some noise ends at N(m, s² + α²).
  const end = scheduleOf(config).at(1);
  const last = Math.hypot(end.beta * DEVIATION, end.alpha);
  return starts.map((x) => end.beta * MEAN + (last * (x - beta * MEAN)) / deviation);
}

export const rms = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.sqrt(Array.from(a).reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0) / a.length);
