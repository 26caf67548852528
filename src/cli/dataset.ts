import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { AmbientLift } from '../data/ambient.js';
import { type Dataset, datasetFromPoints, trainingSet } from '../data/dataset.js';
import { distributionByName } from '../data/registry.js';
import { badInput } from '../errors.js';
import type { RunConfig } from '../train/config.js';
import { loadPoints } from './points.js';

/** What `--data` and its companions ask for. */
export interface DataSpec {
  /** A known distribution's name, or the path of a .npy or .csv file. */
  readonly name: string;
  /** How many training points to draw from a known distribution. */
  readonly rows: number;
  readonly seed: number;
  /** Lift to this many dimensions; 0 for none. */
  readonly ambient: number;
  /** A known distribution's name or a file to draw x0 from; Gaussian if not given. */
  readonly base?: string | undefined;
}

/** A stream step of its own, so that base and data of one distribution are not the same points. */
const BASE_STEP = 1;

/** The base of a run in the transformed data's coordinates; undefined for a Gaussian one. */
export function basePoints({ data, seed, transform }: RunConfig): Float64Array | undefined {
  if (data.base === undefined) return undefined;
  const points = loadBase(data.base.file ?? data.base.name, data.base.rows, seed, data.dim);
  const { offset, scale } = transform;
  return points.map((value, i) => (value - offset[i % data.dim]) / scale);
}

/** Base points as given, [rows, dim]. */
export function loadBase(name: string, rows: number, seed: number, dim: number): Float64Array {
  const file = isFile(name);
  const distribution = file ? null : distributionByName(name);
  const loaded = distribution
    ? { points: distribution.sample(rows, seed, BASE_STEP).points, dim: distribution.dim }
    : loadPoints(name);
  if (loaded.dim !== dim) badInput(`the base ${name} is ${loaded.dim}-D, the data ${dim}-D; they must agree`);
  return loaded.points;
}

/** Whether `--data` names a file: it has a folder or one of the extensions. */
export const isFile = (name: string): boolean => /[/\\]|\.(npy|csv|txt|tsv)$/i.test(name);

/** @throws TributaryError('bad-input') or TributaryError('io') with one line that says what is wrong */
export function loadDataset(spec: DataSpec): Dataset {
  if (isFile(spec.name)) {
    if (spec.ambient > 0) badInput('--ambient lifts a known distribution, not a file of points');
    const { name, points, dim, labels } = loadPoints(spec.name);
    return datasetFromPoints(name, points, dim, labels);
  }
  const dataset = trainingSet(distributionByName(spec.name), spec.rows, spec.seed);
  if (spec.ambient === 0) return dataset;
  const lift = new AmbientLift(dataset.dim, spec.ambient, spec.seed);
  // The truth stays the distribution in its own plane; a lifted model is judged there.
  const { distribution: _, ...rest } = dataset;
  return { ...rest, dim: spec.ambient, points: lift.lift(dataset.points) };
}

/** The data of a run that exists. @throws TributaryError('bad-input') when the points are not the same any more */
export function datasetOf(config: RunConfig): Dataset {
  const { data, seed } = config;
  const dataset = loadDataset({ name: data.file ?? data.name, rows: data.rows, seed, ambient: data.ambient });
  if (digest(dataset) !== data.digest) {
    badInput(`the training points of ${data.file ?? data.name} have changed since the run began`);
  }
  const base = basePoints(config);
  return base ? { ...dataset, base } : dataset;
}

/** SHA-256 of points and labels. */
export function digest({ points, labels }: Dataset): string {
  const hash = createHash('sha256');
  hash.update(new Uint8Array(points.buffer, points.byteOffset, points.byteLength));
  hash.update(new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength));
  return hash.digest('hex');
}

function labelCounts({ labels, classes }: Dataset): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label]++;
  return counts;
}

/** Names and file of a data set, for a config. */
export function dataConfig(spec: DataSpec, dataset: Dataset, conditional: boolean): RunConfig['data'] {
  return {
    name: dataset.name,
    ...(isFile(spec.name) ? { file: resolve(spec.name) } : {}),
    rows: dataset.rows,
    dim: dataset.dim,
    ambient: spec.ambient,
    classes: conditional ? dataset.classes : 0,
    ...(conditional ? { labelCounts: labelCounts(dataset) } : {}),
    ...baseConfig(spec, dataset),
    digest: digest(dataset),
  };
}

/** As many base points as data, or a file's own. */
function baseConfig({ base, seed }: DataSpec, { rows, dim }: Dataset): Pick<RunConfig['data'], 'base'> {
  if (base === undefined) return {};
  const file = isFile(base) ? resolve(base) : null;
  const points = loadBase(base, rows, seed, dim);
  return { base: { name: base, ...(file ? { file } : {}), rows: points.length / dim } };
}
