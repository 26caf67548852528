import { type Diffusion, diffusionOf } from './diffusion.js';
import type { Field } from './field.js';
import type { SolverTable } from './table.js';

/** Which ε(t) the steps of a table really use. */
export interface Stirring {
  /** The largest ε of a step. */
  readonly most: number;
  /** Steps in which ε is held down to what a step of that length can take without overshooting. */
  readonly held: number;
  /** Steps that take time: those that only correct are not among them. */
  readonly steps: number;
}

/** A step so short that it can take any ε. */
const SHORT = 1e-12;

/**
 * What became of the ε(t) that was asked for; see {@link diffusionOf} for the limit.
 * @param table of a solver that takes a diffusion, made with this one
 */
export function stirring(
  field: Field,
  diffusion: Diffusion,
  { times, noise }: Pick<SolverTable, 'times' | 'noise'>,
): Stirring {
  const epsilon = diffusionOf(field, diffusion);
  let [most, held, steps] = [0, 0, 0];
  noise.forEach((deviation, step) => {
    const h = Math.abs(times[step + 1] - times[step]);
    if (!(h > 0)) return;
    steps++;
    most = Math.max(most, deviation ** 2 / (2 * h));
    if (epsilon(times[step], h) < 0.999 * epsilon(times[step], SHORT)) held++;
  });
  return { most, held, steps };
}
