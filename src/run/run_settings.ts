import { familyNames } from '../families/registry.js';
import { NETWORK_SETTINGS } from '../nn/mlp.js';
import { OPTIMIZER_SETTINGS } from '../nn/schedule.js';
import type { Description } from '../settings.js';

/** Far more than fits anywhere. */
const MOST_ROWS = 2 ** 31;
const MOST_COLUMNS = 2 ** 24;

/** A run's own numbers, beside what its network, its settings and its optimiser are. */
export const RUN_SETTINGS = {
  family: { kind: 'choice', usual: 'flow-matching', names: familyNames, help: 'what is trained' },
  steps: { kind: 'number', usual: 6500, whole: true, least: 1, most: 2 ** 31, help: 'training steps' },
  batch: { kind: 'number', usual: 1000, whole: true, least: 1, most: 2 ** 20, help: 'points a step' },
  /** Share of labels hidden in training, so that a conditional network also learns the whole. */
  labelDropout: {
    ...{ kind: 'number', usual: 0.1, least: 0, most: 1, zero: 'none' },
    help: 'share of labels hidden in training',
  },
  seed: {
    ...{ kind: 'number', usual: 0, whole: true, least: 0, most: Number.MAX_SAFE_INTEGER },
    help: 'seed of everything',
  },
} as const satisfies Description;

/** What a config holds besides, in objects of their own; what its settings are says its family. */
export const RUN_GROUPS = {
  network: NETWORK_SETTINGS,
  optimizer: OPTIMIZER_SETTINGS,
} as const satisfies Readonly<Record<string, Description>>;

/** Groups of which each role, each phase or each stage may have its own. */
export const RUN_TABLES = {
  networks: NETWORK_SETTINGS,
  optimizers: OPTIMIZER_SETTINGS,
} as const satisfies Readonly<Record<string, Description>>;

/** How the data of a run are described in its config. */
export const DATA_DESCRIPTION = {
  name: { kind: 'text', help: 'a known distribution, or a label for points' },
  file: { kind: 'text', optional: true, help: 'where the points came from' },
  header: {
    kind: 'choice',
    names: ['yes', 'no'],
    optional: true,
    help: 'whether its first line names columns',
  },
  columns: {
    ...{ kind: 'list', fewest: 0, most: MOST_COLUMNS, item: 'name', optional: true },
    each: { kind: 'text', help: 'a name' },
    help: 'names of the coordinates',
  },
  rows: { kind: 'number', whole: true, least: 1, most: MOST_ROWS, help: 'training points' },
  dim: { kind: 'number', whole: true, least: 1, most: MOST_COLUMNS, help: 'coordinates of a point' },
  ambient: {
    ...{ kind: 'number', whole: true, least: 0, most: MOST_COLUMNS, zero: 'none' },
    help: 'dimension that a known distribution was lifted to',
  },
  classes: {
    kind: 'number',
    whole: true,
    least: 0,
    most: MOST_COLUMNS,
    help: 'classes that the model is given',
  },
  labelCounts: {
    ...{ kind: 'list', fewest: 0, most: MOST_COLUMNS, item: 'count', optional: true },
    each: { kind: 'number', whole: true, least: 0, most: MOST_ROWS, help: 'points of a label' },
    help: 'how many points have each label',
  },
  digest: { kind: 'text', help: 'SHA-256 of the points and labels' },
} as const satisfies Description;

/** How a base of points is described there. */
export const BASE_DESCRIPTION = {
  name: DATA_DESCRIPTION.name,
  file: DATA_DESCRIPTION.file,
  rows: DATA_DESCRIPTION.rows,
  digest: { ...DATA_DESCRIPTION.digest, optional: true },
} as const satisfies Description;

/** Data are trained on as (x − offset)/scale. */
export const TRANSFORM_DESCRIPTION = {
  offset: {
    ...{ kind: 'list', fewest: 1, most: MOST_COLUMNS, item: 'number' },
    each: { kind: 'number', help: 'what is taken from a coordinate' },
    help: 'what is taken from each coordinate',
  },
  scale: { kind: 'number', above: 0, help: 'what all coordinates are divided by' },
} as const satisfies Description;
