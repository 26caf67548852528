import { TributaryError } from '../errors.js';
import {
  decodeMetadata,
  decodeSafetensors,
  encodeSafetensors,
  type StoredTensor,
} from '../formats/safetensors.js';
import { FITTED, type Fitted } from '../model/fitted.js';
import type { Model, ModelTensors } from '../model/model.js';
import type { RunConfig } from '../model/run_config.js';
import { elements } from '../nn/parameters.js';
import type { Learner, TrainingState } from './learner.js';

/** The parts of a training state, each a prefix of tensor names in `optimizer.safetensors`. */
const PARTS = ['parameters', 'average', 'm', 'v'] as const;

type Tensors = ReadonlyMap<string, ArrayLike<number>>;

function stored(name: string, shape: readonly number[], values: ArrayLike<number>) {
  const data = values instanceof Float64Array ? values : Float32Array.from(values);
  return { name, dtype: data instanceof Float64Array ? 'F64' : 'F32', shape, data } as const;
}

const storedFitted = (fitted: Fitted | undefined) =>
  [...(fitted ?? [])].map(([name, { shape, values }]) => stored(`${FITTED}${name}`, shape, values));

/**
 * What sampling needs: the averaged parameters under their own names (`velocity.blocks.0.gate.weight`,
 * [outputs, inputs] as in PyTorch), and the fixed frequencies of the features.
 * @param config kept in the file's metadata, so that the file can travel alone
 */
export function encodeModel(model: ModelTensors, state: TrainingState, config?: RunConfig): Uint8Array {
  const tensors = model.parameters.map(({ name, shape }) =>
    stored(name, shape, state.average.get(name) as ArrayLike<number>),
  );
  for (const [name, { shape, values }] of model.constants) {
    tensors.push(stored(name, shape, Float32Array.from(values)));
  }
  const own = config === undefined ? {} : { config: JSON.stringify(config) };
  return encodeSafetensors([...tensors, ...storedFitted(state.fitted)], {
    format: 'tributary',
    step: String(state.step),
    ...own,
  });
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
  return encodeSafetensors([...tensors, ...storedFitted(state.fitted)], {
    ...{ format: 'tributary', step: String(state.step) },
    ...notes,
  });
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
  if (state.fitted && !model.fits)
    throw new TributaryError(
      'bad-checkpoint',
      `${file} is not a checkpoint of this run: its family fits no numbers, and it holds some`,
    );
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

/** What has been fitted, of all tensors of a file. */
const fittedOf = (tensors: ReadonlyMap<string, StoredTensor>, file: string): Fitted =>
  new Map(
    [...tensors]
      .filter(([name]) => name.startsWith(FITTED))
      .map(([name, tensor]) => {
        const values = Float64Array.from(numbers(tensor, name, file));
        return [name.slice(FITTED.length), { shape: tensor.shape, values }];
      }),
  );

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
  const fitted = fittedOf(tensors, file);
  for (const [name, tensor] of tensors) {
    if (name.startsWith(FITTED)) continue;
    const part = PARTS.find((prefix) => name.startsWith(`${prefix}.`));
    if (part === undefined) throw new TributaryError('bad-checkpoint', `${file}: unexpected tensor ${name}`);
    parts[part].set(name.slice(part.length + 1), numbers(tensor, name, file));
  }
  return {
    step,
    ...(parts as unknown as Record<(typeof PARTS)[number], Tensors>),
    ...(fitted.size > 0 ? { fitted } : {}),
  };
}

/**
 * Loads averaged parameters and constants into a model that was built from the run's config.
 * @throws TributaryError('bad-checkpoint') when a tensor is missing, superfluous or of another shape
 */
export function loadTensors(model: Model, bytes: Uint8Array, file: string): void {
  const { tensors } = decodeSafetensors(bytes, file);
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
    if (!expected.has(name) && !(model.fits && name.startsWith(FITTED)))
      throw new TributaryError('bad-checkpoint', `${file}: unexpected tensor ${name}`);
  }
  model.load(values);
  model.fitted = fittedOf(tensors, file);
}

/**
 * Lets a trainer go on from a model's file: parameters and their average; the optimiser's moments begin at 0.
 * @param bytes safetensors as {@link encodeModel} writes them
 * @param file what they are called in errors
 * @param step the steps that the trainer counts as done
 * @throws TributaryError('bad-checkpoint') when the tensors are not those of the trainer's network
 */
export async function restoreModel(
  trainer: Learner,
  bytes: Uint8Array,
  file: string,
  step: number,
): Promise<void> {
  const { tensors } = decodeSafetensors(bytes, file);
  const values = new Map([...tensors].map(([name, { data }]) => [name, data as ArrayLike<number>]));
  const fitted = fittedOf(tensors, file);
  const zeros = new Map(
    trainer.model.store.parameters.map(({ name, shape }) => [
      name,
      new Float32Array(shape.reduce((product, length) => product * length, 1)),
    ]),
  );
  trainer.restore({ step, parameters: values, average: values, m: zeros, v: zeros, fitted });
}
