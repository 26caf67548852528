/** Families at equal means: the width at which a run's networks have as many trained parameters as are asked for. */
import { badInput } from '../errors.js';
import { mlpTensors } from '../nn/mlp_parameters.js';
import { elements } from '../nn/parameters.js';
import type { Setting } from '../settings.js';
import type { ModelShape } from './model.js';
import type { NetworkShape, RunConfig } from './run_config.js';

/** A count within this share of what is asked for is as good as equal. */
export const BUDGET_SHARE = 0.05;

/** How a budget is asked for. */
export const PARAMETERS_SETTING = {
  ...{ kind: 'number', whole: true, least: 1, most: 2 ** 48 },
  help: 'trained parameters to choose the widths by, within 5 %',
} as const satisfies Setting;

/** No network is made wider: its weights alone would be a terabyte. */
const WIDEST = 2 ** 20;

/** How many numbers are trained, counted tensor by tensor. */
export function parameterCount({ networks, parameters = [] }: ModelShape): number {
  const tensors = [...Object.values(networks).flatMap(mlpTensors), ...parameters];
  return tensors.reduce((sum, { shape }) => sum + elements(shape), 0);
}

/**
 * The same run with another hidden width; what else is a width, inside the blocks and in roles that have their own,
 * keeps its proportion.
 */
export function atWidth<R extends Pick<RunConfig, 'network' | 'networks'>>(run: R, hidden: number): R {
  const share = hidden / run.network.hidden;
  const wide = <N extends Partial<NetworkShape>>(network: N): N => ({
    ...network,
    ...Object.fromEntries(
      (['hidden', 'inner'] as const).flatMap((name) => {
        const width = network[name];
        return width === undefined ? [] : [[name, Math.max(1, Math.round(width * share))]];
      }),
    ),
  });
  const { networks } = run;
  return {
    ...run,
    network: wide(run.network),
    ...(networks === undefined
      ? {}
      : { networks: Object.fromEntries(Object.entries(networks).map(([role, own]) => [role, wide(own)])) }),
  };
}

/**
 * The run at the hidden width at which it has the number of trained parameters that is nearest to `budget`.
 * @param run whose other sizes stay
 * @param shapeOf what its model is made of
 * @throws TributaryError('bad-input') where no width from 1 on comes within 5 %, with the nearest
 */
export function atParameters<R extends RunConfig>(
  run: R,
  budget: number,
  shapeOf: (run: R) => ModelShape,
): R {
  const counts = new Map<number, number>();
  const countAt = (hidden: number): number => {
    const count = counts.get(hidden) ?? parameterCount(shapeOf(atWidth(run, hidden)));
    counts.set(hidden, count);
    return count;
  };
  const refuse = (nearest: string): never =>
    badInput(`${run.family} has no width of about ${budget} parameters (within 5 %): ${nearest}`);
  if (Object.keys(shapeOf(run).networks).length === 0) refuse('it has no network');
  // More of a width is never less of a count: the widest that stays within the budget, and the next.
  let [within, beyond] = [1, 2];
  while (countAt(beyond) <= budget && beyond < WIDEST) [within, beyond] = [beyond, 2 * beyond];
  if (countAt(beyond) === countAt(1)) refuse(`whatever its width it has ${countAt(1)}`);
  if (countAt(beyond) <= budget) refuse(`its widest, hidden ${beyond}, has ${countAt(beyond)}`);
  while (beyond - within > 1) {
    const middle = Math.floor((within + beyond) / 2);
    if (countAt(middle) <= budget) within = middle;
    else beyond = middle;
  }
  const off = (hidden: number) => Math.abs(countAt(hidden) - budget);
  const nearest = off(beyond) < off(within) ? beyond : within;
  if (off(nearest) > BUDGET_SHARE * budget) refuse(`the nearest, hidden ${nearest}, has ${countAt(nearest)}`);
  return atWidth(run, nearest);
}
