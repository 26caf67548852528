import { resolve } from 'node:path';
import { AmbientLift } from '../data/ambient.js';
import { canonicalOrder, orderedRows, type Rows } from '../data/canonical.js';
import { type Dataset, datasetFromPoints, trainingSet } from '../data/dataset.js';
import { distributionByName } from '../data/registry.js';
import { toNetwork } from '../data/units.js';
import { badInput } from '../errors.js';
import { isInterpolant } from '../families/registry.js';
import type { RunConfig } from '../model/run_config.js';
import { sha256 } from './digest.js';
import { type HeaderChoice, loadPoints } from './points.js';

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
  /** Whether the first line of a .csv names its columns; told from the line if not given. */
  readonly header?: HeaderChoice | undefined;
  /** Whether row i of the base belongs to row i of the data. */
  readonly paired?: boolean;
}

/** A data set and its base, both in the units of the data, with what there is to say about the files. */
export interface LoadedData {
  readonly dataset: Dataset;
  /** The same in the order of the file, in which runs were trained before the order was fixed. */
  readonly asGiven: Dataset;
  /** [m, dim]; undefined for a Gaussian base */
  readonly base: Float64Array | undefined;
  /** A line for each file: what was read of it. */
  readonly readings: readonly string[];
  readonly columns: readonly string[] | undefined;
}

/** A stream step of its own, so that base and data of one distribution are not the same points. */
const BASE_STEP = 1;

/** Whether `--data` names a file: it has a folder or one of the extensions. */
export const isFile = (name: string): boolean => /[/\\]|\.(npy|csv|txt|tsv)$/i.test(name);

/** The base points that samples start from, in the network's coordinates; undefined for a Gaussian base. */
export function basePoints({ data, seed, transform }: RunConfig): Float64Array | undefined {
  if (data.base === undefined) return undefined;
  const { name, file, rows } = data.base;
  const { points } = loadBase(file ?? name, rows, seed, data.dim, data.header);
  const ordered = file === undefined ? points : inOrder({ values: points, dim: data.dim })[0];
  checkBase(data.base, ordered);
  return toNetwork(ordered, transform);
}

/** Base points as given, [rows, dim]. */
function loadBase(name: string, rows: number, seed: number, dim: number, header?: HeaderChoice) {
  const distribution = isFile(name) ? null : distributionByName(name);
  const loaded = distribution
    ? { points: distribution.sample(rows, seed, BASE_STEP).points, dim: distribution.dim }
    : loadPoints(name, header);
  if (loaded.dim !== dim) badInput(`the base ${name} is ${loaded.dim}-D, the data ${dim}-D; they must agree`);
  return { points: loaded.points, reading: 'reading' in loaded ? loaded.reading : undefined };
}

/** Rows that belong together, in the order that their values fix. */
function inOrder<T extends Float64Array | Uint32Array>(...parts: (Rows & { readonly values: T })[]): T[] {
  const order = canonicalOrder(parts);
  return parts.map(({ values, dim }) => orderedRows(values, dim, order));
}

/**
 * The data of a run with its base. Rows of files come in an order that only their values fix, labels and paired base
 * points with them, so that nothing of a run depends on the order in the file.
 * @throws TributaryError('bad-input') or TributaryError('io') with one line that says what is wrong
 */
export function loadData(spec: DataSpec): LoadedData {
  const { name, rows, seed, ambient, header, base: baseName, paired = false } = spec;
  const file = isFile(name);
  if (file && ambient > 0) badInput('--ambient lifts a known distribution, not a file of points');
  const loaded = file ? loadPoints(name, header) : undefined;
  const given = loaded
    ? datasetFromPoints(loaded.name, loaded.points, loaded.dim, loaded.labels)
    : knownDataset(spec);
  const { dim } = given;
  const base = baseName === undefined ? undefined : loadBase(baseName, rows, seed, dim, header);
  const readings = [loaded?.reading, base?.reading].flatMap((line) => (line === undefined ? [] : [line]));
  const baseFile = baseName !== undefined && isFile(baseName);
  // Pairs stay pairs, if both sides can be moved.
  const together = paired && file && baseFile && base?.points.length === given.points.length;
  const dataset = file ? { ...given } : given;
  let source = base?.points;
  if (file) {
    const order = canonicalOrder([
      { values: given.points, dim },
      { values: given.labels, dim: 1 },
      ...(together && source ? [{ values: source, dim }] : []),
    ]);
    dataset.points = orderedRows(given.points, dim, order);
    dataset.labels = orderedRows(given.labels, 1, order);
    if (together && source) source = orderedRows(source, dim, order);
  }
  // Which point of a known distribution a row of a file belongs to is said by its place alone.
  if (source && baseFile && !paired) [source] = inOrder({ values: source, dim });
  return { dataset, asGiven: given, base: source, readings, columns: loaded?.columns };
}

function knownDataset({ name, rows, seed, ambient }: DataSpec): Dataset {
  const dataset = trainingSet(distributionByName(name), rows, seed);
  if (ambient === 0) return dataset;
  const lift = new AmbientLift(dataset.dim, ambient, seed);
  // The truth stays the distribution in its own plane; a lifted model is judged there.
  const { distribution: _, ...rest } = dataset;
  return { ...rest, dim: ambient, points: lift.lift(dataset.points) };
}

/** Whether row k of the base belongs to row k of the data. */
const isPaired = (config: RunConfig): boolean =>
  isInterpolant(config) && config.settings.coupling === 'paired';

/** What to load for a run that exists. */
const specOf = (config: RunConfig): DataSpec => ({
  ...{ name: config.data.file ?? config.data.name, rows: config.data.rows, seed: config.seed },
  ambient: config.data.ambient,
  ...{ base: config.data.base?.file ?? config.data.base?.name, header: config.data.header },
  paired: isPaired(config),
});

/** The data of a run that exists. @throws TributaryError('bad-input') when the points are not the same any more */
export function datasetOf(config: RunConfig): Dataset {
  const { data, transform } = config;
  const { dataset: ordered, asGiven, base } = loadData(specOf(config));
  const known = digest(ordered, pairs(specOf(config), base)) === data.digest;
  const dataset = known ? ordered : asGiven;
  // Pairs would come apart.
  if (!known && (isPaired(config) || digest(asGiven) !== data.digest)) {
    badInput(`the training points of ${data.file ?? data.name} have changed since the run began`);
  }
  if (base === undefined) return dataset;
  if (data.base?.file !== undefined) checkBase(data.base, inOrder({ values: base, dim: data.dim })[0]);
  return { ...dataset, base: toNetwork(base, transform) };
}

/** @param points in their canonical order */
function checkBase(
  { name, file, digest: known }: NonNullable<RunConfig['data']['base']>,
  points: Float64Array,
): void {
  if (known !== undefined && sha256(points) !== known)
    badInput(`the base points of ${file ?? name} have changed since the run began`);
}

/** SHA-256 of points and labels, and of base points that belong to them row by row. */
const digest = ({ points, labels }: Dataset, pairs?: Float64Array): string =>
  sha256(points, labels, ...(pairs ? [pairs] : []));

/** The base of a spec whose rows belong to those of the data: those of a file, for others follow from the seed. */
const pairs = ({ paired, base }: DataSpec, points: Float64Array | undefined) =>
  paired && base !== undefined && isFile(base) ? points : undefined;

function labelCounts({ labels, classes }: Dataset): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label]++;
  return counts;
}

/** Names and file of a data set, for a config. */
export function dataConfig(
  spec: DataSpec,
  { dataset, base, columns }: LoadedData,
  conditional: boolean,
): RunConfig['data'] {
  const file = isFile(spec.name);
  return {
    name: dataset.name,
    ...(file ? { file: resolve(spec.name) } : {}),
    ...(spec.header === undefined ? {} : { header: spec.header }),
    ...(columns ? { columns } : {}),
    rows: dataset.rows,
    dim: dataset.dim,
    ambient: spec.ambient,
    classes: conditional ? dataset.classes : 0,
    ...(conditional ? { labelCounts: labelCounts(dataset) } : {}),
    ...baseConfig(spec.base, base, dataset.dim),
    digest: digest(dataset, pairs(spec, base)),
  };
}

/** As many base points as data, or a file's own. */
function baseConfig(
  name: string | undefined,
  points: Float64Array | undefined,
  dim: number,
): Pick<RunConfig['data'], 'base'> {
  if (name === undefined || points === undefined) return {};
  const rows = points.length / dim;
  if (!isFile(name)) return { base: { name, rows } };
  return {
    base: { name, file: resolve(name), rows, digest: sha256(inOrder({ values: points, dim })[0]) },
  };
}
