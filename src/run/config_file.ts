import { badInput } from '../errors.js';
import { INTERPOLANT_FAMILY_SETTINGS } from '../families/interpolant/settings.js';
import { INTERPOLANT_SETTINGS } from '../interpolant/config.js';
import type { RunConfig } from '../model/run_config.js';
import { MLP_DESCRIPTION } from '../nn/mlp.js';
import { checkedFrom, type Description, entriesOf } from '../settings.js';
import { checkRunConfig } from './config.js';

/** What format 1 said of training on a model's own pairs. */
export const OLD_REFLOW = {
  rounds: { ...INTERPOLANT_FAMILY_SETTINGS.reflowRounds, usual: 1 },
  distil: INTERPOLANT_FAMILY_SETTINGS.distil,
} as const satisfies Description;

/**
 * A config of any format, or any part of one, in the present format. Format 1 had an interpolant and its reflow in place
 * of settings, and each network repeated the data's sizes.
 * @throws TributaryError('bad-input') where a part that is to be read is no object
 */
export function upgraded(config: object): object {
  const { format, interpolant, reflow, network, ...rest } = config as Record<string, unknown>;
  if (format !== undefined && format !== 1) return config;
  const old = interpolant !== undefined || reflow !== undefined || format === 1;
  const parts = (what: string, value: unknown, keys: readonly string[]) =>
    value === undefined ? {} : Object.fromEntries(entriesOf(what, value, keys));
  const { rounds = 1, distil = false } = parts('reflow', reflow, Object.keys(OLD_REFLOW));
  const settings = {
    // Format 1 left out what was not reflowed.
    ...(format === 1 ? { reflowRounds: 0, distil: false } : {}),
    ...parts('interpolant', interpolant, Object.keys(INTERPOLANT_SETTINGS)),
    ...(reflow === undefined ? {} : { reflowRounds: rounds, distil }),
    ...(rest.settings as object | undefined),
  };
  const {
    dim: _,
    outputs: __,
    classes: ___,
    ...shape
  } = parts('network', network, Object.keys(MLP_DESCRIPTION));
  return {
    ...rest,
    ...(format === 1 ? { format: 2 } : {}),
    ...(old ? { settings } : {}),
    ...(network === undefined ? {} : { network: shape }),
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
  if (!isRecord(parsed)) badInput(`${origin} is not the config of a run: it must be an object`);
  return checkedFrom(origin, () => {
    const config = upgraded(parsed as object) as RunConfig;
    checkRunConfig(config);
    return config;
  });
}
