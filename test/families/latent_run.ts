/** Small models with latents: trained, or with weights set by hand, and what their networks say. */
import type { Backend } from '../../src/backend/backend.js';
import { combine } from '../../src/backend/contracts/combine.js';
import { Trace } from '../../src/backend/trace.js';
import { datasetFromPoints } from '../../src/data/dataset.js';
import type { LatentSettings } from '../../src/families/latent/family.js';
import type { Recorder } from '../../src/families/latent/latent_model.js';
import { modelShapeOf } from '../../src/families/shape.js';
import { modelTensors } from '../../src/model/model.js';
import type { RunConfig } from '../../src/model/run_config.js';
import type { ParameterSpec } from '../../src/nn/parameters.js';
import { Tape, type Tensor } from '../../src/nn/tape.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { createTrainer } from '../../src/run/create_trainer.js';
import { type RunOptions, runConfig } from '../../src/run/defaults.js';
import { openModel, type TrainedModel } from '../../src/run/trained.js';
import { encodeModel } from '../../src/train/checkpoint.js';

/** A network without a hidden layer's bend: linear from end to end. */
export const LINEAR = { hidden: 8, inner: 8, blocks: 0, pointFrequencies: 0 } as const;

export const mean = (values: ArrayLike<number>) =>
  Array.from(values).reduce((a, b) => a + b, 0) / values.length;

/** Points along a bent line in the plane, with noise. */
export function bentPoints(rows = 600): Float64Array {
  const random = new CounterRandom(12, STREAM.test);
  return Float64Array.from({ length: 2 * rows }, (_, i) => {
    const t = 2 * random.uniform(i >> 1) - 1;
    return (i % 2 === 0 ? 2 * t : 2 * t * t - 1) + 0.2 * random.normal(2000 + i);
  });
}

/** A run on points in their own units. */
export const configOf = <S extends LatentSettings = LatentSettings>(
  family: string,
  rows: number,
  dim: number,
  options: Omit<Partial<RunOptions<S>>, 'family' | 'data' | 'transform'>,
): RunConfig<S> =>
  runConfig<S>({
    family,
    data: { name: 'own', rows, dim, ambient: 0, classes: 0, digest: '' },
    transform: { offset: new Array<number>(dim).fill(0), scale: 1 },
    batch: 256,
    seed: 3,
    ...options,
  });

export async function trained(
  engine: Backend,
  family: string,
  points: Float64Array,
  dim: number,
  settings: Partial<LatentSettings>,
  run: { readonly steps: number; readonly network?: object },
): Promise<TrainedModel> {
  const dataset = datasetFromPoints('own', points, dim);
  const config = configOf(family, dataset.rows, dim, {
    settings,
    network: { ...LINEAR, ...run.network },
    optimizer: { learningRate: 0.02 },
    steps: run.steps,
  });
  const trainer = await createTrainer(engine, config, dataset);
  await trainer.train(run.steps);
  await trainer.flush();
  const bytes = encodeModel(trainer.model, await trainer.state(), config);
  trainer.destroy();
  return openModel(engine, bytes);
}

/** An affine map, row by row: [outputs, inputs], and what is added. */
export interface Affine {
  readonly weight: readonly (readonly number[])[];
  readonly bias: readonly number[];
}

/** The file of a model whose linear networks are the maps given; all else is as it begins. */
export function handSet<S extends LatentSettings>(
  config: RunConfig<S>,
  maps: Readonly<Record<string, Affine>>,
): Uint8Array {
  const tensors = modelTensors(modelShapeOf(config as unknown as RunConfig), config.seed);
  const parameters: readonly ParameterSpec[] = tensors.parameters;
  const average = new Map<string, Float64Array>(
    parameters.map(({ name, shape, initial }) => {
      const [role] = name.split('.');
      const values = new Float64Array(shape.reduce((a, b) => a * b, 1));
      const map = maps[role];
      if (map === undefined) values.set(initial);
      else if (name.endsWith('input.weight')) for (let j = 0; j < shape[1]; j++) values[j * shape[1] + j] = 1;
      else if (name.endsWith('output.weight'))
        map.weight.forEach((row, i) => {
          values.set(row, i * shape[1]);
        });
      else if (name.endsWith('output.bias')) values.set(map.bias);
      return [name, values];
    }),
  );
  const empty = new Map<string, Float64Array>();
  const state = { step: config.steps, average, parameters: empty, m: empty, v: empty };
  return encodeModel(tensors, state, config as unknown as RunConfig);
}

/** What is recorded of a model's parts at points: [rows, cols] → the numbers of the result. */
export async function evaluated(
  { model }: TrainedModel,
  x: Float64Array,
  cols: number,
  record: (of: Recorder, x: Tensor) => Tensor,
): Promise<Float64Array> {
  const { engine } = model;
  const rows = x.length / cols;
  const arrays = [engine.allocate(x.length, 'points')];
  engine.write(arrays[0], x);
  const tape = new Tape(new Trace());
  const result = record(
    {
      tape,
      net: (role) => (at, _, label) => model.net(role).forward(tape, model.store, at, null, label ?? null),
      parameter: (name) => tape.parameter(model.store.get(name)),
      upload: (values, label, dtype) => {
        const array = engine.allocate(values.length, label, dtype ?? 'float');
        engine.write(array, values);
        arrays.push(array);
        return array;
      },
    },
    tape.constant(arrays[0], rows, cols),
  );
  const length = result.rows * result.cols;
  const out = engine.allocate(length, 'result');
  tape.trace.call(
    combine,
    { x: result.data, z: result.data, y: out },
    { n: length, a: 1, b: 0, c: 0, accumulate: 0 },
  );
  const plan = await engine.compile(tape.trace, 'evaluation');
  await plan.run(1);
  const values = Float64Array.from(await engine.read(out));
  plan.destroy();
  for (const array of [...arrays, out]) engine.free(array);
  return values;
}

/** A network's outputs. */
export const outputs = (model: TrainedModel, role: string, x: Float64Array, cols: number) =>
  evaluated(model, x, cols, (of, at) => of.net(role)(at));

/** ln N(x; mean, variance) */
export const logNormal = (x: number, mean = 0, variance = 1) =>
  -0.5 * (Math.log(2 * Math.PI * variance) + (x - mean) ** 2 / variance);
