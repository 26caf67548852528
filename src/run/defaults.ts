import { canonicalOrder, orderedRows } from '../data/canonical.js';
import type { Units } from '../data/units.js';
import { badInput } from '../errors.js';
import type { InterpolantSettings } from '../families/interpolant/settings.js';
import { familyByName } from '../families/registry.js';
import type { DataScale, NetworkShape, RunConfig } from '../model/run_config.js';
import { STANDARD_MLP } from '../nn/mlp.js';
import { DEFAULT_OPTIMIZER, type OptimizerConfig } from '../nn/schedule.js';
import { permuted } from '../random/permutation.js';
import { STREAM, seedKey } from '../random/random.js';
import { entriesOf, usualOf } from '../settings.js';
import { RUN_GROUPS, RUN_SETTINGS, RUN_TABLES } from './run_settings.js';

/** What a caller may set; everything else has a default. */
export interface RunOptions<S extends object = InterpolantSettings> {
  readonly family?: string | undefined;
  readonly data: RunConfig['data'];
  readonly transform: Units;
  readonly network?: Partial<NetworkShape> | undefined;
  readonly networks?: RunConfig['networks'];
  /** What differs from the family's own. */
  readonly settings?: Partial<NoInfer<S>> | undefined;
  readonly optimizer?: Partial<OptimizerConfig> | undefined;
  readonly optimizers?: RunConfig['optimizers'];
  readonly steps?: number | undefined;
  readonly stages?: RunConfig['stages'];
  readonly batch?: number | undefined;
  readonly labelDropout?: number | undefined;
  readonly seed?: number | undefined;
  /** How widely the transformed data spread; recipes choose noise levels by it. 1 if not given. */
  readonly scale?: DataScale | undefined;
}

const DEFAULT_RUN = usualOf(RUN_SETTINGS);

/** Keys of {@link RunOptions}. */
const OPTIONS = [
  ...['data', 'transform', 'scale', 'settings', 'stages'],
  ...Object.keys(RUN_GROUPS),
  ...Object.keys(RUN_TABLES),
  ...Object.keys(RUN_SETTINGS),
];

/**
 * A complete config from what was set.
 * @typeParam S the family's settings: an interpolant's if not said
 * @throws TributaryError('bad-input') for an unknown key or family; what is set is checked by `checkRunConfig`
 */
export function runConfig<S extends object = InterpolantSettings>(options: RunOptions<S>): RunConfig<S> {
  entriesOf('', options, OPTIONS);
  for (const [group, settings] of Object.entries(RUN_GROUPS)) {
    const given = options[group as keyof typeof RUN_GROUPS];
    if (given !== undefined) entriesOf(group, given, Object.keys(settings));
  }
  const family = familyByName(options.family ?? DEFAULT_RUN.family);
  if (options.settings !== undefined) entriesOf('settings', options.settings, Object.keys(family.settings));
  const { data, transform, seed = DEFAULT_RUN.seed, scale = { sigma: 1, spread: 1, distance: 0 } } = options;
  const { networks, optimizers, stages } = options;
  return {
    format: 2,
    family: family.name,
    data,
    transform,
    settings: { ...family.usual(scale), ...options.settings } as S,
    network: { ...STANDARD_MLP, ...options.network },
    ...(networks ? { networks } : {}),
    optimizer: { ...DEFAULT_OPTIMIZER, ...options.optimizer },
    ...(optimizers ? { optimizers } : {}),
    steps: options.steps ?? DEFAULT_RUN.steps,
    ...(stages ? { stages } : {}),
    batch: options.batch ?? DEFAULT_RUN.batch,
    labelDropout: data.classes > 0 ? (options.labelDropout ?? DEFAULT_RUN.labelDropout) : 0,
    seed,
  };
}

/**
 * How points are brought to the base's scale: the user's own, and distributions lifted to more dimensions, are
 * centred and divided by one root-mean-square deviation; known distributions are used as they are, so that their
 * published numbers hold. The same points in any order give the same bits.
 * @param given [rows, dim]
 */
export function defaultTransform(given: Float64Array, dim: number, known: boolean): Units {
  if (known) return { offset: new Array<number>(dim).fill(0), scale: 1 };
  const rows = given.length / dim;
  const points = orderedRows(given, dim, canonicalOrder([{ values: given, dim }]));
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

/** Rows that the spread is measured on at most. */
const SPREAD_ROWS = 2000;

/** The largest variance is found by power iteration until it changes by less than this share. */
const SETTLED = 1e-6;
const MOST_ITERATIONS = 1000;

/**
 * How widely points spread after their transform. The same points in any order give the same bits: sums run, and the
 * rows that stand for many are drawn, along an order that only their values fix.
 * @param points [rows, dim], as given
 */
export function dataScale(points: Float64Array, { offset, scale }: Units): DataScale {
  const dim = offset.length;
  const order = canonicalOrder([{ values: points, dim }]);
  const all = order.length;
  const at = (row: number, j: number) => (points[row * dim + j] - offset[j]) / scale;
  let square = 0;
  const centre = new Float64Array(dim);
  for (const row of order)
    for (let j = 0; j < dim; j++) {
      square += at(row, j) ** 2 / (all * dim);
      centre[j] += at(row, j) / all;
    }
  const distance = Math.sqrt(centre.reduce((sum, value) => sum + value * value, 0));
  const sigma = Math.sqrt(square);
  const rows = Math.min(SPREAD_ROWS, all);
  const drawn =
    rows === all
      ? order
      : Uint32Array.from({ length: rows }, (_, k) => order[permuted(k, all, seedKey(0), STREAM.data, 0)]);
  const x = Float64Array.from({ length: rows * dim }, (_, i) => at(drawn[Math.floor(i / dim)], i % dim));
  const mean = new Float64Array(dim);
  for (let i = 0; i < x.length; i++) mean[i % dim] += x[i] / rows;
  for (let i = 0; i < x.length; i++) x[i] -= mean[i % dim];
  // The covariance's largest eigenvalue by power iteration, through the points and not through the matrix.
  let direction: Float64Array = Float64Array.from({ length: dim }, (_, j) => 1 + 0.1 * Math.cos(j));
  let variance = 0;
  for (let k = 0; k < MOST_ITERATIONS; k++) {
    const next = new Float64Array(dim);
    for (let row = 0; row < rows; row++) {
      let dot = 0;
      for (let j = 0; j < dim; j++) dot += x[row * dim + j] * direction[j];
      for (let j = 0; j < dim; j++) next[j] += (dot * x[row * dim + j]) / rows;
    }
    const length = Math.sqrt(next.reduce((sum, value) => sum + value * value, 0));
    if (length === 0) break;
    const settled = Math.abs(length - variance) <= SETTLED * length;
    variance = length;
    if (settled) break;
    direction = next.map((value) => value / length);
  }
  const spread = variance > 0 ? Math.sqrt(variance) : 1;
  return { sigma: sigma > 0 ? sigma : 1, spread, distance };
}
