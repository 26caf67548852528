/**
 * The clock: four unsigned integers on the device that say where a replayed plan is. A plan's calls are the
 * same in every run; what changes from step to step is looked up by the clock.
 */
export const CLOCK = {
  /** The global step, which random numbers are addressed by. */
  step: 0,
  /** The row of the per-step table that holds now: learning rates, or a solver's coefficients. */
  row: 1,
  /** The first particle of the tile at hand, so that noise does not depend on how a batch is tiled. */
  particle: 2,
} as const;

export const CLOCK_LENGTH = 4;
