import { AmbientLift } from '../data/ambient.js';
import { distributionByName } from '../data/registry.js';
import { toNetwork } from '../data/units.js';
import { badInput } from '../errors.js';
import type { RunConfig } from '../model/run_config.js';
import { sha256 } from './digest.js';
import { readFileOrExplain } from './files.js';
import { type HeaderChoice, loadPoints } from './points.js';
import type { Start } from './sample_run.js';

/** What a run begins at, and a line on what was read of the file. */
export interface LoadedStart extends Start {
  readonly rows: number;
  readonly reading: string;
}

/**
 * Starting points from a file, which holds them as `sample` writes them: in the units of the data at both ends of time.
 * Data of a lifted distribution may lie in its plane; noise does not.
 * @throws TributaryError('bad-input') for columns that the model does not move
 */
export function loadStart(
  file: string,
  { data, transform, seed }: RunConfig,
  { backward = false, full = false, header }: StartOptions,
): LoadedStart {
  const { points, dim, rows, labels, reading } = loadPoints(file, header);
  const of = { labels, file, rows, reading, sha256: sha256(readFileOrExplain(file)) };
  const plane = data.ambient > 0 ? distributionByName(data.name).dim : data.dim;
  if (data.ambient > 0 && dim === plane && (dim < data.dim || !full)) {
    if (!backward)
      badInput(
        `${file} has ${dim} columns; noise fills all ${data.dim} dimensions, as sample --backward writes it`,
      );
    if (full) badInput(`${file} has ${dim} columns; with --full give all ${data.dim}`);
    return { ...of, points: toNetwork(new AmbientLift(plane, data.ambient, seed).lift(points), transform) };
  }
  if (dim !== data.dim) badInput(`${file} has ${dim} columns; this model moves points of ${data.dim}`);
  return { ...of, points: toNetwork(points, transform) };
}

interface StartOptions {
  readonly backward?: boolean | undefined;
  readonly full?: boolean | undefined;
  readonly header?: HeaderChoice | undefined;
}
