import { badInput } from '../errors.js';
import { familyByName } from '../families/family.js';
import { type MlpConfig, STANDARD_MLP } from '../nn/mlp.js';
import { DEFAULT_OPTIMIZER, type OptimizerConfig } from '../nn/schedule.js';
import type { RunConfig, Transform } from './config.js';

/** What a caller may set; everything else has a default. */
export interface RunOptions {
  readonly family?: string | undefined;
  readonly data: RunConfig['data'];
  readonly transform: Transform;
  readonly network?: Partial<MlpConfig> | undefined;
  readonly interpolant?: Partial<RunConfig['interpolant']> | undefined;
  readonly optimizer?: Partial<OptimizerConfig> | undefined;
  readonly steps?: number | undefined;
  readonly batch?: number | undefined;
  readonly labelDropout?: number | undefined;
  readonly seed?: number | undefined;
}

export const DEFAULT_FAMILY = 'flow-matching';
export const DEFAULT_STEPS = 5000;
export const DEFAULT_BATCH = 1000;
export const DEFAULT_LABEL_DROPOUT = 0.1;

/** A complete config from what was set. @throws TributaryError('bad-input') for an unknown family */
export function runConfig(options: RunOptions): RunConfig {
  const family = familyByName(options.family ?? DEFAULT_FAMILY);
  const { data, transform, seed = 0 } = options;
  const { dim, classes } = data;
  return {
    format: 1,
    family: family.name,
    data,
    transform,
    network: { ...STANDARD_MLP, ...options.network, dim, outputs: dim, classes },
    interpolant: { ...family.interpolant, ...options.interpolant },
    optimizer: { ...DEFAULT_OPTIMIZER, ...options.optimizer },
    steps: options.steps ?? DEFAULT_STEPS,
    batch: options.batch ?? DEFAULT_BATCH,
    labelDropout: classes > 0 ? (options.labelDropout ?? DEFAULT_LABEL_DROPOUT) : 0,
    seed,
  };
}

/**
 * How points are brought to the base's scale: the user's own are centred and divided by one root-mean-square
 * deviation; known distributions are used as they are, so that their published numbers hold.
 * @param points [rows, dim]
 */
export function defaultTransform(points: Float64Array, dim: number, known: boolean): Transform {
  if (known) return { offset: new Array<number>(dim).fill(0), scale: 1 };
  const rows = points.length / dim;
  const offset = new Array<number>(dim).fill(0);
  for (let i = 0; i < points.length; i++) offset[i % dim] += points[i] / rows;
  let largest = 0;
  for (let i = 0; i < points.length; i++) largest = Math.max(largest, Math.abs(points[i] - offset[i % dim]));
  // All points the same: there is no scale to take out.
  if (largest === 0) return { offset, scale: 1 };
  // Relative to the largest deviation, whose square could overflow.
  let square = 0;
  for (let i = 0; i < points.length; i++) {
    square += ((points[i] - offset[i % dim]) / largest) ** 2 / points.length;
  }
  const scale = largest * Math.sqrt(square);
  if (!(scale > 1e-30 && scale < 1e30)) {
    badInput(`the points spread over ${scale}; rescale them to between 1e-30 and 1e30`);
  }
  return { offset, scale };
}
