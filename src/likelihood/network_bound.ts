import type { Backend } from '../backend/backend.js';
import { logVolume, toNetwork, type Units } from '../data/units.js';
import { badInput } from '../errors.js';
import { checkLabels } from '../model/conditions.js';
import type { LikelihoodBound } from '../model/likelihood.js';
import type { Model } from '../model/model.js';
import type { ParameterSource } from '../nn/parameters.js';
import { isDistilled, NO_FLOW } from '../samplers/trained_times.js';
import { NetworkVelocity, type NetworkVelocityOptions } from './network_velocity.js';
import { type SdeBoundOptions, sdeBound } from './sde_bound.js';

/**
 * The bound of the SDE ({@link sdeBound}) of a network, for points in the units of the data.
 * @param points [n·dim]
 * @param options the bound's, the network's, and the labels of a conditional model
 * @throws TributaryError('bad-input') for labels that do not fit, and for a distilled model
 */
export async function networkBound(
  engine: Backend,
  model: Model,
  parameters: ParameterSource,
  points: Float64Array,
  options: Omit<SdeBoundOptions, 'dim'> &
    NetworkVelocityOptions & { readonly units: Units; readonly labels?: Uint32Array },
): Promise<LikelihoodBound> {
  const { units, labels, field } = options;
  if (field !== undefined && isDistilled(field.range)) badInput(`there is no density: ${NO_FLOW}`);
  const { dim, classes } = model.network;
  if (classes > 0 && labels?.length !== points.length / dim)
    badInput(`a conditional model needs ${points.length / dim} labels`);
  if (model.conditions && labels) checkLabels(model.conditions, labels);
  const network = await NetworkVelocity.create(engine, model, parameters, options);
  try {
    const x = toNetwork(points, units);
    const bound = await sdeBound(
      (t, at, row) =>
        network.at(t, at, classes > 0 ? row.map((point) => (labels as Uint32Array)[point]) : undefined),
      x,
      { ...options, dim },
    );
    const volume = logVolume(units);
    return { ...bound, nats: bound.nats.map((value) => value - volume) };
  } finally {
    network.destroy();
  }
}
