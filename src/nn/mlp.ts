import type { Backend } from '../backend/backend.js';
import { networkLayout } from '../backend/contracts/fused.js';
import { DeviceArray } from '../backend/kernel.js';
import { badInput } from '../errors.js';
import { CounterRandom, STREAM } from '../random/random.js';
import { checkSettings, type Description, type SettingsOf, usualOf } from '../settings.js';
import { selu, swiglu } from './ops/activation.js';
import { writeEmbedding, writeFourierFeatures } from './ops/features.js';
import { type LinearLayer, linear } from './ops/linear.js';
import { columnScale, rmsNorm } from './ops/norm.js';
import type { ParameterSource, ParameterSpec } from './parameters.js';
import type { Tape, Tensor } from './tape.js';

/** What a network is made of. */
export const ACTIVATIONS = ['swiglu', 'selu'] as const;

/** What may stand before a block. */
export const NORMS = ['none', 'rms'] as const;

/** Far more than fits anywhere. */
const WIDEST = 2 ** 24;

/**
 * The backbone of every family: a residual MLP of SwiGLU blocks (Shazeer, arXiv 2002.05202), or the plain MLP with
 * SELU (Klambauer et al., arXiv 1706.02515) that published tables of toys use. What may be chosen of it; the defaults
 * are the standard network of the project in 2-D, `3 → 128 → 2 blocks × (128 → 2·256 → 128) → 2` plus features.
 *
 * A SwiGLU is quadratic in what comes in: blocks in a row raise a scale to the power 2, 4, 8 … With `norm` rms what a
 * block sees is divided by its root mean square and multiplied by a learned gain (Zhang & Sennrich, arXiv 1910.07467,
 * ε = 1e-6 under the root), before the block and not after it (Xiong et al., arXiv 2002.04745), so that the residual
 * stream itself stays linear: at a scale that was never trained the outputs grow no faster than the inputs.
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
  norm: {
    ...{ kind: 'choice', usual: 'none', names: NORMS, optional: true },
    help: 'what SwiGLU blocks see: the stream as it is, or each row by its root mean square',
  },
  /**
   * For points of many coordinates: a learned linear map to so few before anything else, and the outputs by so few, which
   * bounds their rank. An end that is no wider stays as it is.
   */
  bottleneck: {
    ...{ kind: 'number', usual: 0, whole: true, least: 0, most: WIDEST, zero: 'none', optional: true },
    help: 'columns that points and outputs are narrowed to, linearly',
  },
  /** Random Fourier features of the (narrowed) point: how many, and the standard deviation of their frequencies. */
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

// What is off is left out: configs are then those of versions that did not have it.
const { norm: _, bottleneck: __, ...standard } = usualOf(NETWORK_SETTINGS);

export const STANDARD_MLP: Omit<MlpConfig, keyof typeof NETWORK_SHAPE | 'norm' | 'bottleneck'> = standard;

/** @throws TributaryError('bad-input') naming the first size that makes no sense */
export function checkMlpConfig(config: MlpConfig): void {
  const { activation, blocks, norm } = checkSettings('network', MLP_DESCRIPTION, config);
  if (activation === 'selu' && blocks < 1) badInput('a SELU network has blocks 0; it needs a hidden layer');
  if (activation === 'selu' && norm === 'rms')
    badInput(
      'network norm rms stands before SwiGLU blocks; SELU layers keep their scale themselves: norm none',
    );
}

/** Where a bottleneck stands: before a wider point, and after a hidden layer between which and the outputs it is the least. */
export function narrowOf({ dim, outputs, hidden, bottleneck = 0 }: MlpConfig): {
  readonly point: boolean;
  readonly output: boolean;
} {
  return {
    point: bottleneck > 0 && bottleneck < dim,
    output: bottleneck > 0 && bottleneck < Math.min(hidden, outputs),
  };
}

/** Coordinates of a point as the features and the first layer see it. */
const pointWidth = (config: MlpConfig): number =>
  narrowOf(config).point ? (config.bottleneck ?? 0) : config.dim;

/** How many columns the network's first layer sees: point, its features, time, its features, label. */
export function inputWidth(config: MlpConfig): number {
  const { pointFrequencies, timed = true, timeFrequencies, classes, labelWidth } = config;
  const time = timed ? 1 + 2 * timeFrequencies : 0;
  return pointWidth(config) + 2 * pointFrequencies + time + (classes > 0 ? labelWidth : 0);
}

/** Fixed, untrained arrays of a network, stored with it: `point.frequency` and `time.frequency`. */
export function mlpConstants(config: MlpConfig, seed: number, stream: number): Map<string, ParameterSpec> {
  const { pointFrequencies, pointFrequencyScale, timed = true, timeFrequencies } = config;
  const dim = pointWidth(config);
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

/** What of a network the kernel `fused_sampler` does not know; null where it knows it all. */
export function unknownToFused(config: MlpConfig): string | null {
  const { activation, timed = true, norm } = config;
  const narrow = narrowOf(config);
  if (activation === 'selu') return 'SELU layers';
  if (!timed) return 'networks without time';
  if (norm === 'rms') return 'blocks behind a norm';
  if (narrow.point || narrow.output) return 'ends behind a bottleneck';
  return null;
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
    const { hidden, inner, outputs, bottleneck = 0 } = this.config;
    return Math.max(hidden, inner, outputs, bottleneck);
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
   * anywhere but one behind the other in one array, and for a network that {@link unknownToFused}.
   */
  flat(parameters: ParameterSource): DeviceArray | null {
    if (unknownToFused(this.config) !== null) return null;
    const { dim, hidden, inner, blocks, pointFrequencies, timeFrequencies, classes, labelWidth } =
      this.config;
    const layout = networkLayout({
      ...{ dim, hidden, inner, blocks, pointFrequencies, timeFrequencies, classes, labelWidth },
    });
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
    const narrow = narrowOf(config);
    const point = narrow.point ? linear(tape, x, layer('narrow')) : x;
    const needsGradient =
      point.needsGradient || (t?.needsGradient ?? false) || (table !== null && table.gradient !== null);
    const input = tape.result(x.rows, inputWidth(config), 'input', needsGradient);
    const place = { array: this.constants.get('point.frequency') ?? null, count: config.pointFrequencies };
    const time = { array: this.constants.get('time.frequency') ?? null, count: config.timeFrequencies };
    let column = writeFourierFeatures(tape, point, place, input, 0);
    if (config.timed ?? true) {
      if (t === null) throw new Error(`${this.prefix}: a network that is given the time needs one`);
      column = writeFourierFeatures(tape, t, time, input, column);
    }
    if (table !== null) {
      if (label === null) throw new Error('a conditional network needs labels');
      writeEmbedding(tape, label, table, input, column);
    }
    const last = narrow.output ? {} : { into };
    const output = this.backbone(tape, parameters, input, layer, last);
    return narrow.output ? linear(tape, output, layer('widen'), { into }) : output;
  }

  /** What stands between the ends: all layers but those of a bottleneck. */
  private backbone(
    tape: Tape,
    parameters: ParameterSource,
    input: Tensor,
    layer: (name: string) => LinearLayer,
    last: { into?: DeviceArray | undefined },
  ): Tensor {
    const { activation, blocks, norm } = this.config;
    if (activation === 'selu') {
      let values = input;
      for (let k = 0; k < blocks; k++) values = selu(tape, linear(tape, values, layer(`layers.${k}`)));
      return linear(tape, values, layer(`layers.${blocks}`), last);
    }
    let h = linear(tape, input, layer('input'));
    for (let k = 0; k < blocks; k++) {
      const seen = norm === 'rms' ? this.normalised(tape, parameters, h, `blocks.${k}.norm.weight`) : h;
      const gate = linear(tape, seen, layer(`blocks.${k}.gate`));
      const up = linear(tape, seen, layer(`blocks.${k}.up`));
      h = linear(tape, swiglu(tape, gate, up), layer(`blocks.${k}.down`), { residual: h });
    }
    return linear(tape, h, layer('output'), last);
  }

  private normalised(tape: Tape, parameters: ParameterSource, h: Tensor, gain: string): Tensor {
    return columnScale(tape, rmsNorm(tape, h), tape.parameter(parameters.get(`${this.prefix}${gain}`)));
  }

  destroy(): void {
    for (const array of this.constants.values()) this.engine.free(array);
  }
}
