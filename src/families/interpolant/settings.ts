import type { InterpolantConfig } from '../../interpolant/config.js';
import type { RunConfig } from '../../model/run_config.js';

/** What an interpolant family's objective is made of. */
export interface InterpolantSettings extends InterpolantConfig {
  /** Times that the model is trained on the pairs (x0, x1) that it has made itself (arXiv 2209.03003). */
  readonly reflowRounds: number;
  /** Whether a last round trains only t = 0, so that one Euler step samples. */
  readonly distil: boolean;
}

/** The run of an interpolant family. */
export type InterpolantRun = RunConfig<InterpolantSettings>;
