import type { Backend } from '../../src/backend/backend.js';
import { solverUpdate } from '../../src/backend/contracts/solver.js';
import type { DeviceArray } from '../../src/backend/kernel.js';
import type { Trace } from '../../src/backend/trace.js';
import type { Head } from '../../src/interpolant/heads.js';
import { alike, Model } from '../../src/model/model.js';
import type { RecordField } from '../../src/nn/jvp.js';
import type { MlpConfig } from '../../src/nn/mlp.js';
import { elements } from '../../src/nn/parameters.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { upload } from '../backend/run.js';

/** A small network's shape. */
export const SMALL: MlpConfig = {
  dim: 2,
  outputs: 2,
  hidden: 11,
  inner: 13,
  blocks: 2,
  pointFrequencies: 3,
  pointFrequencyScale: 0.3,
  timeFrequencies: 2,
  classes: 0,
  labelWidth: 4,
};

/**
 * A velocity network of random parameters. The output layer, which starts at zero, is drawn like the others, so
 * that the field is one.
 */
export function randomModel(
  engine: Backend,
  config: Partial<MlpConfig> = {},
  seed = 3,
  gain = 1,
  heads: readonly Head[] = ['velocity'],
): Model {
  const model = new Model(engine, alike(heads, { ...SMALL, ...config }), seed, false);
  const random = new CounterRandom(seed, STREAM.test, 77);
  // A SELU network is random to its last layer already.
  if (model.network.activation === 'selu') return model;
  // The last layer: behind a bottleneck it has another name.
  const last = model.parameters.filter(({ name }) => name.endsWith('.weight')).at(-1)?.name ?? '';
  const { shape } = model.store.get(last);
  const values = Float64Array.from({ length: elements(shape) }, (_, i) =>
    Math.fround((gain * random.normal(i)) / Math.sqrt(shape[1])),
  );
  const layer = last.slice(last.indexOf('.'));
  for (const head of heads) engine.write(model.store.get(`${head}${layer}`).value, values);
  // Gains that differ, and from 1.
  for (const { name, value } of model.store.parameters)
    if (/norm\.weight$/.test(name))
      engine.write(
        value,
        Float64Array.from({ length: value.length }, (_, i) => 1 + 0.3 * Math.sin(i + 1)),
      );
  return model;
}

/** The velocity at given times and labels, to be recorded at points. */
export function velocityField(model: Model, t: DeviceArray, label: DeviceArray | null = null): RecordField {
  return (tape, x) => model.net('velocity').forward(tape, model.store, x, tape.constant(t, x.rows, 1), label);
}

export const normals = (n: number, step = 0, scale = 1): Float64Array => {
  const random = new CounterRandom(12, STREAM.test, step);
  return Float64Array.from({ length: n }, (_, i) => Math.fround(scale * random.normal(i)));
};

/** An array that outlives the plan, and what copies a temporary into it. */
export function keep(backend: Backend, trace: Trace, length: number) {
  const array = backend.allocate(length, 'kept');
  const clock = backend.allocate(4, 'clock', 'u32');
  const table = upload(backend, 'table', Float64Array.of(0, 1, 0, 0, 0, 0, 0));
  return {
    array,
    copy: (from: DeviceArray) =>
      trace.call(
        solverUpdate,
        { clock, table, x: from, k1: from, k2: from, k3: from, k4: from, y: array },
        { seedLow: 0, seedHigh: 0, stream: 0, n: length, dim: 1, stride: 7, column: 0, accumulate: 0 },
      ),
  };
}
