import { CounterRandom, STREAM } from '../random/random.js';
import { checkMlpConfig, inputWidth, type MlpConfig, narrowOf } from './mlp.js';
import { elements, type ParameterSpec } from './parameters.js';

/** A trained tensor of a network, and how it begins: uniform on ±`bound`, standard normal, or all ones. */
export interface MlpTensor extends Pick<ParameterSpec, 'name' | 'shape'> {
  readonly begins: { readonly bound: number } | 'normal' | 'ones';
}

/**
 * Names and shapes of the trained parameters. Linear layers start as PyTorch's do, uniform on ±1/√inputs; the label
 * table starts standard normal, gains at 1. A SwiGLU network's last layer starts at zero, so that training begins from
 * the constant 0; a SELU network is PyTorch's to the last layer, `layers.0` to `layers.blocks`. With a bottleneck
 * `narrow` and `widen` stand before and after all others; the last of all is what starts at zero.
 * @throws TributaryError('bad-input') naming the first size that makes no sense
 */
export function mlpTensors(config: MlpConfig): MlpTensor[] {
  checkMlpConfig(config);
  const {
    activation,
    dim,
    outputs,
    hidden,
    inner,
    blocks,
    classes,
    labelWidth,
    norm,
    bottleneck = 0,
  } = config;
  const narrow = narrowOf(config);
  const tensors: MlpTensor[] = [];
  const layer = (name: string, from: number, to: number, gain = 1) => {
    const begins = { bound: gain / Math.sqrt(from) };
    tensors.push({ name: `${name}.weight`, shape: [to, from], begins });
    tensors.push({ name: `${name}.bias`, shape: [to], begins });
  };
  // One row more than there are classes: the last means "no label".
  if (classes > 0) tensors.push({ name: 'label.weight', shape: [classes + 1, labelWidth], begins: 'normal' });
  if (narrow.point) layer('narrow', dim, bottleneck);
  const last = narrow.output ? bottleneck : outputs;
  const gain = activation === 'selu' ? 1 : (config.outputGain ?? 0);
  if (activation === 'selu') {
    for (let k = 0; k <= blocks; k++)
      layer(`layers.${k}`, k === 0 ? inputWidth(config) : hidden, k < blocks ? hidden : last);
  } else {
    layer('input', inputWidth(config), hidden);
    for (let k = 0; k < blocks; k++) {
      if (norm === 'rms') tensors.push({ name: `blocks.${k}.norm.weight`, shape: [hidden], begins: 'ones' });
      layer(`blocks.${k}.gate`, hidden, inner);
      layer(`blocks.${k}.up`, hidden, inner);
      layer(`blocks.${k}.down`, inner, hidden);
    }
    layer('output', hidden, last, narrow.output ? 1 : gain);
  }
  if (narrow.output) layer('widen', bottleneck, outputs, gain);
  return tensors;
}

/**
 * The trained parameters with their first values.
 * @param stream tells networks of one model apart
 */
export function mlpParameters(config: MlpConfig, seed: number, stream: number): ParameterSpec[] {
  const random = new CounterRandom(seed, STREAM.initialisation, 1000 + stream);
  const normals = new CounterRandom(seed, STREAM.initialisation, 2000 + stream);
  let used = 0;
  const uniform = (length: number, bound: number) => {
    const first = used;
    used += Math.ceil(length / 4) * 4;
    return Float64Array.from({ length }, (_, i) => bound * (2 * random.uniform(first + i) - 1));
  };
  const initial = (begins: MlpTensor['begins'], length: number) => {
    if (begins === 'ones') return new Float64Array(length).fill(1);
    if (begins === 'normal') return Float64Array.from({ length }, (_, i) => normals.normal(i));
    return uniform(length, begins.bound);
  };
  return mlpTensors(config).map(({ name, shape, begins }) => ({
    ...{ name, shape, initial: initial(begins, elements(shape)) },
  }));
}
