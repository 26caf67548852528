import { badInput, TributaryError } from '../errors.js';
import type { RunConfig } from '../model/run_config.js';
import { checkRunConfig } from './config.js';

/** What format 1 kept in other places: the settings were an interpolant's, and each network repeated the data's sizes. */
interface Format1 {
  readonly format?: unknown;
  readonly interpolant?: object;
  readonly reflow?: { readonly rounds?: unknown; readonly distil?: unknown };
  readonly network?: object;
}

/** A config of any format, or any part of one, in the present format: what it says is not looked at. */
export function upgraded(config: object): object {
  const { format, interpolant, reflow, network, ...rest } = config as Format1;
  if (format === 2) return config;
  if (format !== undefined && format !== 1) return config;
  const old = interpolant !== undefined || reflow !== undefined || format === 1;
  const reflowed = reflow && { reflowRounds: reflow.rounds ?? 1, distil: reflow.distil ?? false };
  const settings = {
    // Format 1 left out what was not reflowed.
    ...(format === 1 ? { reflowRounds: 0, distil: false } : {}),
    ...interpolant,
    ...reflowed,
    ...(rest as { settings?: object }).settings,
  };
  const { dim: _, outputs: __, classes: ___, ...shape } = (network ?? {}) as Record<string, unknown>;
  return {
    ...rest,
    ...(format === 1 ? { format: 2 } : {}),
    ...(old ? { settings } : {}),
    ...(network === undefined ? {} : { network: format === 1 ? shape : network }),
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A run's config from text, of any format.
 * @param origin what to call the text in an error
 * @throws TributaryError('bad-input') when it is not one, with the first thing that is wrong
 */
export function parseRunConfig(text: string, origin: string): RunConfig {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    badInput(`${origin} is not JSON: ${(error as Error).message}`);
  }
  if (!isRecord(parsed)) badInput(`${origin} is not the config of a run (it is no object)`);
  try {
    const config = upgraded(parsed) as RunConfig;
    checkRunConfig(config);
    return config;
  } catch (error) {
    if (error instanceof TributaryError) badInput(`${origin}: ${error.message}`);
    badInput(`${origin} is not the config of a run (${(error as Error).message})`);
  }
}
