import type { MlpConfig } from '../nn/mlp.js';
import type { RunConfig } from './run_config.js';

/** What a network maps, where it is not from a point of the data at a time, given its label. */
export interface NetworkSpec {
  /** Width of a point; the data's if not given. */
  readonly dim?: number;
  readonly outputs: number;
  /** Whether it is told the label of a conditional run; it is if not given. */
  readonly labelled?: boolean;
}

/** The network of a role: the run's shape, and what differs from it in that role. */
export function networkOf(
  { network, networks, data }: RunConfig,
  { dim = data.dim, outputs, labelled = true }: NetworkSpec,
  role?: string,
): MlpConfig {
  const own = role === undefined ? {} : networks?.[role];
  return { ...network, ...own, dim, outputs, classes: labelled ? data.classes : 0 };
}
