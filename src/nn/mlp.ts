import type { Backend } from '../backend/backend.js';
import { networkLayout } from '../backend/contracts/fused.js';
import { DeviceArray } from '../backend/kernel.js';
import { badInput } from '../errors.js';
import { CounterRandom, STREAM } from '../random/random.js';
import { checkSettings, type Description, type SettingsOf, usualOf } from '../settings.js';
import { selu, swiglu } from './ops/activation.js';
import { writeEmbedding, writeFourierFeatures } from './ops/features.js';
import { type LinearLayer, linear } from './ops/linear.js';
import { elements, type ParameterSource, type ParameterSpec } from './parameters.js';
import type { Tape, Tensor } from './tape.js';

/** What a network is made of. */
export const ACTIVATIONS = ['swiglu', 'selu'] as const;

/** Far more than fits anywhere. */
const WIDEST = 2 ** 24;

/**
 * The backbone of every family: a residual MLP of SwiGLU blocks (Shazeer, arXiv 2002.05202), or the plain MLP with
 * SELU (Klambauer et al., arXiv 1706.02515) that published tables of toys use. What may be chosen of it; the defaults
 * are the standard network of the project in 2-D, `3 → 128 → 2 blocks × (128 → 2·256 → 128) → 2` plus features.
 */
export const NETWORK_SETTINGS = {
  /** `swiglu` if not given. */
  activation: {
    ...{ kind: 'choice', usual: 'swiglu', names: ACTIVATIONS, optional: true },
    help: 'residual SwiGLU blocks, or plain SELU layers',
  },
  /** Width of the residual stream, or of a SELU network's layers. */
  hidden: { kind: 'number', usual: 128, whole: true, least: 1, most: WIDEST, help: 'width of the network' },
  /** Width inside a block; a SELU network has none. */
  inner: { kind: 'number', usual: 256, whole: true, least: 1, most: WIDEST, help: 'width inside a block' },
  /** Blocks, or hidden layers of a SELU network. */
  blocks: { kind: 'number', usual: 2, whole: true, least: 0, most: 1000, help: 'SwiGLU blocks' },
  /** Random Fourier features of the point: how many, and the standard deviation of their frequencies. */
  pointFrequencies: {
    ...{ kind: 'number', usual: 32, whole: true, least: 0, most: WIDEST, zero: 'none' },
    help: 'random Fourier features of the point',
  },
  pointFrequencyScale: {
    ...{ kind: 'number', usual: 0.5, least: 0 },
    help: 'standard deviation of their frequencies',
  },
  /** Fourier features of the time: cos and sin of 2π·k·t/2 for k = 1 … this many. */
  timeFrequencies: {
    ...{ kind: 'number', usual: 4, whole: true, least: 0, most: WIDEST, zero: 'none' },
    help: 'Fourier features of the time',
  },
  /** Width of a label's embedding. */
  labelWidth: {
    ...{ kind: 'number', usual: 16, whole: true, least: 0, most: WIDEST },
    help: 'width of a label’s embedding',
  },
} as const satisfies Description;

/** What a network's data say of it. */
const NETWORK_SHAPE = {
  /** Width of a point. */
  dim: { kind: 'number', whole: true, least: 1, most: WIDEST, help: 'width of a point' },
  /** Width of the output. */
  outputs: { kind: 'number', whole: true, least: 1, most: WIDEST, help: 'width of the output' },
  /** Classes of a conditional network; 0 for an unconditional one. */
  classes: { kind: 'number', whole: true, least: 0, most: WIDEST, help: 'classes that it is given' },
  timed: { kind: 'flag', usual: true, optional: true, help: 'whether it is given the time' },
  /** A network whose outputs feed another takes 1; 0 begins training from the constant 0, not from a random field. */
  outputGain: {
    ...{ kind: 'number', usual: 0, least: 0, most: 10, optional: true },
    help: 'first size of the output layer, as a share of PyTorch’s',
  },
} as const satisfies Description;

/** All of a network's config. */
export const MLP_DESCRIPTION = { ...NETWORK_SETTINGS, ...NETWORK_SHAPE };

/** A network: its settings, and its shape. */
export interface MlpConfig extends SettingsOf<typeof MLP_DESCRIPTION> {}

export const STANDARD_MLP: Omit<MlpConfig, 'dim' | 'outputs' | 'classes'> = usualOf(NETWORK_SETTINGS);

/** @throws TributaryError('bad-input') naming the first size that makes no sense */
export function checkMlpConfig(config: MlpConfig): void {
  const { activation, blocks } = checkSettings('network', MLP_DESCRIPTION, config);
  if (activation === 'selu' && blocks < 1) badInput('a SELU network has blocks 0; it needs a hidden layer');
}

/** How many columns the network's first layer sees: point, its features, time, its features, label. */
export function inputWidth(config: MlpConfig): number {
  const { dim, pointFrequencies, timed = true, timeFrequencies, classes, labelWidth } = config;
  const time = timed ? 1 + 2 * timeFrequencies : 0;
  return dim + 2 * pointFrequencies + time + (classes > 0 ? labelWidth : 0);
}

/** Fixed, untrained arrays of a network, stored with it: `point.frequency` and `time.frequency`. */
export function mlpConstants(config: MlpConfig, seed: number, stream: number): Map<string, ParameterSpec> {
  const { dim, pointFrequencies, pointFrequencyScale, timed = true, timeFrequencies } = config;
  const random = new CounterRandom(seed, STREAM.initialisation, stream);
  const constants = new Map<string, ParameterSpec>();
  if (pointFrequencies > 0) {
    const initial = Float64Array.from({ length: pointFrequencies * dim }, (_, i) =>
      Math.fround(pointFrequencyScale * random.normal(i)),
    );
    constants.set('point.frequency', { name: 'point.frequency', shape: [pointFrequencies, dim], initial });
  }
  if (timed && timeFrequencies > 0) {
    const initial = Float64Array.from({ length: timeFrequencies }, (_, k) => (k + 1) / 2);
    constants.set('time.frequency', { name: 'time.frequency', shape: [timeFrequencies, 1], initial });
  }
  return constants;
}

/**
 * Names, shapes and first values of the trained parameters. Linear layers start as PyTorch's do, uniform on
 * ±1/√inputs; the label table starts standard normal. A SwiGLU network's output layer starts at zero, so that
 * training begins from the constant 0; a SELU network is PyTorch's to the last
 * layer, `layers.0` to `layers.blocks`.
 * @param stream tells networks of one model apart
 */
export function mlpParameters(config: MlpConfig, seed: number, stream: number): ParameterSpec[] {
  checkMlpConfig(config);
  const specs: ParameterSpec[] = [];
  const random = new CounterRandom(seed, STREAM.initialisation, 1000 + stream);
  let used = 0;
  const uniform = (count: number, bound: number) => {
    const first = used;
    used += Math.ceil(count / 4) * 4;
    return Float64Array.from({ length: count }, (_, i) => bound * (2 * random.uniform(first + i) - 1));
  };
  const layer = (name: string, inputs: number, outputs: number, gain = 1) => {
    const bound = gain / Math.sqrt(inputs);
    specs.push({
      name: `${name}.weight`,
      shape: [outputs, inputs],
      initial: uniform(outputs * inputs, bound),
    });
    specs.push({ name: `${name}.bias`, shape: [outputs], initial: uniform(outputs, bound) });
  };
  if (config.classes > 0) {
    // One row more than there are classes: the last means "no label".
    const shape = [config.classes + 1, config.labelWidth];
    const normals = new CounterRandom(seed, STREAM.initialisation, 2000 + stream);
    const initial = Float64Array.from({ length: elements(shape) }, (_, i) => normals.normal(i));
    specs.push({ name: 'label.weight', shape, initial });
  }
  if (config.activation === 'selu') {
    for (let k = 0; k <= config.blocks; k++) {
      const inputs = k === 0 ? inputWidth(config) : config.hidden;
      layer(`layers.${k}`, inputs, k < config.blocks ? config.hidden : config.outputs);
    }
    return specs;
  }
  layer('input', inputWidth(config), config.hidden);
  for (let k = 0; k < config.blocks; k++) {
    layer(`blocks.${k}.gate`, config.hidden, config.inner);
    layer(`blocks.${k}.up`, config.hidden, config.inner);
    layer(`blocks.${k}.down`, config.inner, config.hidden);
  }
  layer('output', config.hidden, config.outputs, config.outputGain ?? 0);
  return specs;
}

/** A network on the device: its shape and its constants; parameters come with each use. */
export class Mlp {
  private readonly constants = new Map<string, DeviceArray>();

  /**
   * @param prefix of the parameters' names in their store, `velocity.` for one
   * @param constants values of {@link mlpConstants}, or as loaded
   */
  constructor(
    private readonly engine: Backend,
    readonly config: MlpConfig,
    private readonly prefix: string,
    constants: ReadonlyMap<string, ArrayLike<number>>,
  ) {
    for (const [name, values] of constants) {
      const array = engine.allocate(values.length, `${prefix}${name}`);
      engine.write(array, values);
      this.constants.set(name, array);
    }
  }

  /** Outputs of the widest layer. */
  get widest(): number {
    const { hidden, inner, outputs } = this.config;
    return Math.max(hidden, inner, outputs);
  }

  get constantNames(): string[] {
    return [...this.constants.keys()];
  }

  /** A constant's array, null when the network has none of that name. */
  constant(name: string): DeviceArray | null {
    return this.constants.get(name) ?? null;
  }

  /**
   * All of the network's parameters as one array, as `fused_sampler` reads them; null for a source that has them
   * anywhere but one behind the other in one array, and for a SELU network
   * or one without time, which that kernel does not know.
   */
  flat(parameters: ParameterSource): DeviceArray | null {
    const { activation, timed = true, outputGain: _, ...sizes } = this.config;
    if (activation === 'selu' || !timed) return null;
    const layout = networkLayout(sizes);
    const placed: [string, number][] = layout.label ? [['label.weight', layout.label.at]] : [];
    const add = (name: string, { weight, bias }: { weight: { at: number }; bias: { at: number } }) =>
      placed.push([`${name}.weight`, weight.at], [`${name}.bias`, bias.at]);
    add('input', layout.input);
    layout.blocks.forEach(({ gate, up, down }, k) => {
      add(`blocks.${k}.gate`, gate);
      add(`blocks.${k}.up`, up);
      add(`blocks.${k}.down`, down);
    });
    add('output', layout.output);
    const values = placed.map(([name]) => parameters.get(`${this.prefix}${name}`).value);
    const { storage, offset } = values[0];
    const inPlace = values.every(
      (value, i) => value.storage === storage && value.offset === offset + placed[i][1],
    );
    if (!inPlace || offset + layout.length > storage.length) return null;
    return new DeviceArray(storage, offset, layout.length);
  }

  setConstant(name: string, values: ArrayLike<number>): void {
    const array = this.constants.get(name);
    if (array === undefined) throw new Error(`this network has no ${name}`);
    this.engine.write(array, values);
  }

  /**
   * Records f(x, t, label).
   * @param parameters the network's own, or a view of their average
   * @param x [rows, dim]
   * @param t [rows, 1]; null for a network that is given no time
   * @param label [rows], below classes + 1; only for a conditional network
   * @param into where to put the result; temporary memory if not given
   * @returns [rows, outputs]
   */
  forward(
    tape: Tape,
    parameters: ParameterSource,
    x: Tensor,
    t: Tensor | null,
    label: DeviceArray | null,
    into?: DeviceArray,
  ): Tensor {
    const { config } = this;
    const layer = (name: string): LinearLayer => ({
      weight: parameters.get(`${this.prefix}${name}.weight`),
      bias: parameters.get(`${this.prefix}${name}.bias`),
    });
    const table = config.classes > 0 ? parameters.get(`${this.prefix}label.weight`) : null;
    const needsGradient =
      x.needsGradient || (t?.needsGradient ?? false) || (table !== null && table.gradient !== null);
    const input = tape.result(x.rows, inputWidth(config), 'input', needsGradient);
    const point = { array: this.constants.get('point.frequency') ?? null, count: config.pointFrequencies };
    const time = { array: this.constants.get('time.frequency') ?? null, count: config.timeFrequencies };
    let column = writeFourierFeatures(tape, x, point, input, 0);
    if (config.timed ?? true) {
      if (t === null) throw new Error(`${this.prefix}: a network that is given the time needs one`);
      column = writeFourierFeatures(tape, t, time, input, column);
    }
    if (table !== null) {
      if (label === null) throw new Error('a conditional network needs labels');
      writeEmbedding(tape, label, table, input, column);
    }
    if (config.activation === 'selu') {
      let values = input;
      for (let k = 0; k < config.blocks; k++) values = selu(tape, linear(tape, values, layer(`layers.${k}`)));
      return linear(tape, values, layer(`layers.${config.blocks}`), { into });
    }
    let h = linear(tape, input, layer('input'));
    for (let k = 0; k < config.blocks; k++) {
      const gate = linear(tape, h, layer(`blocks.${k}.gate`));
      const up = linear(tape, h, layer(`blocks.${k}.up`));
      h = linear(tape, swiglu(tape, gate, up), layer(`blocks.${k}.down`), { residual: h });
    }
    return linear(tape, h, layer('output'), { into });
  }

  destroy(): void {
    for (const array of this.constants.values()) this.engine.free(array);
  }
}
