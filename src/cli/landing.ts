import { AmbientLift } from '../data/ambient.js';
import { distributionByName } from '../data/registry.js';
import { toData } from '../data/units.js';
import { badInput } from '../errors.js';
import type { RunConfig } from '../model/run_config.js';

/** The lift of a run's data; null where they are as they were drawn. */
export function liftOf({ data, seed }: RunConfig): AmbientLift | null {
  if (data.ambient === 0) return null;
  return new AmbientLift(distributionByName(data.name).dim, data.ambient, seed);
}

/**
 * Where particles go when a sampler is done with them, a tile at a time: from the network's coordinates to the data's
 * own, and lifted ones to their plane, so that nothing is kept of many coordinates but how far off the plane they are.
 */
export class Landing {
  /** Coordinates of what is kept. */
  readonly dim: number;
  /** [n, dim] each: the frames in their order, and the last state. */
  readonly states: readonly Float64Array[];
  /** [n] squared distance of the last state from the plane, in the data's units; of lifted runs only. */
  readonly offPlane: Float64Array | undefined;
  private readonly lift: AmbientLift | null;

  /**
   * @param full whether lifted points are kept as they are
   * @throws TributaryError('bad-input') for `full` of a run that was not lifted
   */
  constructor(
    private readonly config: RunConfig,
    n: number,
    frames: number,
    private readonly full: boolean,
  ) {
    this.lift = liftOf(config);
    if (full && !this.lift)
      badInput(
        '--full keeps all coordinates of a run that was lifted by --ambient; this one was not: leave it out',
      );
    this.dim = this.lift && !full ? this.lift.dim : config.data.dim;
    this.states = Array.from({ length: frames + 1 }, () => new Float64Array(n * this.dim));
    this.offPlane = this.lift ? new Float64Array(n) : undefined;
  }

  readonly take = (values: Float64Array, first: number, state: number): void => {
    const points = toData(values, this.config.transform);
    if (this.lift && state === this.states.length - 1) this.offPlane?.set(this.lift.offPlane(points), first);
    this.states[state].set(this.lift && !this.full ? this.lift.project(points) : points, first * this.dim);
  };
}
