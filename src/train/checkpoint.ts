import { badInput, TributaryError } from '../errors.js';
import type { Model, ModelTensors } from '../families/model.js';
import {
  decodeMetadata,
  decodeSafetensors,
  encodeSafetensors,
  type StoredTensor,
} from '../formats/safetensors.js';
import { elements } from '../nn/parameters.js';
import { checkedFrom } from '../settings.js';
import { checkRunConfig, conditionsOf, type RunConfig } from './config.js';
import { sampledConfig } from './rounds.js';
import type { Trainer, TrainingState } from './trainer.js';

/** The parts of a training state, each a prefix of tensor names in `optimizer.safetensors`. */
const PARTS = ['parameters', 'average', 'm', 'v'] as const;

type Tensors = ReadonlyMap<string, ArrayLike<number>>;

function stored(name: string, shape: readonly number[], values: ArrayLike<number>) {
  const data = values instanceof Float64Array ? values : Float32Array.from(values);
  return { name, dtype: data instanceof Float64Array ? 'F64' : 'F32', shape, data } as const;
}

/**
 * What sampling needs: the averaged parameters under their own names (`velocity.blocks.0.gate.weight`,
 * [outputs, inputs] as in PyTorch), and the fixed frequencies of the features.
 * @param config kept in the file's metadata, so that the file can travel alone: `modelConfig` reads it
 */
export function encodeModel(model: ModelTensors, state: TrainingState, config?: RunConfig): Uint8Array {
  const tensors = model.parameters.map(({ name, shape }) =>
    stored(name, shape, state.average.get(name) as ArrayLike<number>),
  );
  for (const [name, { shape, values }] of model.constants) {
    tensors.push(stored(name, shape, Float32Array.from(values)));
  }
  const own = config === undefined ? {} : { config: JSON.stringify(config) };
  return encodeSafetensors(tensors, { format: 'tributary', step: String(state.step), ...own });
}

/**
 * A run's config from text.
 * @param origin what to call the text in an error
 * @throws TributaryError('bad-input') when it is not one, with the first thing that is wrong
 */
export function parseRunConfig(text: string, origin: string): RunConfig {
  let config: RunConfig;
  try {
    config = JSON.parse(text) as RunConfig;
  } catch (error) {
    badInput(`${origin} is not JSON: ${(error as Error).message}`);
  }
  checkedFrom(origin, () => checkRunConfig(config));
  return config;
}

/**
 * The config that a model's file carries: with it the file alone rebuilds the model. Its times are those that the
 * model was trained at; one that was distilled knows t = 0 alone.
 * @param file its name, for messages
 * @throws TributaryError('bad-checkpoint') when the bytes are no safetensors file, or carry no config;
 *   TributaryError('bad-input') when the config makes no sense
 */
export function modelConfig(bytes: Uint8Array, file: string): RunConfig {
  const text = decodeSafetensors(bytes, file).metadata.get('config');
  if (text === undefined) {
    throw new TributaryError(
      'bad-checkpoint',
      `${file} carries no config; give the folder of its run, with config.json in it`,
    );
  }
  return sampledConfig(parseRunConfig(text, `the config in ${file}`), trainingStateHead(bytes, file).step);
}

/**
 * Everything needed to go on to the bit: parameters, their average, both moments, and the step.
 * @param notes further metadata, for {@link trainingStateHead} to find again
 */
export function encodeTrainingState(
  model: ModelTensors,
  state: TrainingState,
  notes: Readonly<Record<string, string>> = {},
): Uint8Array {
  const tensors = PARTS.flatMap((part) =>
    model.parameters.map(({ name, shape }) =>
      stored(`${part}.${name}`, shape, state[part].get(name) as ArrayLike<number>),
    ),
  );
  return encodeSafetensors(tensors, { format: 'tributary', step: String(state.step), ...notes });
}

function stepOf(metadata: ReadonlyMap<string, string>, file: string): number {
  const step = Number(metadata.get('step'));
  if (metadata.get('format') !== 'tributary' || !Number.isSafeInteger(step) || step < 0) {
    throw new TributaryError('bad-checkpoint', `${file} is not a training state of Tributary`);
  }
  return step;
}

/**
 * The step of a training state or of a model, and what else is noted in it, without its numbers.
 * @param file its name, for messages
 * @throws TributaryError('bad-checkpoint') for anything that does not begin as such a file
 */
export function trainingStateHead(
  bytes: Uint8Array,
  file: string,
): { readonly step: number; readonly notes: ReadonlyMap<string, string> } {
  const notes = decodeMetadata(bytes, file);
  return { step: stepOf(notes, file), notes };
}

/**
 * Whether a state is one of this model's.
 * @param file its name, for messages
 * @throws TributaryError('bad-checkpoint') naming a tensor that is missing or of another size
 */
export function checkTrainingState(model: ModelTensors, state: TrainingState, file: string): void {
  for (const part of PARTS) {
    for (const { name, shape } of model.parameters) {
      const found = state[part].get(name)?.length;
      if (found === elements(shape)) continue;
      const what = found === undefined ? 'is missing' : `has ${found} elements`;
      throw new TributaryError(
        'bad-checkpoint',
        `${file} is not a checkpoint of this run: tensor ${part}.${name} ${what}, the config says [${shape.join(', ')}]`,
      );
    }
  }
}

function numbers(tensor: StoredTensor, name: string, file: string): ArrayLike<number> {
  if (tensor.dtype !== 'F32' && tensor.dtype !== 'F64') {
    throw new TributaryError(
      'bad-checkpoint',
      `${file}: tensor ${name} is ${tensor.dtype}; it must be F32 or F64`,
    );
  }
  const data = tensor.data as Float32Array | Float64Array;
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new TributaryError('bad-checkpoint', `${file}: tensor ${name} holds ${data[bad]} at ${bad}`);
  }
  return data;
}

/**
 * @param file its name, for messages
 * @throws TributaryError('bad-checkpoint') for anything that is not such a file
 */
export function decodeTrainingState(bytes: Uint8Array, file: string): TrainingState {
  const { tensors, metadata } = decodeSafetensors(bytes, file);
  const step = stepOf(metadata, file);
  const parts = Object.fromEntries(PARTS.map((part) => [part, new Map<string, ArrayLike<number>>()]));
  for (const [name, tensor] of tensors) {
    const part = PARTS.find((prefix) => name.startsWith(`${prefix}.`));
    if (part === undefined) throw new TributaryError('bad-checkpoint', `${file}: unexpected tensor ${name}`);
    parts[part].set(name.slice(part.length + 1), numbers(tensor, name, file));
  }
  return { step, ...(parts as unknown as Record<(typeof PARTS)[number], Tensors>) };
}

/**
 * Loads averaged parameters and constants into a model that was built from the run's config, and which labels they were
 * trained with, where the file carries its config.
 * @throws TributaryError('bad-checkpoint') when a tensor is missing, superfluous or of another shape
 */
export function loadModel(model: Model, bytes: Uint8Array, file: string): void {
  const { tensors, metadata } = decodeSafetensors(bytes, file);
  const expected = new Map<string, readonly number[]>();
  for (const { name, shape } of model.store.parameters) expected.set(name, shape);
  for (const [name, { shape }] of model.constants) expected.set(name, shape);
  const values = new Map<string, ArrayLike<number>>();
  for (const [name, shape] of expected) {
    const tensor = tensors.get(name);
    if (tensor === undefined)
      throw new TributaryError('bad-checkpoint', `${file}: tensor ${name} is missing`);
    if (tensor.shape.join() !== shape.join()) {
      throw new TributaryError(
        'bad-checkpoint',
        `${file}: tensor ${name} is [${tensor.shape.join(', ')}], the config says [${shape.join(', ')}]`,
      );
    }
    values.set(name, numbers(tensor, name, file));
  }
  for (const name of tensors.keys()) {
    if (!expected.has(name)) throw new TributaryError('bad-checkpoint', `${file}: unexpected tensor ${name}`);
  }
  model.load(values);
  const config = metadata.get('config');
  if (config !== undefined) model.conditions = conditionsOf(parseRunConfig(config, `the config in ${file}`));
}

/**
 * Lets a trainer go on from a model's file: parameters and their average; the optimiser's moments begin at 0.
 * @param bytes safetensors as {@link encodeModel} writes them
 * @param file what they are called in errors
 * @param step the steps that the trainer counts as done
 * @throws TributaryError('bad-checkpoint') when the tensors are not those of the trainer's network
 */
export async function restoreModel(
  trainer: Trainer,
  bytes: Uint8Array,
  file: string,
  step: number,
): Promise<void> {
  const { tensors } = decodeSafetensors(bytes, file);
  const values = new Map([...tensors].map(([name, { data }]) => [name, data as ArrayLike<number>]));
  const zeros = new Map(
    trainer.model.store.parameters.map(({ name, shape }) => [
      name,
      new Float32Array(shape.reduce((product, length) => product * length, 1)),
    ]),
  );
  trainer.restore({ step, parameters: values, average: values, m: zeros, v: zeros });
}
