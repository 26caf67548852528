import { INTERPOLANT_SETTINGS } from '../../interpolant/config.js';
import type { RunConfig } from '../../model/run_config.js';
import type { Description, SettingsOf } from '../../settings.js';

/** What an interpolant family's objective is made of. */
export const INTERPOLANT_FAMILY_SETTINGS = {
  ...INTERPOLANT_SETTINGS,
  /** Times that the model is trained on the pairs (x0, x1) that it has made itself (arXiv 2209.03003). */
  reflowRounds: {
    ...{ kind: 'number', usual: 0, whole: true, least: 0, most: 100, zero: 'none' },
    help: 'times that the model is trained on its own pairs',
  },
  /** Whether a last round trains only t = 0, so that one Euler step samples. */
  distil: { kind: 'flag', usual: false, help: 'whether a last round trains t = 0 alone, for one step' },
} as const satisfies Description;

export interface InterpolantSettings extends SettingsOf<typeof INTERPOLANT_FAMILY_SETTINGS> {}

/** The run of an interpolant family. */
export type InterpolantRun = RunConfig<InterpolantSettings>;
